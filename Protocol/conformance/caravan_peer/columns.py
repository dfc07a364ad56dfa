"""The cells of a chunk as range code, with the models that a segment keeps for them.

`Columns` codes one cell after the other; see rangecode.py for why it does so in both directions.
"""

from bisect import bisect_left
from dataclasses import dataclass

from .cells import (
    COUNTER, ITEM_MAX, KINDS, LIFE_MAX, ROW_MAX, TAG_INTEGER, TAG_TEXT, VALUE_MAX, Cell, above,
    has_bytes, is_row, is_stamped)
from .rangecode import Bit, Decoder, Encoder, Integers
from .wire import MILLISECONDS_MAX, Out, Reader, Refusal, malformed, unzigzag, zigzag

KNOWN, INTEGER, DIFFERENCE, DIGITS, TEXT, OTHER = range(6)
DIGIT_BITS = (0, 4, 7, 10, 14, 17, 20, 24, 27, 30)


@dataclass(frozen=True)
class Shape:
    """What cells of one field have in common. Form: bit 0, they have an item; bit 1, a life."""
    collection: int
    field: int
    kind: int
    form: int

    def __post_init__(self):
        if max(self.collection, self.field) >> 32 or self.kind not in KINDS or self.form > 3:
            raise malformed(f"no shape: {self}")
        if is_row(self.kind) != (self.field == 0) or self.form & 1 and is_row(self.kind):
            raise malformed(f"no shape of a row: {self}")
        if self.form & 2 and is_stamped(self.kind):
            raise malformed(f"a stamped kind always has a life: {self}")

    @classmethod
    def of(cls, cell):
        has_life = not is_stamped(cell.kind) and cell.life > 0
        return cls(cell.collection, cell.field, cell.kind,
                   (1 if cell.item else 0) | (2 if has_life else 0))


@dataclass
class LastCell:
    """What the next cell of a lane is described against."""
    shape: Shape = None
    row: bytes = b""


class Stamps:
    """Foretells when a write was made from when its writer made others."""
    POINTS_MAX = 4096

    def __init__(self, milliseconds):
        self.latest, self.points = milliseconds, {}

    def forecast(self, dot):
        """Milliseconds, context, and known writes next to it as (ms, counter, distance)."""
        known, sequence = self.points.get(dot[0], []), dot[1]
        if not known:
            return self.latest, 0, []
        place = bisect_left(known, (sequence,))
        near = known[max(place - 1, 0):place + 1]
        beside = [(ms, counter, sequence - other) for other, ms, counter in near]
        if len(near) == 1:
            far = abs(beside[0][2])
            return near[0][1], 1 if far <= 3 else 2 if far <= 15 else 3, beside
        (low, low_ms, _), (high, high_ms, _) = near
        ms = low_ms
        if high_ms > low_ms:
            ms += (high_ms - low_ms) * (sequence - low) // (high - low)
        far = min(sequence - low, high - sequence)
        return ms, 4 if far == 1 else 5 if far <= 3 else 6, beside

    @staticmethod
    def counter(beside, milliseconds):
        for ms, counter, distance in beside:
            if ms == milliseconds:
                return max(0, min(counter + distance, 0xFFFF)), 1
        return 0, 0

    def learn(self, dot, ticks):
        self.latest = ticks >> 16
        known, point = self.points.setdefault(dot[0], []), (dot[1], ticks >> 16, ticks & 0xFFFF)
        place = bisect_left(known, (dot[1],))
        if place < len(known) and known[place][0] == dot[1]:
            return
        if len(known) < self.POINTS_MAX:
            known.insert(place, point)
        elif place == len(known):
            known[-1] = point


class Content:
    """What is known of the contents of one shape."""
    MODELS = ("life", "amount", "item", "form", "index", "integer", "difference", "length",
              "shared")
    KNOWN_MAX, KNOWN_BYTES = 512, 64

    def __init__(self, like=None):
        for name in self.MODELS:
            setattr(self, name, getattr(like, name).copy() if like else Integers())
        self.last_integer, self.last_digits = 0, b""
        self.known, self.announced = [], 0

    def announce(self, length):
        """Whether a value of that length is remembered once its text is there."""
        fits = self.announced < self.KNOWN_MAX and 1 <= length <= self.KNOWN_BYTES
        self.announced += 1 if fits else 0
        return fits


