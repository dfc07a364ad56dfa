"""The table of writers, and the greetings, which are told against what both sides know."""

from dataclasses import dataclass, field

from .cells import LANES, VECTOR_MAX, dominates_all, frontier_name, join_all, nothing
from .rangecode import Decoder, Encoder, Integers
from .wire import (
    MILLISECONDS_MAX, Out, Refusal, malformed, read_column, unzigzag, write_column, zigzag)

NONE, STATE, FRONTIER, GREETING = range(4)
HAS_CHANGES, HAS_FRONTIER, HAS_DIGEST, HAS_STAGED, HAS_APPLIED, IS_UNKNOWN = (
    4, 8, 16, 32, 64, 128)
INTRODUCTIONS_MAX, STAGED_MAX = 32_768, 1 << 20


class Writers:
    """Short numbers for writers, shared by both directions."""

    def __init__(self, known=()):
        self.known, self.introduced, self.indexes = list(known), ([], []), {}
        for index, writer in enumerate(self.known):
            self.indexes[writer] = index

    @property
    def limit(self):
        return len(self.known) + 2 * INTRODUCTIONS_MAX

    def at(self, index):
        if index < len(self.known):
            return self.known[index]
        place, side = divmod(index - len(self.known), 2)
        if place >= len(self.introduced[side]):
            raise malformed(f"writer {index} has not been introduced")
        return self.introduced[side][place]

    def introduce(self, writer, side):
        names = self.introduced[side]
        if len(names) == INTRODUCTIONS_MAX:
            raise Refusal("tooLarge", "too many writers introduced by one side")
        self.indexes.setdefault(writer, len(self.known) + 2 * len(names) + side)
        names.append(writer)

    def write(self, out, writer, side, flag=None):
        """A reference; with a flag in its lowest bit if there is one."""
        index = self.indexes.get(writer)
        number = 0 if index is None else index + 1
        out.varint(number if flag is None else number << 1 | flag)
        if index is None:
            self.introduce(writer, side)
            out += writer

    def read(self, reader, side):
        return self._named(reader.varint(), reader, side)

    def read_flagged(self, reader, side):
        number = reader.varint()
        return self._named(number >> 1, reader, side), number & 1

    def _named(self, number, reader, side):
        if number:
            return self.at(number - 1)
        writer = reader.raw(16)
        self.introduce(writer, side)
        return writer

    # MARK: Vectors and sets of writes

    def write_vector(self, out, vector, side):
        out.varint(len(vector))
        for writer, sequence in sorted(vector.items()):
            self.write(out, writer, side)
            out.varint(sequence)

    def read_vector(self, reader, side):
        vector, previous = {}, b""
        for _ in range(reader.count(VECTOR_MAX)):
            writer, sequence = self.read(reader, side), reader.varint()
            if writer <= previous or sequence == 0:
                raise malformed("a vector that is not ascending, or with a sequence of 0")
            vector[writer] = sequence
            previous = writer
        return vector

    def write_dots(self, out, dots, side):
        runs = {}
        for writer, sequence in sorted(dots):
            of_writer = runs.setdefault(writer, [])
            if of_writer and of_writer[-1][1] + 1 == sequence:
                of_writer[-1][1] = sequence
            else:
                of_writer.append([sequence, sequence])
        out.varint(len(runs))
        for writer, of_writer in runs.items():
            self.write(out, writer, side)
            out.varint(len(of_writer))
            following = 1
            for first, last in of_writer:
                out.varint(first - following).varint(last - first)
                following = last + 2

    def read_dots(self, reader, side):
        dots, previous = set(), b""
        for _ in range(reader.count(VECTOR_MAX)):
            writer = self.read(reader, side)
            if writer <= previous:
                raise malformed("a set of writes that is not ascending")
            previous, following = writer, 1
            count = reader.varint()
            if not 0 < count <= reader.remaining:
                raise malformed("more runs than bytes, or none")
            for _ in range(count):
                first = following + reader.varint()
                last = first + reader.varint()
                if last - first + len(dots) >= STAGED_MAX:
                    raise Refusal("tooLarge", "a set of writes")
                dots.update((writer, sequence) for sequence in range(first, last + 1))
                following = last + 2
        return dots

    # MARK: Changes

    def write_changes(self, out, old, new, marked, lateness, side):
        """How vectors differ from others. An initiator marks the lanes of which a segment follows
        at once, a responder those in which the initiator is to send first."""
        changed = [lane for lane in range(len(LANES)) if old[lane] != new[lane]]
        differing = {lane: [writer for writer in old[lane] | new[lane]
                            if old[lane].get(writer) != new[lane].get(writer)]
                     for lane in changed}
        unknown = sorted({writer for writers in differing.values() for writer in writers
                          if writer not in self.indexes})
        lanes, count, gap, difference = (Integers() for _ in range(4))
        code, names = Encoder(), Out()
        lanes.code(code, sum(1 << lane for lane in changed))
        lanes.code(code, sum(1 << lane for lane in marked))
        count.code(code, len(unknown))
        for writer in unknown:
            self.introduce(writer, side)
            names += writer
        for lane in changed:
            count.code(code, len(differing[lane]))
            expected = 0
            for index, writer in sorted((self.indexes[writer], writer)
                                        for writer in differing[lane]):
                gap.code(code, index - expected)
                expected = index + 1
                difference.code(
                    code, zigzag(new[lane].get(writer, 0) - old[lane].get(writer, 0)))
        if lateness is not None:
            Integers().code(code, lateness)
        out.counted(code.finish())
        out += names

    def read_changes(self, reader, old, side, can_be_late):
        """The vectors, the marked lanes, and the lateness. Without `old` only the lanes."""
        code = Decoder(reader.raw(reader.count(reader.remaining)))
        lanes, count, gap, difference = (Integers() for _ in range(4))
        changed, mask = lanes.code(code), lanes.code(code)
        if not 0 < changed < 1 << len(LANES) or mask & ~changed:
            raise malformed("lanes that are not in use, none, or a segment without news")
        marked = {lane for lane in range(len(LANES)) if mask >> lane & 1}
        if old is None:
            return None, marked, None
        unknown, previous = count.code(code), b""
        if unknown > VECTOR_MAX:
            raise Refusal("tooLarge", "the writers of a greeting")
        for _ in range(unknown):
            writer = reader.raw(16)
            if writer <= previous or writer in self.indexes:
                raise malformed("new writers that are not ascending, or not new")
            self.introduce(writer, side)
            previous = writer
        vectors = [dict(vector) for vector in old]
        for lane in (lane for lane in range(len(LANES)) if changed >> lane & 1):
            entries, index = count.code(code), 0
            if not entries:
                raise malformed("a lane that changed in nothing")
            if entries > VECTOR_MAX:
                raise Refusal("tooLarge", "a lane that changed in too much")
            for _ in range(entries):
                index += gap.code(code)
                if index >= self.limit:
                    raise malformed("a writer that has not been introduced")
                writer = self.at(index)
                index += 1
                step = unzigzag(difference.code(code))
                sequence = vectors[lane].pop(writer, 0) + step
                if step == 0 or not 0 <= sequence < 1 << 63:
                    raise malformed("a sequence that is none, or no change")
                if sequence:
                    vectors[lane][writer] = sequence
        is_late = can_be_late and mask != changed
        return vectors, marked, Integers().code(code) if is_late else None


