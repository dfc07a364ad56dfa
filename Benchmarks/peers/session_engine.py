"""SQLite's session extension: changesets, kept under the name of who made them.

The extension has no merging of its own and no idea of what a peer lacks. What is added here is the
least that makes replicas equal: a log of changesets with a vector over it, and a stamp in front of
each value that a conflict is decided by.
"""

import json
import random

import apsw

from engine import Replica


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


class Bytes:
    """Reads what `varint` and concatenation have written."""

    def __init__(self, content):
        self.content = content
        self.index = 0

    def more(self):
        return self.index < len(self.content)

    def raw(self, count):
        part = self.content[self.index:self.index + count]
        self.index += count
        return part

    def varint(self):
        number = shift = 0
        while True:
            byte = self.raw(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number


class SessionReplica(Replica):
    title = "SQLite session"
    package = "apsw"

    def __init__(self, number):
        super().__init__(number)
        self.name = random.Random(f"session {number}").getrandbits(32).to_bytes(4, "big")
        self.base = apsw.Connection(":memory:")
        self.base.execute("""
            CREATE TABLE record (row TEXT, field TEXT, stamped TEXT, PRIMARY KEY (row, field))
                WITHOUT ROWID;
            CREATE TABLE usage (device INTEGER PRIMARY KEY, amount INTEGER);
            CREATE TABLE log (
                position INTEGER PRIMARY KEY, device BLOB, number INTEGER, changes BLOB);
            CREATE UNIQUE INDEX by_device ON log (device, number);
            """)
        self.latest = 0
        self.watch()

    def watch(self):
        self.session = apsw.Session(self.base, "main")
        self.session.attach("record")
        self.session.attach("usage")

    def stamped(self, value, time):
        self.latest = max(self.latest + 1, time << 8)
        return f"{self.latest:x} {self.name.hex()} {json.dumps(value)}"

    def write(self, row, field, value, time):
        self.base.execute(
            "INSERT INTO record VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET stamped = excluded.stamped",
            (row, field, self.stamped(value, time)))

    def load(self, profiles, allocations, time):
        with self.base:
            for profile, fields in profiles.items():
                for field, value in fields.items():
                    self.write(profile, field, value, time)
            for device, value in allocations.items():
                self.write(device, "", value, time)

    def set(self, profile, field, value, time):
        self.write(profile, field, value, time)

    def allocate(self, device, value, time):
        self.write(device, "", value, time)

    def use(self, amount, time):
        self.base.execute(
            "INSERT INTO usage VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET amount = amount + excluded.amount", (self.number, amount))

    def seal(self):
        """Moves what was written since into the log, as one changeset."""
        changes = self.session.changeset()
        if not changes:
            return
        self.session.close()
        self.base.execute(
            "INSERT INTO log (device, number, changes) VALUES (?1, 1 + (SELECT "
            "coalesce(max(number), 0) FROM log WHERE device = ?1), ?2)", (self.name, changes))
        self.watch()

    def vector(self):
        return dict(self.base.execute("SELECT device, max(number) FROM log GROUP BY device"))

    def request(self):
        self.seal()
        return b"".join(name + varint(number) for name, number in self.vector().items())

    def answer(self, request):
        self.seal()
        theirs, reader = {}, Bytes(request)
        while reader.more():
            name = reader.raw(4)
            theirs[name] = reader.varint()
        parts = []
        for name, number, changes in self.base.execute(
                "SELECT device, number, changes FROM log ORDER BY position"):
            if number > theirs.get(name, 0):
                parts.append(name + varint(number) + varint(len(changes)) + changes)
        return b"".join(parts)

    def take(self, answer):
        self.seal()
        self.session.close()
        ours, reader = self.vector(), Bytes(answer)
        with self.base:
            while reader.more():
                name, number = reader.raw(4), reader.varint()
                changes = reader.raw(reader.varint())
                if number <= ours.get(name, 0):
                    continue
                apsw.Changeset.apply(changes, self.base, conflict=self.decide)
                self.base.execute(
                    "INSERT INTO log (device, number, changes) VALUES (?, ?, ?)",
                    (name, number, changes))
        self.watch()

    def decide(self, reason, change):
        """The later stamp stays; of equal ones that of the greater name. Sums only grow."""
        if reason not in (apsw.SQLITE_CHANGESET_DATA, apsw.SQLITE_CHANGESET_CONFLICT):
            return apsw.SQLITE_CHANGESET_ABORT
        if change.name == "usage":
            wins = change.new[1] > change.conflict[1]
        else:
            wins = self.rank(change.new[2]) > self.rank(change.conflict[2])
        return apsw.SQLITE_CHANGESET_REPLACE if wins else apsw.SQLITE_CHANGESET_OMIT

    def rank(self, stamped):
        stamp, name, _ = stamped.split(" ", 2)
        self.latest = max(self.latest, int(stamp, 16))
        return int(stamp, 16), name

    def push(self, write):
        before = self.request()
        write()
        return self.answer(before)

    def is_empty(self):
        self.seal()
        return not self.vector()

    def bootstraps(self):
        """The state alone, as what changes an empty database into it, with the vector."""
        vector = self.request()
        self.base.execute("""
            ATTACH ':memory:' AS empty;
            CREATE TABLE empty.record (
                row TEXT, field TEXT, stamped TEXT, PRIMARY KEY (row, field)) WITHOUT ROWID;
            CREATE TABLE empty.usage (device INTEGER PRIMARY KEY, amount INTEGER);
            """)
        difference = apsw.Session(self.base, "main")
        for table in ("record", "usage"):
            difference.attach(table)
            difference.diff("empty", table)
        changes = difference.changeset()
        difference.close()
        self.base.execute("DETACH empty")
        # An entry without a name: whoever takes it has what the vector says.
        return [b"\0\0\0\0" + varint(0) + varint(len(changes)) + changes + vector]

    def take_bootstrap(self, state):
        reader = Bytes(state)
        reader.raw(4)
        reader.varint()
        self.session.close()
        apsw.Changeset.apply(reader.raw(reader.varint()), self.base)
        while reader.more():
            self.base.execute(
                "INSERT INTO log (device, number, changes) VALUES (?, ?, x'')",
                (reader.raw(4), reader.varint()))
        self.watch()

    def records(self):
        profiles, allocations = {}, {}
        for row, field, stamped in self.base.execute("SELECT row, field, stamped FROM record"):
            value = json.loads(stamped.split(" ", 2)[2])
            if field:
                profiles.setdefault(row, {})[field] = value
            else:
                allocations[row] = value
        usage = self.base.execute("SELECT coalesce(sum(amount), 0) FROM usage").get
        return profiles, allocations, usage