@dataclass
class Plan:
    """A cell of which the text is not there yet."""
    place: int
    row: tuple = ()             # ("same",), ("next",) or ("other", shared, suffix length)
    dot: tuple = ()
    stamp: tuple = (0, 0)
    life: int = 0
    item_length: int = 0
    value: object = b""         # bytes, ("known", index) or ("text", tag, length, remembered)


def next_row(row):
    """The row after another: digits are counted on, else the last byte is raised."""
    place = len(row) - 1
    while place >= 0 and row[place] == 0x39:
        place -= 1
    if place < 0 or row[place] == 0xFF:
        return None
    if place < len(row) - 1 and not 0x30 <= row[place] <= 0x38:
        place = len(row) - 1
    return row[:place] + bytes([row[place] + 1]) + b"0" * (len(row) - 1 - place)


def shared_bytes(one, two):
    count = 0
    while count < min(len(one), len(two)) and one[count] == two[count]:
        count += 1
    return count


class Columns:
    """The models of one segment."""

    def __init__(self, claim, base, clock, last):
        self.writers = above(claim, base)
        self.counts = [sequence - base.get(writer, 0) for writer, sequence in self.writers]
        self.clock = clock
        self.shapes = [last.shape] if last.shape else []
        self.contents = [Content() for _ in self.shapes]
        self.successors, self.latest_successor = [Integers() for _ in range(17)], 0
        self.other_collection, self.other_kind, self.next_row, self.is_near, self.other_epoch = (
            Bit() for _ in range(5))
        self.same_row = Bit(), Bit()
        self.collection, self.field, self.kind, self.form, self.shared, self.suffix = (
            Integers() for _ in range(6))
        self.writer, self.gap, self.epoch = Integers(), Integers(), Integers()
        self.errors, self.counters = [Integers() for _ in range(7)], (Integers(), Integers())
        self.last_sequences = {}
        self.stamps = Stamps(clock[1] >> 16)

    # MARK: Both directions

    def dot_of(self, place, back):
        if place >= len(self.writers):
            raise malformed("a writer that the claim does not raise")
        if back >= self.counts[place]:
            raise malformed("a write that the segment builds on")
        return self.writers[place][0], self.writers[place][1] - back

    def place_of(self, dot):
        return next(place for place, entry in enumerate(self.writers) if entry[0] == dot[0])

    def _code_shape(self, coder, before, cell):
        shape, own = None, 0
        if cell:
            shape = Shape.of(cell)
            own = self.shapes.index(shape) if shape in self.shapes else len(self.shapes)
        place = 0 if before is None else 1 + min(before, 15)
        if self.successors[place].nodes is None:
            self.successors[place] = self.successors[self.latest_successor].copy()
        self.latest_successor = place
        own = self.successors[place].code(coder, own)
        if own > len(self.shapes):
            raise malformed("a shape that has not come")
        if own == len(self.shapes):
            last = self.shapes[-1] if self.shapes else None
            collection, kind, form = (last.collection, last.kind, last.form) if last else (0, 0, 0)
            if coder.bit(self.other_collection, shape and shape.collection != collection):
                collection = self.collection.code(coder, shape.collection if shape else 0)
            number = self.field.code(coder, shape.field if shape else 0)
            if coder.bit(self.other_kind, shape and (shape.kind, shape.form) != (kind, form)):
                kind = self.kind.code(coder, shape.kind if shape else 0)
                form = self.form.code(coder, shape.form if shape else 0)
            self.shapes.append(Shape(collection, number, kind, form))
            self.contents.append(Content(self.contents[-1] if self.contents else None))
        return own

    def _code_row(self, coder, is_later, cell, last_row):
        if coder.bit(self.same_row[is_later], cell and cell.row == last_row):
            return ("same",)
        if coder.bit(self.next_row, cell and next_row(last_row) == cell.row):
            return ("next",)
        shared = shared_bytes(last_row, cell.row) if cell else 0
        shared = self.shared.code(coder, shared)
        suffix = self.suffix.code(coder, len(cell.row) - shared if cell else 0)
        if max(shared, suffix) > ROW_MAX:
            raise Refusal("tooLarge", "a row")
        return "other", shared, suffix

    def _code_dot(self, coder, cell):
        if not self.writers:
            raise malformed("cells under an empty claim")
        place = self.place_of(cell.dot) if cell else 0
        if len(self.writers) > 1:
            place = self.writer.code(coder, place)
        if place >= len(self.writers):
            raise malformed("a writer that the claim does not raise")
        writer, highest = self.writers[place]
        last = self.last_sequences.get(place)
        gap = cell.dot[1] - last - 1 if cell and last is not None else -1
        if last is not None and coder.bit(self.is_near, 0 <= gap < 16):
            gap = self.gap.code(coder, gap if cell else 0)
            dot = writer, last + 1 + gap
            if dot[1] > highest:
                raise malformed("a sequence beyond the claim")
        else:
            back = coder.one_of(self.counts[place], highest - cell.dot[1] if cell else 0)
            dot = self.dot_of(place, back)
        self.last_sequences[place] = dot[1]
        return dot

    def _code_stamp(self, coder, dot, cell):
        epoch, ticks = cell.stamp if cell else (0, 0)
        if coder.bit(self.other_epoch, epoch != self.clock[0]):
            epoch = self.epoch.code(coder, epoch)
        else:
            epoch = self.clock[0]
        foretold, context, beside = self.stamps.forecast(dot)
        error = self.errors[context].code(coder, zigzag((ticks >> 16) - foretold))
        milliseconds = foretold + unzigzag(error)
        counter, context = self.stamps.counter(beside, milliseconds)
        counter += unzigzag(
            self.counters[context].code(coder, zigzag((ticks & 0xFFFF) - counter)))
        if epoch >> 32 or not (0 <= counter <= 0xFFFF and 0 <= milliseconds <= MILLISECONDS_MAX):
            raise malformed("a timestamp out of range")
        self.stamps.learn(dot, milliseconds << 16 | counter)
        return epoch, milliseconds << 16 | counter

    def _code_plan(self, coder, before, last_row, cell=None):
        own = self._code_shape(coder, before, cell)
        shape, content = self.shapes[own], self.contents[own]
        plan = Plan(own)
        plan.row = self._code_row(coder, before is not None and own > before, cell, last_row)
        plan.dot = self._code_dot(coder, cell)
        if is_stamped(shape.kind):
            plan.stamp = self._code_stamp(coder, plan.dot, cell)
        if is_stamped(shape.kind) or shape.form & 2:
            plan.life = content.life.code(coder, cell.life if cell else 0)
            if plan.life > LIFE_MAX:
                raise Refusal("tooLarge", "a causal length")
            if plan.life == 0 and not is_stamped(shape.kind):
                raise malformed("a causal length of 0")
        if shape.form & 1:
            plan.item_length = content.item.code(coder, len(cell.item) if cell else 0)
            if plan.item_length > ITEM_MAX:
                raise Refusal("tooLarge", "an item")
            if plan.item_length == 0:
                raise malformed("an item without bytes")
        if shape.kind == COUNTER:
            amount = content.amount.code(coder, cell.amount if cell else 0)
            plan.value = bytes(Out().varint(amount))
        elif has_bytes(shape.kind):
            plan.value = self._code_value(coder, content, cell.value if cell else None)
        return plan

    def _code_value(self, coder, content, value):
        form, known, number, digits, rest = _taken_apart(content, value)
        form = content.form.code(coder, form)
        if form == KNOWN:
            known = content.index.code(coder, known)
            if known >= content.announced:
                raise malformed("a value that has not come")
            return "known", known
        if form == INTEGER:
            content.last_integer = content.integer.code(coder, number)
        elif form == DIFFERENCE:
            step = content.difference.code(coder, zigzag(number - content.last_integer))
            content.last_integer = content.last_integer + unzigzag(step) & (1 << 64) - 1
        if form in (INTEGER, DIFFERENCE):
            return bytes(Out([TAG_INTEGER]).varint(content.last_integer))
        if form == DIGITS:
            content.last_digits = _code_digits(coder, content, digits)
            return bytes([TAG_TEXT]) + content.last_digits
        if form > OTHER:
            raise malformed("a value of no form")
        tag = bytes([TAG_TEXT]) if form == TEXT else b""
        length = content.length.code(coder, len(rest))
        if length > VALUE_MAX - len(tag):
            raise Refusal("tooLarge", "a value")
        return "text", tag, length, content.announce(len(tag) + length)

    # MARK: One chunk

    def write(self, cells, last, out, text, write_context):
        """Writes several cells, ascending by key."""
        coder, rows, texts = Encoder(), bytearray(), {}
        before, last_row = None, last.row
        for cell in cells:
            plan = self._code_plan(coder, before, last_row, cell)
            if plan.row[0] == "other":
                rows += cell.row[plan.row[1]:]
            own = texts.setdefault(plan.place, bytearray())
            own += cell.item
            if plan.value[:1] == ("text",):
                own += cell.value[len(plan.value[1]):]
                if plan.value[3]:
                    self.contents[plan.place].known.append(cell.value)
            before, last_row = plan.place, cell.row
        out.counted(coder.finish())
        text += rows
        for place in sorted(texts):
            text += texts[place]
        for cell in cells:
            write_context(cell, text)

    def read(self, count, lane, last, code, text, budget, read_context):
        """Reads so many cells; `text` is the reader of what resembles text."""
        coder, plans, place = Decoder(code), [], None
        for _ in range(count):
            plans.append(self._code_plan(coder, place, b""))
            place = plans[-1].place
            budget -= 32 + plans[-1].item_length
            if budget < 0:
                raise Refusal("tooLarge", "a few bytes that stand for too much")
        rows = Reader(text.raw(sum(plan.row[2] for plan in plans if plan.row[0] == "other")))
        texts = {}
        for place in sorted({plan.place for plan in plans}):
            texts[place] = Reader(text.raw(sum(
                plan.item_length + (plan.value[2] if plan.value[:1] == ("text",) else 0)
                for plan in plans if plan.place == place)))
        cells, row = [], last.row
        for plan in plans:
            row = _row_after(row, plan.row, rows)
            cell = self._assembled(plan, lane, row, texts[plan.place])
            budget -= len(cell.row) + len(cell.value)
            if budget < 0:
                raise Refusal("tooLarge", "a few bytes that stand for too much")
            cells.append(cell)
        cells = [read_context(cell, text) for cell in cells]
        if any(one.key >= two.key for one, two in zip(cells, cells[1:])):
            raise malformed("the cells of a chunk are not ascending")
        return cells

    def _assembled(self, plan, lane, row, text):
        shape, content = self.shapes[plan.place], self.contents[plan.place]
        item, value = text.raw(plan.item_length), plan.value
        if value[:1] == ("known",):
            value = content.known[value[1]]
        elif value[:1] == ("text",):
            remembered = value[3]
            value = value[1] + text.raw(value[2])
            if remembered:
                content.known.append(value)
        return Cell(lane, shape.collection, row, shape.field, item, shape.kind, plan.dot,
                    plan.stamp, plan.life, {}, value)