# MARK: Clocks and frontiers

def write_clock(out, clock):
    epoch, ticks = clock
    plain = epoch == 0 and ticks & 0xFFFF == 0
    out.varint(ticks >> 16 << 1 | (0 if plain else 1))
    if not plain:
        out.varint(epoch).varint(ticks & 0xFFFF)


def read_clock(reader):
    number = reader.varint()
    if number >> 1 > MILLISECONDS_MAX:
        raise malformed("milliseconds beyond 48 bits")
    epoch, counter = read_epoch_and_counter(reader) if number & 1 else (0, 0)
    return epoch, number >> 1 << 16 | counter


def read_epoch_and_counter(reader):
    return reader.varint(0xFFFFFFFF), reader.varint(0xFFFF)


def write_frontier(out, vector, frontier):
    write_column(out, [sequence - min(sequence, frontier.get(writer, 0))
                       for writer, sequence in sorted(vector.items())])


def read_frontier(reader, vector):
    frontier, entries = {}, sorted(vector.items())
    for (writer, sequence), missing in zip(entries, read_column(reader, len(entries))):
        if missing > sequence:
            raise malformed("a frontier below nothing")
        if missing < sequence:
            frontier[writer] = sequence - missing
    return frontier


# MARK: Hello

@dataclass
class Hello:
    """How far a side is. Of a hello whose reference is not known, only `following` is."""
    vectors: list = None
    frontier: list = None
    kind: int = NONE                # of the reference
    reference: object = None        # the summary of a STATE, the vectors of a FRONTIER
    clock: tuple = (0, 0)           # what the clocks that follow are told against
    digest: int = None
    applied: int = 0
    following: set = field(default_factory=set)     # of an initiator
    lateness: int = None            # of an initiator's clock, in steps of 1,024 ms
    yielded: set = field(default_factory=set)       # of a responder
    staged: list = field(default_factory=lambda: [set(), set(), set()])
    is_reference_unknown: bool = False
    unknown_name: int = 0           # that of a reference which is not known here

    @property
    def common(self):
        """What the receiver has for certain."""
        return {NONE: nothing, STATE: lambda: self.reference.vectors,
                FRONTIER: lambda: self.reference, GREETING: nothing}[self.kind]()


