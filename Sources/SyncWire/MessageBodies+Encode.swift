import CausalTime
import ReplicaModel
import SyncEngine

extension Preamble {
    /// What every preamble begins with: `CRVN`.
    static let magic: [UInt8] = [0x43, 0x52, 0x56, 0x4e]

    func write(to out: inout ByteWriter) {
        out.raw(Self.magic)
        out.byte(version)
        out.varint(capabilities)
        out.raw(fleet.bytes)
        out.raw(device.bytes)
    }
}

extension Hello {
    func write(
        by side: SyncSession.Role, limits: SessionLimits, writers: inout WriterTable,
        to out: inout ByteWriter
    ) throws(BodyFault) {
        out.fixed64(digest.value)
        out.varint(UInt64(clock.epoch))
        out.varint(clock.ticks)
        out.varint(UInt64(Lane.all.count))
        for lane in Lane.all {
            try writers.write(vectors[lane], by: side, limits: limits, to: &out)
        }
        guard frontier != LaneVectors() else { return }
        for lane in Lane.all { vectors[lane].writeFrontier(frontier[lane], to: &out) }
    }
}

/// The byte that a chunk begins with.
struct ChunkFlags {
    static let hasHead: UInt8 = 0b1
    static let isLast: UInt8 = 0b10
    static let laneShift: UInt8 = 2
    static let laneMask: UInt8 = 0b111
    static let isSnapshot: UInt8 = 0b10_0000
    static let reserved: UInt8 = 0b1100_0000
}

extension DirectionState {
    /// Writes a chunk and remembers what the next one is described against.
    mutating func write(
        _ chunk: SegmentChunk, by side: SyncSession.Role, limits: SessionLimits,
        writers: inout WriterTable, to out: inout ByteWriter
    ) throws(BodyFault) {
        let begun = chunk.head.map { SegmentContext(claim: $0.claim, clock: $0.clock) }
        guard let segment = begun ?? segment, chunk.lane.rawValue < Self.laneCount else {
            throw BodyFault(.failed, "a chunk of a segment that was not begun, or of no lane")
        }
        if let head = chunk.head, let frontier = head.frontier, !head.claim.dominates(frontier) {
            throw BodyFault(.failed, "a snapshot that has not seen its own frontier")
        }
        if let fault = segment.fault(in: chunk.cells, lane: chunk.lane, limits: limits) {
            throw fault
        }
        out.byte(
            (chunk.head == nil ? 0 : ChunkFlags.hasHead) | (chunk.isLast ? ChunkFlags.isLast : 0)
                | (chunk.head?.frontier == nil ? 0 : ChunkFlags.isSnapshot)
                | chunk.lane.rawValue << ChunkFlags.laneShift)
        if let head = chunk.head {
            out.varint(head.applied)
            try writers.write(head.claim, by: side, limits: limits, to: &out)
            if let frontier = head.frontier { head.claim.writeFrontier(frontier, to: &out) }
            head.clock.write(after: clock, to: &out)
            clock = head.clock.milliseconds
        }
        try segment.write(
            chunk.cells, after: &self[chunk.lane], by: side, limits: limits, writers: &writers,
            to: &out)
        self.segment = chunk.isLast ? nil : segment
    }
}

extension Refusal {
    func write(to out: inout ByteWriter) {
        out.byte(code.rawValue)
        out.counted(Array(text.utf8))
    }
}
