"""Cells, vectors, and the rules by which two states of a cell become one."""

from dataclasses import dataclass, field, replace

from .wire import Out, Reader, Refusal, siphash

LANES = ("control", "settings", "usage")
REGISTER, ROW, COUNTER, FACT, SIBLING, MAXIMUM, VECTOR, UNIQUE_ROW = range(1, 9)
KINDS = {1: "register", 2: "row", 3: "counter", 4: "fact", 5: "sibling", 6: "maximum",
         7: "vector", 8: "uniqueRow", **{number: f"kind{number}" for number in range(64, 128)}}
ROW_MAX = ITEM_MAX = 512
VALUE_MAX, LIFE_MAX, VECTOR_MAX = 65_536, 1 << 32, 16_384
TAG_INTEGER, TAG_TEXT, TAG_BYTES = 2, 3, 4


def is_row(kind):
    return kind in (ROW, UNIQUE_ROW)


def is_owned(kind):
    return kind in (COUNTER, SIBLING) or kind >= 64


def is_stamped(kind):
    return kind in (REGISTER, ROW, SIBLING, VECTOR, UNIQUE_ROW) or kind >= 64 and kind & 1 != 0


def has_context(kind):
    return kind in (SIBLING, VECTOR) or kind >= 64 and kind & 2 != 0


def has_bytes(kind):
    """Whether the value is sent as bytes: a counter's is a number, rows and vectors have none."""
    return kind not in (ROW, COUNTER, VECTOR, UNIQUE_ROW)


# MARK: Vectors, as dictionaries of writer and sequence

def covers(vector, dot):
    return dot[1] <= vector.get(dot[0], 0)


def dominates(vector, other):
    return all(covers(vector, dot) for dot in other.items())


def join(vector, other):
    joined = dict(vector)
    for writer, sequence in other.items():
        joined[writer] = max(sequence, joined.get(writer, 0))
    return joined


def meet(vector, other):
    return {writer: min(vector[writer], other[writer]) for writer in vector if writer in other}


def above(vector, base):
    """The entries that are higher than in another vector, ascending."""
    return [dot for dot in sorted(vector.items()) if not covers(base, dot)]


def nothing():
    return [{}, {}, {}]


def join_all(vectors, other):
    return [join(one, two) for one, two in zip(vectors, other)]


def dominates_all(vectors, other):
    return all(dominates(one, two) for one, two in zip(vectors, other))


# MARK: Cells

@dataclass(frozen=True)
class Cell:
    """The latest state of one cell. `stamp` is a pair of epoch and ticks."""
    lane: int
    collection: int
    row: bytes
    field: int
    item: bytes
    kind: int
    dot: tuple
    stamp: tuple = (0, 0)
    life: int = 0
    context: dict = field(default_factory=dict)
    value: bytes = b""

    @property
    def place(self):
        """Where the siblings of one value are."""
        return self.lane, self.collection, self.row, self.field, self.item

    @property
    def key(self):
        return (*self.place, self.dot[0] if is_owned(self.kind) else b"")

    @property
    def row_key(self):
        return self.lane, self.collection, self.row, 0, b"", b""

    @property
    def amount(self):
        return Reader(self.value).varint() if self.value else 0

    @property
    def size(self):
        """What the cell counts for limits."""
        return 32 + len(self.row) + len(self.value)

    def canonical(self):
        out = Out([self.lane]).varint(self.collection).varint(self.field)
        out.append(self.kind)
        out.counted(self.row).counted(self.item)
        out += self.dot[0]
        out.varint(self.dot[1]).varint(self.stamp[0]).varint(self.stamp[1]).varint(self.life)
        return bytes(out.counted(self.value))

    def supersedes(self, other):
        if self.kind != other.kind:
            return self.kind > other.kind
        if self.kind in (FACT, VECTOR):
            return (self.life, _Lesser(self.dot)) > (other.life, _Lesser(other.dot))
        if self.kind == MAXIMUM:
            return ((self.life, self.amount, _Lesser(self.dot))
                    > (other.life, other.amount, _Lesser(other.dot)))
        if self.kind == COUNTER:
            return (self.life, self.dot, self.amount) > (other.life, other.dot, other.amount)
        if self.kind == SIBLING or self.kind >= 64:
            return (self.life, self.dot[1]) > (other.life, other.dot[1])
        return (self.life, self.stamp, self.dot) > (other.life, other.stamp, other.dot)

    def displacing(self, other):
        """The cell once it has taken the place of another state: a context is never lost."""
        if not (self.kind == other.kind == SIBLING and self.life == other.life):
            return self
        return replace(self, context=join(self.context, other.context))


class _Lesser:
    """Turns an order around."""

    def __init__(self, dot):
        self.dot = dot

    def __eq__(self, other):
        return self.dot == other.dot

    def __lt__(self, other):
        return self.dot > other.dot


def is_seen(cell, siblings):
    return any(other.dot[0] != cell.dot[0] and other.life == cell.life
               and covers(other.context, cell.dot) for other in siblings)


# MARK: States

def _write_vectors(out, vectors):
    for vector in vectors:
        out.varint(len(vector))
        for writer, sequence in sorted(vector.items()):
            out += writer
            out.varint(sequence)


def frontier_name(frontier):
    out = Out()
    _write_vectors(out, frontier)
    return siphash(out)


@dataclass
class Summary:
    """How far a replica is."""
    vectors: list
    frontier: list
    digest: int
    clock: tuple

    @property
    def name(self):
        out = Out()
        _write_vectors(out, self.vectors)
        _write_vectors(out, self.frontier)
        return siphash(out.fixed64(self.digest).varint(self.clock[0]).varint(self.clock[1]))


def check_lane(lane):
    if lane >= len(LANES):
        raise Refusal("malformed", f"lane {lane} is not in use")
    return lane
