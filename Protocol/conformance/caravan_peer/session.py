"""One conversation: who greets, what is sent, and when both have the same."""

import secrets

from .cells import (
    LANES, VECTOR_MAX, covers, dominates, dominates_all, has_context, join, join_all, nothing)
from .chunk import SEGMENT_BYTES, Chunk, Head, chunked
from .connection import (
    REPAIRS, YIELDS, Acknowledgement, Connection, Heartbeat, Preamble)
from .hello import FRONTIER, GREETING, NONE, STATE, Hello
from .mending import Mending
from .repair import STEPS, Repair
from .wire import Refusal

ENTRIES_TOLD = 24
LATENESS_STEP = 1024        # milliseconds
ALL = range(len(LANES))


class Inbound:
    """A segment of which some chunks have arrived."""

    def __init__(self, base, claim, head, staged):
        self.base, self.claim, self.head, self.staged = base, claim, head, staged
        self.cells = []


class Session:
    """Side 0 opened the connection. `out` collects the bytes to send."""

    def __init__(self, side, replica, expected=None, log=lambda line: None, is_patient=False,
                 allowance=None):
        self.side, self.replica, self.log, self.is_patient = side, replica, log, is_patient
        self.expected, self.peer = expected, None
        self.wire, self.out = Connection(side), bytearray()
        self.own = self.other = None        # the hellos
        self.owes_greeting = self.is_exchanging = False
        self.theirs, self.ours, self.goal, self.required = nothing(), nothing(), nothing(), []
        self.awaited, self.opened = set(), set()
        self.unacknowledged, self.acknowledged = [], 0
        self.applied = self.applied_told = 0
        self.inbound = {}
        self.chunks_received = 0
        self.peer_repairs, self.mending = False, None
        self.allowance = allowance          # how many bytes the other side may send
        self.allowed, self.sent, self.is_spent = None, 0, False

    def send(self, message):
        """Sends a message, unless it is more than the other side allows.

        After one that was too much only what depends on nothing can be sent.
        """
        is_limited = self.allowed is not None and not isinstance(message, Refusal)
        frame = None
        if not self.is_spent or isinstance(message, (Acknowledgement, Heartbeat, Refusal)):
            frame = self.wire.frame(message, self.allowed - self.sent if is_limited else None)
        if frame is None:
            self.is_spent = True
            return
        self.log(f"sends {describe(message)}")
        self.sent += 0 if isinstance(message, Preamble) else len(frame)
        self.out += frame

    def open(self):
        if self.side == 0:
            if self.expected:
                self._recall(self.expected)
            self.send(self._preamble())
            self._greet_first()

    def _preamble(self):
        return Preamble(self.replica.fleet, self.replica.device, capabilities=REPAIRS | YIELDS,
                        allowance=self.allowance, nonce=secrets.randbits(32))

    def _recall(self, peer):
        self.wire.shared.candidates = [*self.replica.common.get(peer, []), self.replica.summary()]
        self.wire.shared.frontier = self.replica.frontier

    # MARK: Greeting

    def _hello(self, **parts):
        summary = self.replica.summary()
        return Hello(vectors=[dict(vector) for vector in summary.vectors],
                     frontier=[dict(vector) for vector in summary.frontier],
                     staged=self.replica.staged_dots(), **parts)

    def _greet_first(self):
        replica, common = self.replica, self.replica.common.get(self.expected, [])
        entries = sum(len(vector) for vector in replica.vectors)
        if common and dominates_all(replica.vectors, common[0].vectors):
            following = {lane for lane in ALL if not self.is_patient
                         and not dominates(common[0].vectors[lane], replica.vectors[lane])
                         and dominates(common[0].vectors[lane], replica.frontier[lane])}
            later = (replica.clock[1] >> 16) - (common[0].clock[1] >> 16)
            self.own = self._hello(kind=STATE, reference=common[0], following=following,
                                   lateness=max(0, later) // LATENESS_STEP)
        elif any(replica.frontier):
            self.own = self._hello(kind=FRONTIER, reference=replica.frontier,
                                   clock=replica.clock)
        elif entries <= ENTRIES_TOLD:
            self.own = self._hello(kind=NONE, clock=replica.clock)
        else:
            self.own = self._hello(kind=STATE, reference=replica.summary())
        self.ours = self.own.vectors
        self.send(self.own)
        if self.own.following:
            self.theirs = [dict(vector) for vector in common[0].vectors]
            self._send_news(self.own.following)

    def _greet_back(self):
        """Greets against the other's hello."""
        self.owes_greeting = False
        summary = self.replica.summary()
        level = self.theirs == summary.vectors and self.other.kind != STATE
        self.own = self._hello(kind=GREETING, applied=self.applied,
                               digest=summary.digest if level else None)
        self.ours = join_all(self.ours, summary.vectors)
        self.applied_told = self.applied
        self.send(self.own)

    def _greeted(self, hello):
        if self.peer is None or self.is_exchanging:
            raise Refusal("outOfOrder", "a hello where none was expected")
        replica = self.replica
        if hello.vectors is None:
            if self.side == 0 or self.own:
                raise Refusal("outOfOrder", "a state that is not known here")
            self.own = self._hello(kind=NONE, clock=replica.clock, digest=replica.digest(),
                                   is_reference_unknown=True)
            self.send(self.own)
            return
        is_first = self.side == 1 and self.own is None
        if hello.following and not is_first or hello.is_reference_unknown and self.side == 1:
            raise Refusal("malformed", "a hello with what only another's may have")
        self.other, self.is_exchanging = hello, True
        if hello.digest is not None and hello.vectors == replica.vectors:
            self.log("digests " + ("agree" if hello.digest == replica.digest() else "differ"))
        self.goal, self.required = hello.vectors, hello.frontier
        if hello.is_reference_unknown:
            self.theirs, self.unacknowledged = nothing(), []
        self.theirs = join_all(self.theirs, hello.vectors)
        self._acknowledged(hello.applied)
        if self.own is None:
            self.ours, self.awaited = hello.common, set(hello.following)
            self.owes_greeting = True
            return
        if hello.is_reference_unknown:
            self.ours = nothing()
            self._greet_back()
        if self.side == 0:
            self._decide_who_is_first(hello)
        self._send_news()
        if self.side == 0 and self.peer_repairs and self._has_diverged:
            self._open_mending().begin(secrets.randbits(64))

    @property
    def _has_diverged(self):
        """Whether the other side holds something else, although both hellos told the same."""
        own, other = self.own, self.other
        return (own.vectors == other.vectors and own.frontier == other.frontier
                and other.digest not in (None, self.replica.digest()))

    def _open_mending(self):
        seen = self.own.vectors, self.other.vectors
        self.mending = Mending(self.replica, seen, self.send)
        return self.mending

    def _decide_who_is_first(self, hello):
        for lane in ALL:
            they_know = dominates(hello.vectors[lane], self.replica.frontier[lane])
            if not they_know and not dominates(self.replica.vectors[lane], hello.frontier[lane]):
                self.opened.add(lane)
            if (they_know and lane not in hello.yielded
                    and not dominates(self.replica.vectors[lane], hello.vectors[lane])):
                self.awaited.add(lane)

    # MARK: Sending segments

    def _may_send(self, lane):
        return lane in self.opened or lane not in self.awaited and (
            not self.is_exchanging
            or dominates(self.replica.vectors[lane], self.required[lane]))

    def _send_news(self, lanes=ALL):
        for lane in sorted(lanes):
            has_news = not dominates(self.theirs[lane], self.replica.vectors[lane])
            if has_news and self._may_send(lane):
                self._send_segment(lane)

    def _send_segment(self, lane):
        claim, base = dict(self.replica.vectors[lane]), self.theirs[lane]
        cells, frontier = self.replica.segment(lane, base)
        if frontier is not None:
            base = {}
        dropped, staged = set(), self.other.staged[lane] if self.other else set()
        if staged:
            held = {cell.dot for cell in cells if not has_context(cell.kind)} & staged
            cells = [cell for cell in cells if cell.dot not in held or has_context(cell.kind)]
            dropped = {dot for dot in staged - held
                       if covers(claim, dot) and not covers(base, dot)}
        told = self.wire.sent.direction.told[lane]
        head = Head(self.applied, join(claim, told), self.replica.clock, frontier, dropped)
        self.applied_told = self.applied
        for part, is_last in chunked(cells):
            self.send(Chunk(lane, head, part, is_last))
            head = None
        if not self.is_spent:
            self.theirs[lane] = join(self.theirs[lane], claim)
            self.unacknowledged.append((lane, claim))

    def _acknowledged(self, applied):
        count = applied - self.acknowledged
        if not 0 <= count <= len(self.unacknowledged):
            raise Refusal("outOfOrder", "an acknowledgement of segments that were not sent")
        for lane, claim in self.unacknowledged[:count]:
            self.ours[lane] = join(self.ours[lane], claim)
        del self.unacknowledged[:count]
        self.acknowledged = applied

    # MARK: Receiving

    def receive(self, data):
        """Takes in bytes, cut anywhere."""
        for message in self.wire.feed(data):
            self.log(f"received {describe(message)}")
            self._take(message)
        if self.owes_greeting:
            self._greet_back()
            self._send_news()
        elif self.applied > self.applied_told:
            self.applied_told = self.applied
            self.send(Acknowledgement(self.applied))
        if self.is_spent and not self.unacknowledged:
            raise Refusal("budgetSpent", f"no more than {self.allowed} bytes may be sent")
        if self.is_level and self.theirs == self.ours == self.replica.vectors:
            self.replica.remember(self.peer, self.other.clock)

    def _take(self, message):
        if isinstance(message, Refusal):
            raise message
        if isinstance(message, Preamble):
            self._meet(message)
        elif isinstance(message, Hello):
            self._greeted(message)
        elif not self.is_exchanging:
            raise Refusal("outOfOrder", "a message before the greeting")
        elif isinstance(message, Heartbeat):
            if not message.is_answer:
                self.send(Heartbeat(True))
        elif isinstance(message, Acknowledgement):
            self._acknowledged(message.applied)
        elif isinstance(message, Repair):
            self._take_repair(message)
        else:
            self._take_chunk(message)

    def _meet(self, preamble):
        if self.peer:
            raise Refusal("outOfOrder", "a second preamble")
        if preamble.version != 1:
            raise Refusal("unsupportedVersion", "only 1 to 1 is spoken here")
        if preamble.fleet != self.replica.fleet:
            raise Refusal("otherFleet", "this replica is of another fleet")
        if preamble.device == self.replica.device:
            raise Refusal("sameDevice", "both sides are one device: one is a copy")
        self.peer, self.allowed = preamble.device, preamble.allowance
        self.peer_repairs = preamble.capabilities & REPAIRS != 0
        self._recall(self.peer)
        if self.side == 1:
            self.send(self._preamble())

    def _take_repair(self, repair):
        if self.side == 1 and not self.owes_greeting and not self.mending:
            self._open_mending()
        if not self.mending:
            raise Refusal("outOfOrder", "a repair that was not begun")
        self.mending.take(repair)
        if self.mending.is_over:
            self.log(f"repair is over, the digest is {self.replica.digest():016x}")

    def _take_chunk(self, chunk):
        lane, head = chunk.lane, chunk.head
        self.chunks_received += 1
        if head:
            self._acknowledged(head.applied)
            base = self.ours[lane] if head.frontier is None else {}
            claim = join(base, head.claim)
            if not dominates(claim, head.frontier or {}):
                raise Refusal("malformed", "a snapshot that has not seen its own frontier")
            if len(join(self.replica.vectors[lane], claim)) > VECTOR_MAX:
                raise Refusal("tooLarge", "a claim of too many writers")
            told = self.own.staged[lane] if self.own and not chunk.is_early else set()
            staged = {dot for dot in told if covers(head.claim, dot)
                      and not covers(base, dot) and dot not in head.dropped}
            self.inbound[lane] = Inbound(base, claim, head, staged)
        segment = self.inbound[lane]
        segment.cells += chunk.cells
        for cell in chunk.cells:
            if not covers(segment.claim, cell.dot):
                raise Refusal("outOfOrder", "a cell that its segment does not claim")
        if sum(cell.size for cell in segment.cells) > SEGMENT_BYTES:
            raise Refusal("tooLarge", "a segment")
        if not chunk.is_last:
            self.replica.stage(lane, segment.claim, chunk.cells)
            return
        del self.inbound[lane]
        self.ours[lane] = join(self.ours[lane], segment.claim)
        self.theirs[lane] = join(self.theirs[lane], segment.head.claim)
        self._apply(lane, segment)

    def _apply(self, lane, segment):
        found = {cell.dot: cell for part in self.replica.staged if part[0] == lane
                 for cell in part[2] if cell.dot in segment.staged}
        sent = {cell.dot for cell in segment.cells}
        cells = segment.cells + [cell for dot, cell in found.items() if dot not in sent]
        head = segment.head
        could = {lane for lane in ALL if self._may_send(lane)}
        self.replica.apply(lane, segment.base, segment.claim, head.clock, head.frontier,
                           sorted(cells, key=lambda cell: cell.key))
        self.applied += 1
        self.awaited.discard(lane)
        if not self.owes_greeting:
            self._send_news(set(ALL) - could)

    # MARK: The end

    @property
    def may_be_mended(self):
        """Whether the other side may still find that what it holds is not what is here."""
        return (self.side == 1 and self.is_level and self.peer_repairs and not self.mending
                and self.own.digest is not None and self.own.vectors == self.other.vectors)

    @property
    def is_level(self):
        """Whether both sides have what either had, and know it."""
        return (self.is_exchanging and not self.owes_greeting and not self.unacknowledged
                and not self.inbound and self.applied == self.applied_told
                and not self.is_spent and not (self.mending and not self.mending.is_over)
                and dominates_all(self.replica.vectors, self.goal)
                and dominates_all(self.theirs, self.replica.vectors))


def describe(message):
    if isinstance(message, Chunk):
        kind = "snapshot" if message.head and message.head.frontier is not None else "segment"
        first = f", first of a {kind}" if message.head else ""
        last = ", last" if message.is_last else ""
        return f"chunk of {LANES[message.lane]}: {len(message.cells)} cells{first}{last}"
    if isinstance(message, Hello):
        if message.vectors is None:
            return "hello against a state that is not known here"
        kind = ("nothing", "a common state", "the frontier", "the other's hello")[message.kind]
        staged = sum(len(dots) for dots in message.staged)
        return f"hello against {kind}, {len(message.following)} following, {staged} staged"
    if isinstance(message, Acknowledgement):
        return f"acknowledgement of {message.applied}"
    if isinstance(message, Repair):
        return (f"repair: {STEPS[message.step]}, {len(message.symbols)} symbols, "
                f"{len(message.wanted)} wanted, {len(message.cells)} cells")
    return type(message).__name__.lower()
