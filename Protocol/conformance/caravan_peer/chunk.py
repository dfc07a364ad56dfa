"""Chunks: the head of a segment, and one cell or several."""

from dataclasses import dataclass, field, replace

from .cells import (
    COUNTER, ITEM_MAX, LIFE_MAX, ROW_MAX, TAG_INTEGER, TAG_TEXT, VALUE_MAX, VECTOR_MAX, Cell, above,
    check_lane, has_bytes, has_context, is_stamped, join, join_all)
from .columns import Columns, LastCell, Shape, shared_bytes
from .hello import read_epoch_and_counter, read_frontier, write_frontier
from .wire import (
    MILLISECONDS_MAX, Out, Refusal, malformed, read_column, unzigzag, write_column, zigzag)

IS_FIRST, IS_LAST, IS_SNAPSHOT = 1, 2, 4                        # bits of the frame's head
AS_TOLD, ONE_HIGHER, NEXT_OF_AUTHOR, SEVERAL_HIGHER = range(4)  # how a claim is told
IS_SINGLE, HAS_APPLIED, HAS_CLOCK, HAS_DROPPED = 0x10, 0x20, 0x40, 0x80
AT_CLOCK, IS_LATEST, SAME_ROW, SAME_SHAPE, IS_INTEGER, IS_TEXT = 1, 8, 16, 32, 64, 128
CELLS_MAX, CHUNK_BYTES, SEGMENT_BYTES = 10_000, 16 << 10, 64 << 20


@dataclass
class Head:
    applied: int
    claim: dict
    clock: tuple
    frontier: dict = None
    dropped: set = field(default_factory=set)


@dataclass
class Chunk:
    lane: int
    head: Head
    cells: list
    is_last: bool
    is_early: bool = False      # sent before its sender had read the receiver's hello

    @property
    def bits(self):
        return ((IS_FIRST if self.head else 0) | (IS_LAST if self.is_last else 0)
                | (IS_SNAPSHOT if self.head and self.head.frontier is not None else 0))


def chunked(cells):
    """Parts of about CHUNK_BYTES, at least one; and whether each is the last."""
    parts, size = [[]], 0
    for cell in cells:
        if parts[-1] and (size + cell.size > CHUNK_BYTES or len(parts[-1]) == CELLS_MAX):
            parts.append([])
            size = 0
        parts[-1].append(cell)
        size += cell.size
    return [(part, part is parts[-1]) for part in parts]


