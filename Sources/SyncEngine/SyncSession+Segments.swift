import CausalTime
import ReplicaModel

/// A segment of which some chunks have arrived.
struct InboundSegment: Sendable {
    let lane: Lane
    let base: VersionVector
    let claim: VersionVector
    let frontier: VersionVector?
    let clock: HybridTimestamp
    var cells: [Cell] = []
    var bytes = 0

    mutating func append(_ chunk: SegmentChunk, limits: SessionLimits) throws(Refusal) {
        for cell in chunk.cells {
            guard claim.contains(cell.dot) else {
                throw Refusal(
                    .outOfOrder, "a cell at \(cell.dot), which its segment does not claim")
            }
            bytes += cell.approximateBytes
        }
        guard bytes <= limits.segmentBytesMax else {
            throw Refusal(.tooLarge, "a segment of more than \(limits.segmentBytesMax) bytes")
        }
        cells += chunk.cells
    }
}

extension SyncSession.Exchange {
    // MARK: Out

    /// Cuts a segment into chunks and sends them.
    mutating func send(
        _ segment: Segment, limits: SessionLimits
    ) throws(Refusal) -> [SyncSession.Action] {
        let above = VersionVector(
            segment.claim.entries(above: segment.base).map { ($0.writer, $0.sequence) })
        guard !above.isEmpty else { return [] }
        let head = SegmentChunk.Head(
            applied: applied, claim: above, frontier: segment.frontier, clock: segment.clock)
        appliedTold = applied
        theirs[segment.lane].merge(segment.claim)
        local[segment.lane].merge(segment.claim)
        unacknowledged.append((segment.lane, segment.claim))

        let parts = segment.cells.chunked(limits: limits)
        return parts.indices.map { index in
            .send(
                .chunk(
                    SegmentChunk(
                        lane: segment.lane, head: index == 0 ? head : nil,
                        cells: Array(parts[index]), isLast: index == parts.count - 1)))
        }
    }

    // MARK: In

    /// Takes in a chunk; asks for the segment to be applied when it is whole.
    mutating func receive(
        _ chunk: SegmentChunk, limits: SessionLimits
    ) throws(Refusal) -> [SyncSession.Action] {
        guard Lane.all.contains(chunk.lane) else {
            throw Refusal(.malformed, "\(chunk.lane) is not in use")
        }
        var segment = try begun(by: chunk)
        try segment.append(chunk, limits: limits)
        guard chunk.isLast else {
            inbound = segment
            return []
        }
        inbound = nil
        ours[segment.lane].merge(segment.claim)
        theirs[segment.lane].merge(segment.claim)
        if !hasNews { pushAt = nil }
        applying = (segment.lane, segment.cells.count)
        return [
            .apply(
                Segment(
                    lane: segment.lane, base: segment.base, claim: segment.claim,
                    clock: segment.clock, frontier: segment.frontier, cells: segment.cells))
        ]
    }

    private mutating func begun(by chunk: SegmentChunk) throws(Refusal) -> InboundSegment {
        switch (chunk.head, inbound) {
        case (let head?, nil):
            try acknowledge(upTo: head.applied)
            // A snapshot stands by itself; a delta continues what the peer can know of us.
            let base = head.frontier == nil ? ours[chunk.lane] : VersionVector()
            let claim = base.merging(head.claim)
            guard claim.dominates(head.frontier ?? VersionVector()) else {
                throw Refusal(.malformed, "a snapshot that has not seen its own frontier")
            }
            return InboundSegment(
                lane: chunk.lane, base: base, claim: claim, frontier: head.frontier,
                clock: head.clock)
        case (nil, let segment?) where segment.lane == chunk.lane: return segment
        case (nil, _): throw Refusal(.outOfOrder, "a chunk of a segment that was not begun")
        case (_?, _?): throw Refusal(.outOfOrder, "a segment begun inside another")
        }
    }

    mutating func didApply(_ summary: ReplicaSummary) -> [SyncSession.Action] {
        applied += 1
        let couldSend = Lane.all.filter(maySend)
        local.merge(summary.vectors)
        guard let segment = applying else { return [] }
        applying = nil
        // After a snapshot we have seen what the peer has forgotten: now it gets our part.
        let exports = exportActions().filter {
            if case .export(let lane, _) = $0 { !couldSend.contains(lane) } else { false }
        }
        return [.report(.applied(lane: segment.lane, cells: segment.cells))] + exports
    }
}

extension Cell {
    /// About what the cell takes up, for limits; never less than a few bytes.
    var approximateBytes: Int { 32 + key.row.count + value.count }
}

extension [Cell] {
    /// Splits into chunks of about `chunkBytes`; always at least one, which may be empty.
    func chunked(limits: SessionLimits) -> [ArraySlice<Cell>] {
        var parts: [ArraySlice<Cell>] = []
        var start = 0
        var bytes = 0
        for index in indices {
            let size = self[index].approximateBytes
            let full = bytes + size > limits.chunkBytes || index - start >= limits.chunkCellsMax
            if full, index > start {
                parts.append(self[start..<index])
                start = index
                bytes = 0
            }
            bytes += size
        }
        parts.append(self[start...])
        return parts
    }
}