class Greetings:
    """What both directions have in common. Sides: 0 is the initiator, 1 the responder."""

    def __init__(self):
        self.writers, self.hellos = Writers(), {}
        self.can_yield = [False, False]     # by side, as its preamble says
        self.candidates, self.frontier = [], nothing()

    def _referred(self, hello, side):
        """The vectors and the frontier that a hello is told against."""
        if hello.kind == GREETING:
            if 1 - side not in self.hellos:
                raise Refusal("outOfOrder", "an answer to a greeting that was not there")
            other = self.hellos[1 - side]
            hello.clock = other.clock
            return other.vectors, other.frontier
        if hello.kind == NONE:
            return nothing(), nothing()
        if self.hellos:
            raise Refusal("outOfOrder", "a state named after a greeting")
        vectors, frontier = hello.reference, hello.reference
        if hello.kind == STATE:
            vectors, frontier = hello.reference.vectors, hello.reference.frontier
            hello.clock = hello.reference.clock
        self.writers = Writers(sorted({writer for vector in join_all(vectors, frontier)
                                       for writer in vector}))
        return vectors, frontier

    def says_lateness(self, hello, side, vectors):
        """Whether a hello says how late its clock is."""
        return (self.can_yield[side] and hello.kind == STATE
                and any(old != new and lane not in hello.following
                        for lane, (old, new) in enumerate(zip(vectors, hello.vectors))))

    def write(self, hello, side):
        out = Out()
        if hello.is_reference_unknown:
            self.writers = Writers()
        vectors, frontier = self._referred(hello, side)
        flags = hello.kind
        flags |= HAS_CHANGES if hello.vectors != vectors else 0
        flags |= HAS_FRONTIER if hello.frontier != frontier else 0
        flags |= HAS_DIGEST if hello.digest is not None else 0
        flags |= HAS_STAGED if any(hello.staged) else 0
        flags |= HAS_APPLIED if hello.applied else 0
        flags |= IS_UNKNOWN if hello.is_reference_unknown else 0
        out.append(flags)
        if hello.kind in (STATE, FRONTIER):
            out.fixed64(hello.reference.name if hello.kind == STATE
                        else frontier_name(hello.reference))
        if hello.kind in (NONE, FRONTIER):
            write_clock(out, hello.clock)
        if hello.applied:
            out.varint(hello.applied)
        if hello.digest is not None:
            out.fixed64(hello.digest)
        if flags & HAS_CHANGES:
            lateness = hello.lateness if self.says_lateness(hello, side, vectors) else None
            self.writers.write_changes(
                out, vectors, hello.vectors, hello.yielded if side else hello.following,
                lateness, side)
        if flags & HAS_FRONTIER:
            for vector, own in zip(hello.vectors, hello.frontier):
                write_frontier(out, vector, own)
        if flags & HAS_STAGED:
            for dots in hello.staged:
                self.writers.write_dots(out, dots, side)
        self.hellos[side] = hello
        return out

    def read(self, reader, side):
        """A hello; one without vectors if its reference is not known here."""
        flags = reader.byte()
        hello = Hello(kind=flags & 3, is_reference_unknown=flags & IS_UNKNOWN != 0)
        if hello.is_reference_unknown:
            self.writers = Writers()
        known = True
        if hello.kind == STATE:
            name = hello.unknown_name = reader.fixed64()
            hello.reference = next((s for s in self.candidates if s.name == name), None)
            known = hello.reference is not None
        elif hello.kind == FRONTIER:
            hello.unknown_name = reader.fixed64()
            known = hello.unknown_name == frontier_name(self.frontier)
            hello.reference = self.frontier
        if hello.kind in (NONE, FRONTIER):
            hello.clock = read_clock(reader)
        vectors, frontier = self._referred(hello, side) if known else (None, None)
        hello.applied = reader.varint() if flags & HAS_APPLIED else 0
        hello.digest = reader.fixed64() if flags & HAS_DIGEST else None
        hello.vectors = vectors
        if flags & HAS_CHANGES:
            hello.vectors, marked, hello.lateness = self.writers.read_changes(
                reader, vectors, side, self.can_yield[side] and hello.kind == STATE)
            hello.following, hello.yielded = (set(), marked) if side else (marked, set())
        if not known:
            reader.raw(reader.remaining)
            return hello
        hello.frontier = frontier
        if flags & HAS_FRONTIER:
            hello.frontier = [read_frontier(reader, vector) for vector in hello.vectors]
        if flags & HAS_STAGED:
            hello.staged = [self.writers.read_dots(reader, side) for _ in LANES]
        if not dominates_all(hello.vectors, hello.frontier):
            raise malformed("a frontier that its own replica has not seen")
        self.hellos[side] = hello
        return hello