class Direction:
    """What both ends of one direction remember from one chunk to the next."""

    def __init__(self, side, hello):
        self.side = side
        self.told_frontier = list(hello.frontier)
        self.told = [dict(vector) for vector in hello.vectors]
        self.base, self.is_base_complete = hello.common, False
        self.clock, self.applied, self.author = hello.clock, hello.applied, None
        self.open = {}
        self.last = [LastCell() for _ in range(4)]

    def complete(self, receiver):
        """Counts on what the receiver said in its hello, from the first segment that answers it."""
        if receiver and not self.is_base_complete:
            self.is_base_complete = True
            self.base = join_all(self.base, receiver.vectors)

    def _begin(self, lane, head, raised):
        base = self.base[lane] if head.frontier is None else {}
        self.open[lane] = Columns(head.claim, base, head.clock, self.last[lane])
        if raised:
            self.author = raised[0] if len(raised) == 1 else None
        self.told[lane] = head.claim
        self.base = list(self.base)
        self.base[lane] = join(self.base[lane], head.claim)
        if head.frontier is not None:
            self.told_frontier[lane] = head.frontier
        self.clock, self.applied = head.clock, head.applied

    # MARK: Writing

    def write(self, chunk, writers, out, text):
        single = IS_SINGLE if len(chunk.cells) == 1 else 0
        if chunk.head:
            self._write_head(chunk.head, chunk.lane, chunk.lane | single, writers, out)
        else:
            out.append(chunk.lane | single)
        columns, last = self.open[chunk.lane], self.last[chunk.lane]

        def write_context(cell, out):
            if has_context(cell.kind):
                writers.write_vector(out, cell.context, self.side)

        if single:
            self._write_single(chunk.cells[0], columns, last, out, text, write_context)
        else:
            out.varint(len(chunk.cells))
            if chunk.cells:
                columns.write(chunk.cells, last, out, text, write_context)
        self._close(chunk.lane, chunk.cells, chunk.is_last)

    def _close(self, lane, cells, is_last):
        if cells:
            self.last[lane] = LastCell(Shape.of(cells[-1]), cells[-1].row)
        if is_last:
            del self.open[lane]

    def _write_head(self, head, lane, flags, writers, out):
        told = self.told[lane]
        raised = [(writer, sequence - told.get(writer, 0))
                  for writer, sequence in above(head.claim, told)]
        form = AS_TOLD if not raised else SEVERAL_HIGHER if len(raised) > 1 else ONE_HIGHER
        if raised == [(self.author, 1)]:
            form = NEXT_OF_AUTHOR
        plain = head.clock[0] == self.clock[0] and head.clock[1] & 0xFFFF == 0
        flags |= form << 2
        flags |= HAS_APPLIED if head.applied != self.applied else 0
        flags |= 0 if plain else HAS_CLOCK
        flags |= HAS_DROPPED if head.dropped else 0
        out.append(flags)
        if flags & HAS_APPLIED:
            out.varint(head.applied)
        if form == ONE_HIGHER:
            writer, increment = raised[0]
            writers.write(out, writer, self.side, flag=1 if increment > 1 else 0)
            if increment > 1:
                out.varint(increment)
        elif form == SEVERAL_HIGHER:
            out.varint(len(raised))
            for writer, _ in raised:
                writers.write(out, writer, self.side)
            write_column(out, [increment for _, increment in raised])
        if head.frontier is not None:
            is_told = head.frontier == self.told_frontier[lane]
            out.append(0 if is_told else 1)
            if not is_told:
                write_frontier(out, head.claim, head.frontier)
        _write_clock_after(out, self.clock, head.clock, plain)
        if head.dropped:
            writers.write_dots(out, head.dropped, self.side)
        self._begin(lane, head, [writer for writer, _ in raised])

    def _write_single(self, cell, columns, last, out, text, write_context):
        shape, detail = Shape.of(cell), 0
        detail |= AT_CLOCK if is_stamped(cell.kind) and cell.stamp == columns.clock else 0
        detail |= min(cell.life, 2) << 1
        detail |= IS_LATEST if cell.dot == columns.writers[0] else 0
        detail |= SAME_ROW if last.shape and cell.row == last.row else 0
        detail |= SAME_SHAPE if shape == last.shape else 0
        if has_bytes(cell.kind):
            detail |= IS_INTEGER if cell.value[:1] == bytes([TAG_INTEGER]) else 0
            detail |= IS_TEXT if cell.value[:1] == bytes([TAG_TEXT]) else 0
        out.append(detail)
        if not detail & SAME_SHAPE:
            _write_shape(out, shape)
        if not detail & SAME_ROW:
            shared = shared_bytes(last.row, cell.row)
            if last.row:
                out.varint(shared)
            out.counted(cell.row[shared:])
        if not detail & IS_LATEST:
            place = columns.place_of(cell.dot)
            if len(columns.writers) > 1:
                out.varint(place)
            out.varint(columns.writers[place][1] - cell.dot[1])
        if is_stamped(cell.kind):
            if not detail & AT_CLOCK:
                _write_clock_after(out, columns.clock, cell.stamp, False)
            columns.stamps.learn(cell.dot, cell.stamp[1])
        if cell.life > 1:
            out.varint(cell.life)
        if cell.item:
            out.counted(cell.item)
        write_context(cell, out)
        if cell.kind == COUNTER:
            out.varint(cell.amount)
        elif has_bytes(cell.kind):
            text += cell.value[1 if detail & (IS_INTEGER | IS_TEXT) else 0:]

    # MARK: Reading

    def read(self, bits, writers, plain, text, budget):
        """Reads a chunk. `text` is `plain` itself if nothing was compressed."""
        flags = plain.byte()
        lane, head = check_lane(flags & 3), None
        if bits & IS_FIRST:
            head = self._read_head(lane, flags, bits & IS_SNAPSHOT, writers, plain)
        elif bits & IS_SNAPSHOT or flags & ~(3 | IS_SINGLE):
            raise malformed("a chunk that goes on has what only the first can have")
        if lane not in self.open:
            raise Refusal("outOfOrder", "a chunk of a segment that was not begun")
        columns, last = self.open[lane], self.last[lane]

        def read_context(cell, reader):
            if not has_context(cell.kind):
                return cell
            return replace(cell, context=writers.read_vector(reader, self.side))

        if flags & IS_SINGLE:
            cells = [self._read_single(lane, columns, last, plain, text, read_context)]
        else:
            cells, count = [], plain.count(CELLS_MAX)
            if count:
                code = plain.raw(plain.count(plain.remaining))
                cells = columns.read(count, lane, last, code, text, budget, read_context)
        is_last = bits & IS_LAST != 0
        self._close(lane, cells, is_last)
        return Chunk(lane, head, cells, is_last)

    def _read_head(self, lane, flags, is_snapshot, writers, reader):
        if lane in self.open:
            raise Refusal("outOfOrder", "a segment begun inside another of its lane")
        applied = reader.varint() if flags & HAS_APPLIED else self.applied
        claim = dict(self.told[lane])
        raised = self._read_raised(flags >> 2 & 3, writers, reader)
        for writer, increment in raised:
            claim[writer] = claim.get(writer, 0) + increment
            if increment == 0 or claim[writer] >> 63:
                raise malformed("a claim that raises nothing, or beyond 63 bits")
        if len(claim) > VECTOR_MAX:
            raise Refusal("tooLarge", "a claim of too many writers")
        frontier = None
        if is_snapshot:
            form = reader.varint(1)
            frontier = read_frontier(reader, claim) if form else self.told_frontier[lane]
        clock = _read_clock_after(reader, self.clock, not flags & HAS_CLOCK)
        dropped = writers.read_dots(reader, self.side) if flags & HAS_DROPPED else set()
        head = Head(applied, claim, clock, frontier, dropped)
        self._begin(lane, head, [writer for writer, _ in raised])
        return head

    def _read_raised(self, form, writers, reader):
        if form == AS_TOLD:
            return []
        if form == NEXT_OF_AUTHOR:
            if self.author is None:
                raise malformed("the next write of nobody")
            return [(self.author, 1)]
        if form == ONE_HIGHER:
            writer, is_more = writers.read_flagged(reader, self.side)
            return [(writer, reader.varint() if is_more else 1)]
        count = reader.count(VECTOR_MAX)
        names = [writers.read(reader, self.side) for _ in range(count)]
        if any(one >= two for one, two in zip(names, names[1:])):
            raise malformed("the writers of a claim are not ascending")
        return list(zip(names, read_column(reader, count)))

    def _read_single(self, lane, columns, last, reader, text, read_context):
        detail = reader.byte()
        if detail & (SAME_SHAPE | SAME_ROW) and not last.shape:
            raise malformed("the shape or the row of an earlier cell, where there is none")
        shape = last.shape if detail & SAME_SHAPE else _read_shape(reader)
        row = last.row
        if not detail & SAME_ROW:
            shared = reader.varint(len(row)) if row else 0
            row = row[:shared] + reader.raw(reader.count(ROW_MAX - shared))
        if not columns.writers:
            raise malformed("a cell under an empty claim")
        dot = columns.writers[0]
        if not detail & IS_LATEST:
            place = reader.varint() if len(columns.writers) > 1 else 0
            dot = columns.dot_of(place, reader.varint())
        stamp = (0, 0)
        if is_stamped(shape.kind):
            stamp = columns.clock
            if not detail & AT_CLOCK:
                stamp = _read_clock_after(reader, columns.clock, False)
            columns.stamps.learn(dot, stamp[1])
        elif detail & AT_CLOCK:
            raise malformed("a timestamp of a kind without")
        life = detail >> 1 & 3
        if life > 2:
            raise malformed("a causal length of no kind")
        life = reader.count(LIFE_MAX) if life == 2 else life
        if not is_stamped(shape.kind) and (life > 0) != (shape.form & 2 != 0):
            raise malformed("a causal length of a shape without, or none of one with")
        item = b""
        if shape.form & 1:
            item = reader.raw(reader.count(ITEM_MAX))
            if not item:
                raise malformed("an item without bytes")
        cell = Cell(lane, shape.collection, row, shape.field, item, shape.kind, dot, stamp, life)
        cell = read_context(cell, reader)
        return replace(cell, value=_read_single_value(detail, shape.kind, reader, text))


