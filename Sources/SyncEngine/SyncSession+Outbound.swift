import CausalTime
import ReplicaModel

extension SyncSession.Exchange {
    /// Cuts a segment into chunks and sends them, without what the peer holds of it.
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
        unacknowledged.append((segment.lane, segment.claim))

        let parts = cells.chunked(limits: limits)
        return parts.indices.map { index in
            .send(
                .chunk(
                    SegmentChunk(
                        lane: segment.lane, head: index == 0 ? head : nil,
                        cells: Array(parts[index]), isLast: index == parts.count - 1)))
        }
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
