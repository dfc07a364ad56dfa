import CausalTime
import ReplicaModel
import SyncEngine

extension Preamble {
    /// Reads a preamble.
    ///
    /// Of another major version nothing else is known, so fleet and device are
    /// zero then; what follows the known part belongs to a later minor version.
    init(from reader: inout BodyReader) throws(BodyFault) {
        guard try reader.raw(Self.magic.count) == Self.magic else {
            throw reader.fault("not the magic of a preamble")
        }
        let version = try reader.byte()
        guard version == Self.currentVersion else {
            self.init(
                version: version, fleet: FleetID(high: 0, low: 0), device: DeviceID(high: 0, low: 0)
            )
            return
        }
        self.init(
            version: version, capabilities: try reader.varint(), fleet: try reader.identifier(),
            device: try reader.identifier())
    }
}

extension Hello {
    init(
        by side: SyncSession.Role, limits: SessionLimits, writers: inout WriterTable,
        from reader: inout BodyReader
    ) throws(BodyFault) {
        let digest = Digest(value: try reader.fixed64())
        let epoch = try reader.varint(atMost: UInt64(UInt32.max), of: "a clock's epoch")
        let clock = HybridTimestamp(epoch: UInt32(epoch), ticks: try reader.varint())
        guard try reader.varint() == UInt64(Lane.all.count) else {
            throw reader.fault("not the number of lanes of this version")
        }
        var vectors = LaneVectors()
        for lane in Lane.all {
            vectors[lane] = try writers.readVector(by: side, limits: limits, from: &reader)
        }
        var frontier = LaneVectors()
        if reader.remaining > 0 {
            for lane in Lane.all { frontier[lane] = try vectors[lane].readFrontier(from: &reader) }
            guard frontier != LaneVectors() else { throw reader.fault("a frontier of nothing") }
        }
        self.init(
            ReplicaSummary(vectors: vectors, frontier: frontier, digest: digest, clock: clock))
    }
}

extension DirectionState {
    /// Reads a chunk and remembers what the next one is described against.
    mutating func readChunk(
        by side: SyncSession.Role, limits: SessionLimits, writers: inout WriterTable,
        from reader: inout BodyReader
    ) throws(BodyFault) -> SegmentChunk {
        let flags = try reader.byte()
        guard flags & ChunkFlags.reserved == 0 else {
            throw reader.fault("a reserved bit is set in a chunk")
        }
        let lane = Lane(rawValue: flags >> ChunkFlags.laneShift & ChunkFlags.laneMask)
        let isSnapshot = flags & ChunkFlags.isSnapshot != 0
        var head: SegmentChunk.Head?
        if flags & ChunkFlags.hasHead != 0 {
            let read = try readHead(
                ofSnapshot: isSnapshot, by: side, limits: limits, writers: &writers, from: &reader)
            segment = SegmentContext(claim: read.claim, clock: read.clock)
            head = read
        } else if isSnapshot {
            throw reader.fault("a snapshot that does not begin here")
        }
        guard let segment else {
            throw reader.fault("a chunk of a segment that was not begun", code: .outOfOrder)
        }
        let cells = try segment.readCells(
            in: lane, after: &self[lane], by: side, limits: limits, writers: &writers,
            from: &reader)
        let isLast = flags & ChunkFlags.isLast != 0
        if isLast { self.segment = nil }
        return SegmentChunk(lane: lane, head: head, cells: cells, isLast: isLast)
    }

    private mutating func readHead(
        ofSnapshot isSnapshot: Bool, by side: SyncSession.Role, limits: SessionLimits,
        writers: inout WriterTable,
        from reader: inout BodyReader
    ) throws(BodyFault) -> SegmentChunk.Head {
        let applied = try reader.varint()
        let claim = try writers.readVector(by: side, limits: limits, from: &reader)
        let frontier = isSnapshot ? try claim.readFrontier(from: &reader) : nil
        let clock = try HybridTimestamp(after: clock, from: &reader)
        self.clock = clock.milliseconds
        return SegmentChunk.Head(
            applied: applied, claim: claim, frontier: frontier, clock: clock)
    }
}

extension Refusal {
    /// Reads a refusal.
    ///
    /// A code that is not known here counts as ``Code/failed``.
    init(from reader: inout BodyReader) throws(BodyFault) {
        let code = Code(rawValue: try reader.byte()) ?? .failed
        let length = try reader.count(atMost: Self.textBytesMax, of: "bytes of text in a refusal")
        guard let text = String(validating: try reader.raw(length), as: UTF8.self) else {
            throw reader.fault("a refusal's text is not UTF-8")
        }
        self.init(code, text)
    }
}
