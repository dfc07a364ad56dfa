"""Repair messages: sketches of a state, and whole cells of any lane."""

from dataclasses import dataclass, field

from .cells import (
    COUNTER, ITEM_MAX, LIFE_MAX, ROW_MAX, VALUE_MAX, VECTOR_MAX, Cell, check_lane, has_bytes,
    has_context, is_stamped)
from .chunk import CELLS_MAX
from .columns import Shape
from .sketch import DIFFERENCES_MAX, SYMBOLS_MAX
from .wire import Out, Reader, malformed, unzigzag, zigzag

SKETCH, SYMBOLS, MORE, PART, DIFFERENCE, CELLS = range(6)
STEPS = ("sketch", "symbols", "more", "part", "difference", "cells")


@dataclass
class Repair:
    """A step of a repair, and what a step of its kind has."""
    step: int
    key: int = 0
    symbols: list = field(default_factory=list)
    up_to: int = 0
    wanted: list = field(default_factory=list)      # hashes of cells
    cells: list = field(default_factory=list)

    def write(self):
        out = Out()
        if self.step == SKETCH:
            out.fixed64(self.key)
        if self.step in (SKETCH, SYMBOLS):
            out.varint(len(self.symbols))
            for item, check, count in self.symbols:
                out.fixed64(item).fixed64(check).varint(zigzag(count))
        elif self.step == MORE:
            out.varint(self.up_to)
        else:
            if self.step == DIFFERENCE:
                out.varint(len(self.wanted))
                for digest in self.wanted:
                    out.fixed64(digest)
            out.varint(len(self.cells))
            for cell in self.cells:
                _write_cell(out, cell)
        return out

    @classmethod
    def read(cls, step, reader):
        if step >= len(STEPS):
            raise malformed(f"step {step} of a repair")
        repair = cls(step)
        if step == SKETCH:
            repair.key = reader.fixed64()
        if step in (SKETCH, SYMBOLS):
            repair.symbols = [(reader.fixed64(), reader.fixed64(), unzigzag(reader.varint()))
                              for _ in range(reader.count(SYMBOLS_MAX))]
        elif step == MORE:
            repair.up_to = reader.count(SYMBOLS_MAX)
        else:
            if step == DIFFERENCE:
                repair.wanted = [reader.fixed64() for _ in range(reader.count(DIFFERENCES_MAX))]
            repair.cells = [_read_cell(reader) for _ in range(reader.count(CELLS_MAX))]
        return repair


def _write_cell(out, cell):
    out += cell.canonical()
    out.varint(len(cell.context))
    for writer, sequence in sorted(cell.context.items()):
        out += writer
        out.varint(sequence)


def _read_cell(reader):
    """A cell that a chunk could hold, too."""
    lane, collection, number = check_lane(reader.byte()), reader.varint(), reader.varint()
    kind = reader.byte()
    row, item = reader.raw(reader.count(ROW_MAX)), reader.raw(reader.count(ITEM_MAX))
    dot = reader.raw(16), reader.varint()
    stamp = reader.varint(0xFFFFFFFF), reader.varint()
    life, value = reader.count(LIFE_MAX), reader.raw(reader.count(VALUE_MAX))
    cell = Cell(lane, collection, row, number, item, kind, dot, stamp, life,
                _read_context(reader), value)
    Shape.of(cell)      # refuses what no shape has
    if not 0 < dot[1] < 1 << 63:
        raise malformed("a sequence that no write has")
    if stamp != (0, 0) and not is_stamped(kind) or cell.context and not has_context(kind):
        raise malformed("a cell with what its kind does not have")
    if kind == COUNTER:
        amount = Reader(value)
        amount.varint()
        amount.end()
    elif value and not has_bytes(kind):
        raise malformed("a value of a kind without")
    return cell


def _read_context(reader):
    context, previous = {}, b""
    for _ in range(reader.count(VECTOR_MAX)):
        writer, sequence = reader.raw(16), reader.varint()
        if writer <= previous or sequence == 0:
            raise malformed("a context that is not ascending, or with a sequence of 0")
        context[writer] = sequence
        previous = writer
    return context