def _read_single_value(detail, kind, reader, text):
    tags = {0: b"", IS_INTEGER: bytes([TAG_INTEGER]), IS_TEXT: bytes([TAG_TEXT])}
    tag = detail & (IS_INTEGER | IS_TEXT)
    if tag not in tags or tag and not has_bytes(kind):
        raise malformed("a value of two types, or of a kind without")
    if kind == COUNTER:
        return bytes(Out().varint(reader.varint()))
    if not has_bytes(kind):
        return b""
    if text.remaining > VALUE_MAX - len(tags[tag]):
        raise Refusal("tooLarge", "a value")
    return tags[tag] + text.raw(text.remaining)


def _write_shape(out, shape):
    plain = shape.form == 0 and shape.kind < 16
    out.varint(shape.collection).varint(shape.field << 4 | (shape.kind if plain else 0))
    if not plain:
        out += bytes([shape.kind, shape.form])


def _read_shape(reader):
    collection, number = reader.varint(), reader.varint()
    kind, form = number & 15, 0
    if kind == 0:
        kind, form = reader.byte(), reader.byte()
    return Shape(collection, number >> 4, kind, form)


def _write_clock_after(out, earlier, clock, plain):
    out.varint(zigzag((clock[1] >> 16) - (earlier[1] >> 16)))
    if not plain:
        out.varint(clock[0]).varint(clock[1] & 0xFFFF)


def _read_clock_after(reader, earlier, plain):
    milliseconds = (earlier[1] >> 16) + unzigzag(reader.varint())
    if not 0 <= milliseconds <= MILLISECONDS_MAX:
        raise malformed("milliseconds beyond 48 bits")
    epoch, counter = (earlier[0], 0) if plain else read_epoch_and_counter(reader)
    return epoch, milliseconds << 16 | counter
