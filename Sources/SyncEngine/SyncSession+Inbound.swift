import CausalTime
import ReplicaModel

/// A segment of which some chunks have arrived.
struct InboundSegment: Sendable {
    let lane: Lane
    let base: VersionVector
    let claim: VersionVector
    /// What the sender had seen: the claim without our own part of the base.
    let told: VersionVector
    let frontier: VersionVector?
    let clock: HybridTimestamp
    /// Writes of the segment that are not sent because we said that we hold them.
    let staged: DotSet
    /// The cells of each chunk.
    ///
    /// They are put together once, when the segment is whole: an array that grows with every chunk
    /// would be copied as often.
    var parts: [[Cell]] = []
    /// How many of the parts the replica has been asked to keep.
    var stagedParts = 0
    var bytes = 0

    /// Whether there are parts that the replica has not been asked to keep.
    var hasUnstaged: Bool { stagedParts < parts.count }

    /// All that have arrived.
    var cells: [Cell] { Array(parts.joined()) }

    mutating func append(_ chunk: SegmentChunk) throws(Refusal) {
        for cell in chunk.cells {
            guard claim.contains(cell.dot) else {
                throw Refusal(
                    .outOfOrder, "a cell at \(cell.dot), which its segment does not claim")
            }
            bytes += cell.approximateBytes
        }
        parts.append(chunk.cells)
    }
}

extension SyncSession.Exchange {
    mutating func receive(
        _ message: SyncMessage, limits: SessionLimits
    ) throws(Refusal) -> [SyncSession.Action] {
        switch message {
        case .chunk(let chunk): return try receive(chunk, limits: limits)
        case .acknowledgement(let applied):
            try acknowledge(upTo: applied)
            return []
        case .heartbeat(let isAnswer):
            return isAnswer ? [] : [.send(.heartbeat(isAnswer: true))]
        case .repair(let message): return try receive(message, limits: limits)
        case .preamble, .hello, .unknownReference, .refusal:
            throw Refusal(.outOfOrder, "a greeting after the greetings")
        }
    }

    /// Asks for what has arrived to be kept if it has been gathered for long enough.
    ///
    /// Each time is a durable transaction, and a segment that is whole soon needs none.
    mutating func stageIfDue(
        at now: MonotonicTime, limits: SessionLimits
    ) -> [SyncSession.Action] {
        guard inbound.values.contains(where: \.hasUnstaged) else {
            stageAt = nil
            return []
        }
        let due = stageAt ?? now + limits.stagingDelay
        stageAt = due
        return now >= due ? stageArrived() : []
    }

    /// Asks for what has arrived of segments that are not whole to be kept.
    mutating func stageArrived() -> [SyncSession.Action] {
        stageAt = nil
        return inbound.keys.sorted { $0.rawValue < $1.rawValue }.compactMap { lane in
            guard let segment = inbound[lane], segment.hasUnstaged else { return nil }
            inbound[lane]?.stagedParts = segment.parts.count
            let cells = Array(segment.parts[segment.stagedParts...].joined())
            return .stage(cells, of: lane, claim: segment.claim)
        }
    }

    /// Takes in a chunk, and asks for the segment to be applied when it is whole.
    private mutating func receive(
        _ chunk: SegmentChunk, limits: SessionLimits
    ) throws(Refusal) -> [SyncSession.Action] {
        guard Lane.all.contains(chunk.lane) else {
            throw Refusal(.malformed, "\(chunk.lane) is not in use")
        }
        var segment = try begun(by: chunk, limits: limits)
        try segment.append(chunk)
        let others = inbound.values.reduce(0) { $0 + ($1.lane == segment.lane ? 0 : $1.bytes) }
        guard segment.bytes + others <= limits.segmentBytesMax else {
            throw Refusal(
                .tooLarge, "segments of more than \(limits.segmentBytesMax) bytes together")
        }
        guard chunk.isLast else {
            inbound[segment.lane] = segment
            return []
        }
        inbound[segment.lane] = nil
        ours[segment.lane].merge(segment.claim)
        theirs[segment.lane].merge(segment.told)
        if !hasNews { pushAt = nil }
        let cells = segment.cells
        applying = (segment.lane, cells.count + segment.staged.count)
        return [
            .apply(
                Segment(
                    lane: segment.lane, base: segment.base, claim: segment.claim,
                    clock: segment.clock, frontier: segment.frontier, cells: cells),
                adding: segment.staged)
        ]
    }

    private mutating func begun(
        by chunk: SegmentChunk, limits: SessionLimits
    ) throws(Refusal) -> InboundSegment {
        switch (chunk.head, inbound[chunk.lane]) {
        case (let head?, nil):
            try acknowledge(upTo: head.applied)
            // A snapshot stands by itself; a delta continues what the peer can know of us.
            let base = head.frontier == nil ? ours[chunk.lane] : VersionVector()
            let claim = base.merging(head.claim)
            guard claim.dominates(head.frontier ?? VersionVector()) else {
                throw Refusal(.malformed, "a snapshot that has not seen its own frontier")
            }
            guard
                Segment.hasRoom(
                    for: claim, in: local[chunk.lane], writersMax: limits.vectorEntriesMax)
            else {
                throw Refusal(
                    .tooLarge,
                    "a claim with which there would be too many writers; "
                        + "\(limits.vectorEntriesMax) fit, and some are kept for this side")
            }
            return InboundSegment(
                lane: chunk.lane, base: base, claim: claim, told: head.claim,
                frontier: head.frontier, clock: head.clock,
                staged: takeStaged(of: chunk.lane, base: base, head: head))
        case (nil, let segment?): return segment
        case (nil, nil): throw Refusal(.outOfOrder, "a chunk of a segment that was not begun")
        case (_?, _?): throw Refusal(.outOfOrder, "a segment begun inside another of its lane")
        }
    }

    /// What of our staged writes belongs to a segment that begins.
    private mutating func takeStaged(
        of lane: Lane, base: VersionVector, head: SegmentChunk.Head
    ) -> DotSet {
        // A segment that was sent before our greeting was read has nothing left out.
        guard early.remove(lane) == nil, let staged = ourStaged[lane] else { return DotSet() }
        return DotSet(
            staged.dots.filter {
                head.claim.contains($0) && !base.contains($0) && !head.dropped.contains($0)
            })
    }

    mutating func didApply(_ summary: ReplicaSummary) -> [SyncSession.Action] {
        applied += 1
        let couldSend = Lane.all.filter(maySend)
        local.merge(summary.vectors)
        guard let segment = applying else { return [] }
        applying = nil
        awaited.remove(segment.lane)
        // What was held back until we had seen the peer's part goes now.
        let lanes = Set(Lane.all.filter { !couldSend.contains($0) })
        return [.report(.applied(lane: segment.lane, cells: segment.cells))]
            + (owesGreeting ? [] : exports(of: lanes))
    }
}
