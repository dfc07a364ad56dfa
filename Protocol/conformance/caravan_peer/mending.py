"""A repair: two that have seen the same find out what differs, and merge that."""

from .cells import covers
from .chunk import SEGMENT_BYTES, chunked
from .repair import CELLS, DIFFERENCE, MORE, PART, SKETCH, SYMBOLS, Repair
from .sketch import SYMBOLS_FIRST, SYMBOLS_MAX, NotFound, compare, sketch
from .wire import Refusal, malformed


class Mending:
    """One side of a repair. `seen` is what both hellos told, `send` takes messages."""

    def __init__(self, replica, seen, send):
        self.replica, self.seen, self.send = replica, seen, send
        self.hashed = replica.hashes()      # the cells that count
        self.key, self.symbols, self.told = 0, [], 0
        self.arrived, self.size = [], 0     # of the other's message; of all of them
        self.shown = set()                  # by either side
        self.expected = {SKETCH}            # the steps whose turn it is

    @property
    def is_over(self):
        return not self.expected

    def begin(self, key):
        """Begins as the initiator."""
        self.key, self.told = key, SYMBOLS_FIRST
        self.expected = {MORE, PART, DIFFERENCE}
        self.send(Repair(SKETCH, key=key, symbols=sketch(self.hashed, key, self.told)))

    def take(self, message):
        if message.step not in self.expected:
            raise Refusal("outOfOrder", "a step of a repair whose turn it is not")
        if message.step in (SKETCH, SYMBOLS):
            if message.step == SKETCH:
                self.key = message.key
            self._compare(message.symbols)
        elif message.step == MORE:
            self._tell_more(message.up_to)
        else:
            self._arrive(message.cells)
            if message.step != PART:
                self._answer(message.wanted)

    # MARK: Finding

    def _tell_more(self, count):
        if count <= self.told:
            raise Refusal("outOfOrder", "symbols asked for that were told")
        symbols = sketch(self.hashed, self.key, count)[self.told:]
        self.told = count
        self.send(Repair(SYMBOLS, symbols=symbols))

    def _compare(self, symbols):
        if not symbols:
            raise malformed("a sketch of no symbols")
        self.symbols += symbols
        if len(self.symbols) > SYMBOLS_MAX:
            raise Refusal("tooLarge", "a sketch")
        try:
            found = compare(self.symbols, self.hashed, self.key)
        except NotFound:
            found = [], []
        if found is None and len(self.symbols) < SYMBOLS_MAX:
            self.expected = {SYMBOLS}
            self.send(Repair(MORE, up_to=min(2 * len(self.symbols), SYMBOLS_MAX)))
            return
        theirs, ours = found or ([], [])
        self._show([self.hashed[digest] for digest in ours], DIFFERENCE, theirs)

    # MARK: Mending

    def _arrive(self, cells):
        for cell in cells:
            if not all(covers(vectors[cell.lane], cell.dot) for vectors in self.seen):
                raise malformed("a cell that one of both had not seen")
            self.size += cell.size
        if self.size > SEGMENT_BYTES:
            raise Refusal("tooLarge", "a repair")
        self.arrived += cells
        self.shown.update(map(_whole, cells))

    def _answer(self, wanted):
        """Merges what has arrived, and shows what came out otherwise."""
        if not self.arrived and not wanted:
            self.expected = set()
            return
        self.replica.mend(self.arrived)
        places = self.arrived + [self.hashed[digest] for digest in wanted if digest in self.hashed]
        self.arrived = []
        self._show(self.replica.around(places), CELLS)

    def _show(self, cells, step, wanted=()):
        """Shows cells that neither side has shown; none at all end the repair."""
        cells = [cell for cell in cells if _whole(cell) not in self.shown
                 and all(covers(vectors[cell.lane], cell.dot) for vectors in self.seen)]
        self.shown.update(map(_whole, cells))
        self.expected = {PART, CELLS} if cells or wanted else set()
        for part, is_last in chunked(cells):
            self.send(Repair(step, wanted=list(wanted), cells=part) if is_last
                      else Repair(PART, cells=part))


def _whole(cell):
    """All that a cell is, as something that can be in a set."""
    return cell.canonical(), tuple(sorted(cell.context.items()))
