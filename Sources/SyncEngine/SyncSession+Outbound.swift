import CausalTime
import ReplicaModel

/// What is still to be sent of a segment that has begun.
struct OutboundSegment: Sendable {
    let lane: Lane
    let claim: VersionVector
    /// What the first chunk says, until it has been sent.
    var head: SegmentChunk.Head?
    /// What each chunk holds, the next one first; never empty.
    var parts: ArraySlice<ArraySlice<Cell>>

    /// Takes what goes into the next chunk, which is at least one cell if there are any; nothing
    /// if not even that is sure to fit into so many bytes.
    ///
    /// What does not fit if it does not compress at all is left for another chunk.
    mutating func takeNext(room: Int?) -> ArraySlice<Cell>? {
        guard let part = parts.first else { return nil }
        var count = part.count
        if let room {
            var left = room - Self.headBytesMax
            count =
                part.prefix { cell in
                    left -= cell.approximateBytes
                    return left >= 0
                }.count
            guard left >= 0 || count > 0 else { return nil }
        }
        parts.removeFirst()
        if count < part.count { parts.insert(part.dropFirst(count), at: parts.startIndex) }
        return part.prefix(count)
    }

    private static let headBytesMax = 128
}

extension SyncSession.Exchange {
    /// Cuts a segment into chunks, without what the peer holds of it, and sends the first.
    ///
    /// The others follow as there is room, so that what is more urgent can go in between.
    mutating func send(
        _ segment: Segment, limits: SessionLimits
    ) throws(Refusal) -> [SyncSession.Action] {
        guard !segment.base.dominates(segment.claim) else { return [] }
        let (cells, dropped) = parted(segment)
        let head = SegmentChunk.Head(
            applied: applied, claim: segment.claim, frontier: segment.frontier,
            clock: segment.clock, dropped: dropped)
        appliedTold = applied
        // What the peer holds belongs to this segment, or is dropped by it.
        theirStaged[segment.lane] = nil
        theirs[segment.lane].merge(segment.claim)
        local[segment.lane].merge(segment.claim)
        outbound[segment.lane] = OutboundSegment(
            lane: segment.lane, claim: segment.claim, head: head,
            parts: cells.chunked(limits: limits)[...])
        return sendNext(of: segment.lane)
    }

    /// Sends on, the most urgent lane first, as the transport has room for a chunk.
    mutating func sendOn() -> [SyncSession.Action] {
        guard let lane = outbound.keys.min(by: { $0.rawValue < $1.rawValue }) else { return [] }
        return sendNext(of: lane)
    }

    private mutating func sendNext(of lane: Lane) -> [SyncSession.Action] {
        guard var segment = outbound[lane], !isBudgetSpent else { return [] }
        guard let part = segment.takeNext(room: room) else {
            isBudgetSpent = true
            return []
        }
        let isLast = segment.parts.isEmpty
        let chunk = SegmentChunk(
            lane: lane, head: segment.head, cells: Array(part), isLast: isLast)
        segment.head = nil
        outbound[lane] = isLast ? nil : segment
        guard isLast else { return [.send(.chunk(chunk))] }
        unacknowledged.append((lane, segment.claim))
        // What was written to the lane meanwhile goes now.
        return [.send(.chunk(chunk))] + exports(of: [lane])
    }

    /// The cells that the peer has to be sent, and which of its staged writes are none of them.
    ///
    /// A write is staged or it is not, whichever replica it came from; but of a cell with a
    /// context two replicas may hold different contexts, so it is sent again.
    private func parted(_ segment: Segment) -> (cells: [Cell], dropped: DotSet) {
        guard let staged = theirStaged[segment.lane], !staged.isEmpty else {
            return (segment.cells, DotSet())
        }
        var kept: Set<Dot> = []
        let cells = segment.cells.filter { cell in
            guard !cell.kind.hasContext, staged.contains(cell.dot) else { return true }
            kept.insert(cell.dot)
            return false
        }
        let dropped = staged.dots.filter {
            segment.claim.contains($0) && !segment.base.contains($0) && !kept.contains($0)
        }
        return (cells, DotSet(dropped))
    }
}

extension Cell {
    /// About what the cell takes up, for limits; never less than a few bytes.
    var approximateBytes: Int {
        32 + key.row.count + key.item.count + value.count + 24 * context.entries.count
    }
}

extension [Cell] {
    /// Splits into chunks of about `chunkBytes`; always at least one, which may be empty.
    ///
    /// A cell whose shape would be one too many for a segment is a chunk of its own.
    func chunked(limits: SessionLimits) -> [ArraySlice<Cell>] {
        var parts: [ArraySlice<Cell>] = []
        var start = 0
        var bytes = 0
        var shapes = ShapeCount()
        var wasAlone = false
        for index in indices {
            let size = self[index].approximateBytes
            let isAlone = shapes.isBeyond(with: self[index])
            let full = bytes + size > limits.chunkBytes || index - start >= limits.chunkCellsMax
            if full || isAlone || wasAlone, index > start {
                parts.append(self[start..<index])
                start = index
                bytes = 0
            }
            bytes += size
            wasAlone = isAlone
        }
        parts.append(self[start...])
        return parts
    }
}

/// Counts the shapes of a segment's cells.
private struct ShapeCount {
    /// What cells of one field have in common.
    private struct Shape: Hashable {
        let collection: CollectionID
        let field: FieldID
        let kind: MergeKind
        let hasItem: Bool
        let hasLife: Bool
    }

    private var shapes: Set<Shape> = []
    /// The shapes of the last two cells, which those of the next mostly are.
    private var recent: (Shape?, Shape?)
    /// One is kept for the last cell of the segment before, which a segment begins with.
    private let limit = SessionLimits.shapesMax - 1

    /// Counts a cell, unless its shape is one too many.
    mutating func isBeyond(with cell: Cell) -> Bool {
        let shape = Shape(
            collection: cell.key.collection, field: cell.key.field, kind: cell.kind,
            hasItem: !cell.key.item.isEmpty,
            hasLife: !cell.kind.isStamped && cell.causalLength > 0)
        guard recent.0 != shape, recent.1 != shape else { return false }
        guard shapes.count < limit || shapes.contains(shape) else { return true }
        shapes.insert(shape)
        recent = (recent.1, shape)
        return false
    }
}