def _taken_apart(content, value):
    """How an encoder tells a value: form, place among the known, integer, digits, other bytes."""
    if value is None:
        return 0, 0, 0, b"", b""
    if value[:1] == bytes([TAG_INTEGER]):
        try:
            reader = Reader(value[1:])
            number = reader.varint()
            reader.end()
            nearer = zigzag(number - content.last_integer).bit_length() + 4 < number.bit_length()
            return DIFFERENCE if nearer else INTEGER, 0, number, b"", b""
        except Refusal:
            pass    # no integer, only bytes that begin like one
    if value in content.known:
        return KNOWN, content.known.index(value), 0, b"", b""
    digits = value[1:]
    if value[:1] == bytes([TAG_TEXT]):
        if 4 <= len(digits) <= 255 and all(0x30 <= byte <= 0x39 for byte in digits):
            return DIGITS, 0, 0, digits, b""
        return TEXT, 0, 0, b"", digits
    return OTHER, 0, 0, b"", value


def _code_digits(coder, content, digits):
    length = content.length.code(coder, len(digits))
    shared = content.shared.code(coder, shared_bytes(content.last_digits, digits))
    if length > 255 or shared > min(length, len(content.last_digits)):
        raise malformed("digits that are none")
    result = content.last_digits[:shared]
    while len(result) < length:
        size = min(9, length - len(result))
        group = digits[len(result):len(result) + size]
        number = coder.bits(DIGIT_BITS[size], int(group) if group else 0)
        if number >= 10 ** size:
            raise malformed("digits that are none")
        result += b"%0*d" % (size, number)
    return result


def _row_after(row, step, rows):
    if step[0] == "same":
        return row
    if step[0] == "next":
        following = next_row(row)
        if following is None:
            raise malformed("the row after one that has none")
        return following
    if step[1] > len(row):
        raise malformed("a row that shares more than there is")
    if step[1] + step[2] > ROW_MAX:
        raise Refusal("tooLarge", "a row")
    return row[:step[1]] + rows.raw(step[2])
