import CausalTime
import ReplicaModel
import SyncEngine

extension DirectionState {
    /// Reads a chunk and remembers what the next one is described against.
    mutating func readChunk(
        _ bits: UInt8, by side: SyncSession.Role, limits: SessionLimits,
        writers: inout WriterTable, from body: inout BodyParts, atMost budget: Int
    ) throws(BodyFault) -> SegmentChunk {
        let flags = try body.plain.byte()
        let lane = Lane(rawValue: flags & ChunkFlags.laneMask)
        let isSnapshot = bits & ChunkBits.isSnapshot != 0
        var head: SegmentChunk.Head?
        if bits & ChunkBits.isFirst != 0 {
            head = try readHead(
                of: lane, flags, isSnapshot: isSnapshot, by: side, limits: limits,
                writers: &writers, from: &body.plain)
        } else {
            guard !isSnapshot, flags & ~ChunkFlags.ofContinuation == 0 else {
                throw body.plain.fault("a chunk that goes on has what only the first can have")
            }
        }
        // Taken out, so that what changes is not copied first; after a fault nothing goes on.
        guard var segment = segments.removeValue(forKey: lane) else {
            throw body.plain.fault("a chunk of a segment that was not begun", code: .outOfOrder)
        }
        let cells: [Cell]
        if flags & ChunkFlags.isSingle != 0 {
            cells = [
                try segment.readSingle(
                    in: lane, after: &self[lane], by: side, limits: limits, writers: &writers,
                    from: &body)
            ]
        } else {
            cells = try segment.readCells(
                in: lane, after: &self[lane], by: side, limits: limits, writers: &writers,
                from: &body, atMost: budget)
        }
        let isLast = bits & ChunkBits.isLast != 0
        if !isLast { segments[lane] = segment }
        return SegmentChunk(lane: lane, head: head, cells: cells, isLast: isLast)
    }

    private mutating func readHead(
        of lane: Lane, _ flags: UInt8, isSnapshot: Bool, by side: SyncSession.Role,
        limits: SessionLimits, writers: inout WriterTable, from reader: inout BodyReader
    ) throws(BodyFault) -> SegmentChunk.Head {
        guard segments[lane] == nil else {
            throw reader.fault("a segment begun inside another of its lane", code: .outOfOrder)
        }
        let applied = flags & ChunkFlags.hasApplied != 0 ? try reader.varint() : applied
        var claim = told[lane]
        let raised = try readRaised(
            flags, by: side, limits: limits, writers: &writers, from: &reader)
        for (writer, increment) in raised {
            let (sequence, isBeyond) = claim[writer].addingReportingOverflow(increment)
            guard !isBeyond, sequence <= UInt64(Int64.max) else {
                throw reader.fault("a claim beyond 63 bits")
            }
            claim.raise(writer, to: sequence)
        }
        guard claim.entries.count <= limits.vectorEntriesMax else {
            throw reader.fault(
                "a claim of more than \(limits.vectorEntriesMax) writers", code: .tooLarge)
        }
        var frontier: VersionVector?
        if isSnapshot {
            switch try reader.byte() {
            case 0: frontier = toldFrontier[lane]
            case 1: frontier = try claim.readFrontier(from: &reader)
            default: throw reader.fault("neither the frontier that was told nor another")
            }
        }
        let own = try HybridTimestamp(
            after: clock, isPlain: flags & ChunkFlags.hasWholeClock == 0, from: &reader)
        let dropped =
            flags & ChunkFlags.hasDropped != 0
            ? try writers.readDots(by: side, limits: limits, from: &reader) : DotSet()
        let head = SegmentChunk.Head(
            applied: applied, claim: claim, frontier: frontier, clock: own, dropped: dropped)
        begin(head, of: lane, raised: raised.map(\.writer))
        return head
    }

    /// The writers whose entries a claim raises, and by how much.
    private func readRaised(
        _ flags: UInt8, by side: SyncSession.Role, limits: SessionLimits,
        writers: inout WriterTable, from reader: inout BodyReader
    ) throws(BodyFault) -> [(writer: WriterID, increment: UInt64)] {
        let form = ClaimForm(rawValue: flags >> ChunkFlags.claimShift & ChunkFlags.claimMask)
        var raised: [(writer: WriterID, increment: UInt64)] = []
        switch form {
        case .asTold, nil: break
        case .nextOfAuthor:
            guard let author else {
                throw reader.fault("the next write of nobody")
            }
            raised = [(author, 1)]
        case .oneHigher:
            let (writer, isMore) = try writers.readFlagged(by: side, from: &reader)
            raised = [(writer, isMore ? try reader.varint() : 1)]
        case .severalHigher:
            let count = try reader.count(
                atMost: limits.vectorEntriesMax, of: "writers in a claim")
            var names: [WriterID] = []
            for _ in 0..<count { names.append(try writers.read(by: side, from: &reader)) }
            guard zip(names, names.dropFirst()).allSatisfy({ $0 < $1 }) else {
                throw reader.fault("the writers of a claim are not ascending")
            }
            raised = Array(zip(names, try IntegerColumn.read(count, from: &reader)))
        }
        guard raised.allSatisfy({ $0.increment > 0 }) else {
            throw reader.fault("a claim that raises nothing")
        }
        return raised
    }
}

extension VersionVector {
    /// Writes a vector that this one dominates, as what is missing from each entry of this one.
    func writeFrontier(_ frontier: VersionVector, to out: inout ByteWriter) {
        IntegerColumn.write(
            entries.map { $0.sequence - min($0.sequence, frontier[$0.writer]) }, to: &out)
    }

    /// Reads what ``writeFrontier(_:to:)`` wrote.
    func readFrontier(from reader: inout BodyReader) throws(BodyFault) -> VersionVector {
        let missing = try IntegerColumn.read(entries.count, from: &reader)
        var pairs: [(WriterID, UInt64)] = []
        for (entry, missing) in zip(entries, missing) {
            guard missing <= entry.sequence else {
                throw reader.fault("a frontier below nothing")
            }
            pairs.append((entry.writer, entry.sequence - missing))
        }
        return VersionVector(pairs)
    }
}
