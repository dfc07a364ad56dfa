"""A replica in memory: applies segments, writes, forgets. See store.py for how it is kept."""

import os
import time
from dataclasses import replace
from functools import lru_cache

from .cells import (
    COUNTER, FACT, LANES, LIFE_MAX, REGISTER, ROW, SIBLING, TAG_BYTES, UNIQUE_ROW, VECTOR, Cell,
    Summary, covers, dominates, has_context, is_row, is_seen, is_stamped, join, meet, nothing)
from .wire import MASK64, Out, Reader, Refusal, siphash

WRITERS, MEMBERSHIP, CUTS, ACKNOWLEDGEMENTS, CLOSURES = 1, 2, 3, 4, 5
COMMON_MAX = 8


@lru_cache(1 << 16)
def _hash(canonical):
    return siphash(canonical)


class Replica:
    def __init__(self, fleet, device):
        self.fleet, self.device, self.writer = fleet, device, None
        self.clock = (0, 0)
        self.vectors, self.frontier = nothing(), nothing()
        self.rows = {}      # (lane, collection, row) -> {(field, item, owner): cell}
        self.common = {}    # device -> summaries of states that both were at, the latest first
        self.staged = []    # (lane, claim, cells) of segments that were cut off

    # MARK: Cells

    def cells(self, lane=None, collection=None):
        return [cell for key in sorted(self.rows) for _, cell in sorted(self.rows[key].items())
                if lane in (None, key[0]) and collection in (None, key[1])]

    def cell(self, key):
        return self.rows.get(key[:3], {}).get(key[3:])

    def siblings(self, place):
        row = self.rows.get(place[:3], {})
        return [cell for key, cell in row.items() if key[:2] == place[3:] and cell.kind == SIBLING]

    def keep(self, cell):
        self.rows.setdefault(cell.key[:3], {})[cell.key[3:]] = cell

    def drop(self, cell):
        row = self.rows[cell.key[:3]]
        del row[cell.key[3:]]
        if not row:
            del self.rows[cell.key[:3]]

    def counts(self, cell):
        """Whether the digest knows of the cell."""
        if is_row(cell.kind):
            return cell.life % 2 == 1
        if cell.kind == SIBLING:
            return cell.value != b"" and not is_seen(cell, self.siblings(cell.place))
        return cell.kind != VECTOR

    def digest(self):
        return sum(_hash(cell.canonical()) for cell in self.cells() if self.counts(cell)) & MASK64

    def summary(self):
        return Summary(self.vectors, self.frontier, self.digest(), self.clock)

    def merge(self, cell):
        """Lets a write arrive. Returns whether anything changed."""
        row = None if is_row(cell.kind) else self.cell(cell.row_key)
        if row and cell.life < row.life:
            return False
        held = self.cell(cell.key)
        if held:
            cell = cell.displacing(held) if cell.supersedes(held) else held.displacing(cell)
            if cell == held:
                return False
        self.keep(cell)
        if is_row(cell.kind):
            for other in list(self.rows[cell.key[:3]].values()):
                if not is_row(other.kind) and other.life < cell.life:
                    self.drop(other)
        return True

    # MARK: Segments

    def segment(self, lane, base):
        """The cells above a base; all of them, and the frontier, if that has not been seen."""
        snapshot = not dominates(base, self.frontier[lane])
        cells = [cell for cell in self.cells(lane)
                 if snapshot or not covers(base, cell.dot)]
        return cells, self.frontier[lane] if snapshot else None

    def apply(self, lane, base, claim, clock, frontier, cells):
        """Takes a whole segment in, or nothing of it."""
        seen = self.vectors[lane]
        if frontier is None:
            if not dominates(seen, base):
                raise Refusal("failed", "a segment that builds on what is not here")
            if not dominates(claim, self.frontier[lane]):
                raise Refusal("failed", "a segment of a replica that needs a snapshot first")
            for cell in cells:
                if not covers(seen, cell.dot):
                    self.merge(cell)
        else:
            self._rebase(lane, claim, cells)
        for cell in cells:
            self.clock = max(self.clock, cell.stamp)
        self.clock = max(self.clock, clock)
        self.vectors[lane] = join(self.vectors[lane], claim)
        raised = [dict(vector) for vector in self.frontier]
        raised[lane] = join(raised[lane], frontier or {})
        self._forget(raised, anyway=frontier is not None)
        self.settle()
        self.staged = [part for part in self.staged if part[0] != lane
                       or not dominates(self.vectors[lane], part[1])
                       and dominates(part[1], self.frontier[lane])]

    def _rebase(self, lane, claim, cells):
        """Joins a snapshot with what is held of its lane, by what both sides have seen."""
        seen, own = self.vectors[lane], {cell.key: cell for cell in self.cells(lane)}
        theirs = {cell.key for cell in cells}
        for key, cell in own.items():
            if key not in theirs and covers(claim, cell.dot):
                self.drop(cell)
        for cell in sorted(cells, key=lambda cell: not is_row(cell.kind)):
            if cell.key in own or not covers(seen, cell.dot):
                self.merge(cell)
        self.vectors[lane] = join(seen, claim)
        for row in self.cells(lane):
            if row.kind == UNIQUE_ROW and 2 <= row.life < LIFE_MAX:
                creation = row.row[:16], Reader(row.row[16:]).varint()
                if any(row.key not in keys and covers(vector, creation)
                       for keys, vector in ((theirs, claim), (own, seen))):
                    self.put(row.place, UNIQUE_ROW, life=LIFE_MAX)
        for cell in self.cells(lane):
            if not is_row(cell.kind) and cell.life > 0 and not self.cell(cell.row_key):
                self.drop(cell)

    # MARK: Repair

    def hashes(self):
        """The cells that count, by what the digest is the sum of."""
        return {_hash(cell.canonical()): cell for cell in self.cells() if self.counts(cell)}

    def around(self, cells):
        """What is held at the places of cells, whoever wrote it, and the rows they are in."""
        places = {place for cell in cells for place in (cell.place, cell.row_key[:5])}
        return [cell for cell in self.cells() if cell.place in places]

    def mend(self, cells):
        """Merges cells of a replica that has seen the same, as if neither had seen the other's.

        Of two contents of one write the greater stays, wherever they are.
        """
        held = {(cell.lane, cell.dot): cell for cell in self.cells()}
        for cell in sorted(cells, key=lambda cell: not is_row(cell.kind)):
            twin = held.get((cell.lane, cell.dot))
            if twin and self.cell(twin.key) == twin and twin.canonical() != cell.canonical():
                if cell.canonical() < twin.canonical():
                    continue
                self.drop(twin)
            if self.merge(cell):
                held[cell.lane, cell.dot] = cell
            self.clock = max(self.clock, cell.stamp)

    # MARK: Forgetting

    def settle(self):
        """Moves the frontier to what all members have acknowledged, and forgets up to there."""
        members = [cell.row for cell in self.cells(0, MEMBERSHIP) if cell.life % 2]
        cuts = {(cell.row, cell.field): cell.context for cell in self.cells(0, CUTS)}
        raised = [dict(vector) for vector in self.frontier]
        for lane in range(len(LANES)):
            reached = [{} for _ in members]
            for cell in self.cells(0, ACKNOWLEDGEMENTS):
                if cell.row in members and cell.field == lane + 1 and cell.value[:1] == b"\4":
                    place = members.index(cell.row)
                    cut = cuts.get((cell.value[1:], lane + 1), {})
                    reached[place] = join(reached[place], cut)
            least = reached[0] if reached else {}
            for vector in reached[1:]:
                least = meet(least, vector)
            if dominates(self.vectors[lane], least):
                raised[lane] = join(raised[lane], least)
        self._forget(raised)

    def _forget(self, frontier, anyway=False):
        if frontier == self.frontier and not anyway:
            return
        self.frontier = frontier
        for lane, reached in enumerate(frontier):
            closures = []
            for cell in self.cells(lane, CLOSURES):
                reader = Reader(cell.row)
                collection = reader.varint()
                if cell.kind == FACT and collection >= 8 and covers(reached, cell.dot):
                    closures.append((collection, reader.raw(reader.remaining)))
            passed = [cell for cell in self.cells(lane) if covers(reached, cell.dot)]
            gone = [cell for cell in passed
                    if cell.kind == UNIQUE_ROW and cell.life % 2 == 0
                    or any(cell.collection == collection and cell.row.startswith(start)
                           for collection, start in closures)]
            places = {cell.place: self.siblings(cell.place) for cell in passed
                      if cell.kind == SIBLING}
            for cell in passed:
                if cell.kind == SIBLING and cell not in gone:
                    others = [other for other in places[cell.place] if covers(reached, other.dot)]
                    if not cell.value or is_seen(cell, others):
                        gone.append(cell)
                    else:
                        self.keep(replace(cell, context={}))
            for cell in gone:
                self.drop(cell)
        for lane in range(len(LANES)):
            cuts = sorted((cell for cell in self.cells(0, CUTS) if cell.field == lane + 1),
                          key=lambda cell: (cell.stamp, cell.dot))
            for cut in cuts[:-1]:
                if dominates(frontier[lane], cut.context) and covers(frontier[0], cut.dot):
                    self.drop(cut)

    # MARK: Writing

    def _become_writer(self):
        """The first write of all introduces the writer."""
        if not self.writer:
            first, second = siphash(self.device + os.urandom(8), wide=True)
            self.writer = first.to_bytes(8, "big") + second.to_bytes(8, "big")
            self.put((0, WRITERS, self.writer, 1, b""), FACT,
                     value=bytes([TAG_BYTES]) + self.device)

    def put(self, place, kind, life=0, value=b"", content=None):
        """Writes under a fresh dot. Only a vector has a content of its own as its context."""
        lane, collection, row, field, item = place
        self._become_writer()
        stamp, context = (0, 0), {}
        if is_stamped(kind):
            now = int(time.time() * 1000) << 16
            self.clock = stamp = (self.clock[0], max(self.clock[1] + 1, now))
        if content is not None:
            context = dict(content)
        elif has_context(kind):
            for other in self.siblings(place):
                if other.life == life:
                    own = other.dot[0] == self.writer
                    context = join(context, other.context if own else dict([other.dot]))
        dot = self.writer, self.vectors[lane].get(self.writer, 0) + 1
        cell = Cell(lane, collection, row, field, item, kind, dot, stamp, life, context, value)
        if not self.merge(cell):
            raise ValueError(f"a write that loses to what is here: {cell}")
        self.vectors[lane][self.writer] = dot[1]

    def set(self, lane, collection, row, field, value):
        """Sets a register of a row, and makes the row if it does not exist."""
        key = lane, collection, row, 0, b""
        life = self.life(*key[:3])
        if life % 2 == 0:
            life += 1
            self.put(key, ROW, life)
        self.put((lane, collection, row, field, b""), REGISTER, life, value)

    def remove(self, lane, collection, row):
        if self.life(lane, collection, row) % 2:
            self.put((lane, collection, row, 0, b""), ROW, self.life(lane, collection, row) + 1)

    def life(self, lane, collection, row):
        held = self.cell((lane, collection, row, 0, b"", b""))
        return held.life if held else 0

    def propose(self, lane):
        """Proposes what has been seen of a lane as a cut."""
        self._become_writer()
        sequence = self.vectors[0].get(self.writer, 0) + 1
        row = self.writer + bytes(Out().varint(sequence))
        self.put((0, CUTS, row, lane + 1, b""), VECTOR, content=self.vectors[lane])

    def count(self, lane, collection, row, field, amount):
        held = self.cell((lane, collection, row, field, b"", self.writer or b""))
        total = amount + (held.amount if held else 0)
        self.put((lane, collection, row, field, b""), COUNTER, value=bytes(Out().varint(total)))

    # MARK: What is remembered

    def remember(self, peer, clock):
        """Takes note that a peer is where this replica is, once both clocks are at one, too."""
        self.clock = max(self.clock, clock)
        states = self.common.setdefault(peer, [])
        summary = self.summary()
        if not states or states[0].name != summary.name:
            copy = Summary([dict(v) for v in self.vectors], [dict(v) for v in self.frontier],
                           summary.digest, summary.clock)
            states.insert(0, copy)
            del states[COMMON_MAX:]

    def stage(self, lane, claim, cells):
        if cells:
            self.staged.append((lane, claim, list(cells)))

    def staged_dots(self):
        return [{cell.dot for part in self.staged if part[0] == lane for cell in part[2]}
                for lane in range(len(LANES))]
