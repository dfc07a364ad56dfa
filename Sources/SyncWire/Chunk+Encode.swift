import CausalTime
import ReplicaModel
import SyncEngine

extension DirectionState {
    /// Writes a chunk and remembers what the next one is described against.
    ///
    /// What resembles text goes to `text`, for the compressed stream.
    mutating func write(
        _ chunk: SegmentChunk, by side: SyncSession.Role, limits: SessionLimits,
        writers: inout WriterTable, to out: inout ByteWriter, text: inout ByteWriter
    ) throws(BodyFault) {
        guard chunk.lane.rawValue < Self.laneCount else {
            throw BodyFault(.failed, "a chunk of no lane")
        }
        let isSingle = chunk.cells.count == 1
        let flags = chunk.lane.rawValue | (isSingle ? ChunkFlags.isSingle : 0)
        if let head = chunk.head {
            try write(
                head, of: chunk.lane, flags, by: side, limits: limits, writers: &writers, to: &out)
        } else {
            out.byte(flags)
        }
        // Taken out, so that what changes is not copied first; after a fault nothing goes on.
        guard var segment = segments.removeValue(forKey: chunk.lane) else {
            throw BodyFault(.failed, "a chunk of a segment that was not begun")
        }
        if let fault = segment.fault(in: chunk.cells, lane: chunk.lane, limits: limits) {
            throw fault
        }
        if isSingle {
            try segment.writeSingle(
                chunk.cells[0], after: &self[chunk.lane], by: side, limits: limits,
                writers: &writers, to: &out, text: &text)
        } else {
            try segment.write(
                chunk.cells, after: &self[chunk.lane], by: side, limits: limits,
                writers: &writers, to: &out, text: &text)
        }
        if !chunk.isLast { segments[chunk.lane] = segment }
    }

    private mutating func write(
        _ head: SegmentChunk.Head, of lane: Lane, _ flags: UInt8, by side: SyncSession.Role,
        limits: SessionLimits, writers: inout WriterTable, to out: inout ByteWriter
    ) throws(BodyFault) {
        guard head.claim.entries.count <= limits.vectorEntriesMax else {
            throw BodyFault(.tooLarge, "a claim of more than \(limits.vectorEntriesMax) writers")
        }
        guard head.claim.dominates(told[lane]) else {
            throw BodyFault(.failed, "a claim below what was told before")
        }
        if let frontier = head.frontier, !head.claim.dominates(frontier) {
            throw BodyFault(.failed, "a snapshot that has not seen its own frontier")
        }
        let raised = head.claim.entries(above: told[lane])
        let form = claimForm(raised, in: lane)
        out.byte(
            flags | form.rawValue << ChunkFlags.claimShift
                | (head.applied == applied ? 0 : ChunkFlags.hasApplied)
                | (head.clock.isPlain(after: clock) ? 0 : ChunkFlags.hasWholeClock)
                | (head.dropped.isEmpty ? 0 : ChunkFlags.hasDropped))
        if head.applied != applied { out.varint(head.applied) }
        switch form {
        case .asTold, .nextOfAuthor: break
        case .oneHigher:
            let increment = raised[0].sequence - told[lane][raised[0].writer]
            try writers.write(raised[0].writer, flag: increment > 1, by: side, to: &out)
            if increment > 1 { out.varint(increment) }
        case .severalHigher:
            out.varint(UInt64(raised.count))
            for entry in raised { try writers.write(entry.writer, by: side, to: &out) }
            IntegerColumn.write(raised.map { $0.sequence - told[lane][$0.writer] }, to: &out)
        }
        if let frontier = head.frontier {
            out.byte(frontier == toldFrontier[lane] ? 0 : 1)
            if frontier != toldFrontier[lane] { head.claim.writeFrontier(frontier, to: &out) }
        }
        head.clock.write(after: clock, to: &out)
        if !head.dropped.isEmpty { try writers.write(head.dropped, by: side, to: &out) }
        begin(head, of: lane, raised: raised.map(\.writer))
    }

    private func claimForm(_ raised: [VersionVector.Entry], in lane: Lane) -> ClaimForm {
        guard let first = raised.first else { return .asTold }
        guard raised.count == 1 else { return .severalHigher }
        let isNext = first.writer == author && first.sequence == told[lane][first.writer] + 1
        return isNext ? .nextOfAuthor : .oneHigher
    }

    /// Remembers what a head says, on either end.
    mutating func begin(_ head: SegmentChunk.Head, of lane: Lane, raised: [WriterID]) {
        segments[lane] = SegmentContext(
            claim: head.claim, base: head.frontier == nil ? base[lane] : VersionVector(),
            clock: head.clock, after: self[lane])
        if !raised.isEmpty { author = raised.count == 1 ? raised[0] : nil }
        told[lane] = head.claim
        build(on: head.claim, of: lane)
        if let frontier = head.frontier { toldFrontier[lane] = frontier }
        clock = head.clock
        applied = head.applied
    }
}
