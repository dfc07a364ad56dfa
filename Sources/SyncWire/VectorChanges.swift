import CausalTime
import ReplicaModel
import SyncEngine

/// How the vectors of a greeting differ from those of its reference, as a range code.
///
/// Which lanes differ and of which a segment follows, and how many writers are new; these follow
/// the code with 16 bytes each. Then for each lane that differs the places of the writers in the
/// table, and by how much their entries differ. Last, where it is said, how late the clock is.
private struct ChangeModels {
    var lanes = IntegerModel()
    var count = IntegerModel()
    var gap = IntegerModel()
    var difference = IntegerModel()
    var lateness = IntegerModel()
}

/// What a greeting says of lanes before it says how they differ.
struct LaneNews {
    /// Lanes in which something differs, ascending.
    let changed: [Lane]
    /// Those of them that are marked: of an initiator, of which a segment follows at once; of a
    /// responder, in which the initiator is to send first.
    let marked: Set<Lane>
}

extension WriterTable {
    /// Writes how the vectors of a hello differ from `reference`.
    mutating func writeChanges(
        from reference: LaneVectors, of hello: Hello, by side: SyncSession.Role,
        limits: SessionLimits, to out: inout ByteWriter
    ) throws(BodyFault) {
        let vectors = hello.vectors
        let marked = hello.following.union(hello.yielded)
        let changed = Lane.all.filter { vectors[$0] != reference[$0] }
        let writers = changed.map { Self.writers(of: reference[$0], differingIn: vectors[$0]) }
        guard writers.allSatisfy({ $0.count <= limits.vectorEntriesMax }) else {
            throw BodyFault(
                .tooLarge, "a vector of more than \(limits.vectorEntriesMax) writers")
        }
        let new = Set(writers.joined()).filter { index(of: $0) == nil }.sorted()
        guard new.count <= limits.vectorEntriesMax else {
            throw BodyFault(
                .tooLarge, "more than \(limits.vectorEntriesMax) writers in a greeting")
        }
        guard marked.isSubset(of: changed) else {
            throw BodyFault(.failed, "a segment of a lane without news")
        }
        var models = ChangeModels()
        var code = RangeEncoder()
        models.lanes.encode(Self.mask(changed), to: &code)
        models.lanes.encode(Self.mask(marked), to: &code)
        models.count.encode(UInt64(new.count), to: &code)
        var names = ByteWriter()
        for writer in new { try write(writer, introducedBy: side, to: &names) }
        for (lane, writers) in zip(changed, writers) {
            let places = writers.compactMap { writer in
                index(of: writer).map { (index: $0, writer: writer) }
            }.sorted { $0.index < $1.index }
            models.count.encode(UInt64(places.count), to: &code)
            var next = 0
            for place in places {
                models.gap.encode(UInt64(place.index - next), to: &code)
                next = place.index + 1
                let difference = Int64(
                    bitPattern: vectors[lane][place.writer] &- reference[lane][place.writer])
                models.difference.encode(difference.zigzag, to: &code)
            }
        }
        if let lateness = hello.lateness { models.lateness.encode(lateness, to: &code) }
        out.counted(code.finish())
        out.raw(names.bytes)
    }

    /// What changes say.
    struct Changes {
        var vectors: LaneVectors
        /// As in ``LaneNews``.
        var marked: Set<Lane>
        var lateness: UInt64?
    }

    /// Reads what ``writeChanges(from:of:by:limits:to:)`` wrote; `saysLateness` tells whether a
    /// hello with such lanes says how late its clock is.
    mutating func readChanges(
        from reference: LaneVectors, by side: SyncSession.Role, limits: SessionLimits,
        from reader: inout BodyReader, saysLateness: (LaneNews) -> Bool
    ) throws(BodyFault) -> Changes {
        var models = ChangeModels()
        var code = RangeDecoder(try Self.code(from: &reader))
        let news = try Self.news(&models, &code, reader)
        try readNew(
            models.count.decode(from: &code), by: side, limits: limits, from: &reader)
        var vectors = reference
        for lane in news.changed {
            vectors[lane] = try entries(
                since: reference[lane], limits: limits, &models, &code, reader)
        }
        let lateness = saysLateness(news) ? models.lateness.decode(from: &code) : nil
        return Changes(vectors: vectors, marked: news.marked, lateness: lateness)
    }

    /// Reads what can be understood without the reference, and passes over the rest.
    static func readNews(from reader: inout BodyReader) throws(BodyFault) -> LaneNews {
        var models = ChangeModels()
        var code = RangeDecoder(try Self.code(from: &reader))
        return try news(&models, &code, reader)
    }

    private static func code(from reader: inout BodyReader) throws(BodyFault) -> [UInt8] {
        let length = try reader.count(atMost: reader.remaining, of: "bytes of range code")
        return try reader.raw(length)
    }

    private static func news(
        _ models: inout ChangeModels, _ code: inout RangeDecoder, _ reader: BodyReader
    ) throws(BodyFault) -> LaneNews {
        let changed = models.lanes.decode(from: &code)
        let marked = models.lanes.decode(from: &code)
        guard changed > 0, changed <= mask(Lane.all) else {
            throw reader.fault("a lane that is not in use, or none that differs")
        }
        guard marked & ~changed == 0 else {
            throw reader.fault("a segment of a lane without news")
        }
        return LaneNews(
            changed: Lane.all.filter { changed & mask([$0]) != 0 },
            marked: Set(Lane.all.filter { marked & mask([$0]) != 0 }))
    }

    private mutating func readNew(
        _ count: UInt64, by side: SyncSession.Role, limits: SessionLimits,
        from reader: inout BodyReader
    ) throws(BodyFault) {
        guard count <= UInt64(limits.vectorEntriesMax) else {
            throw reader.fault(
                "more than \(limits.vectorEntriesMax) writers in a greeting", code: .tooLarge)
        }
        var previous: WriterID?
        for _ in 0..<count {
            let writer: WriterID = try reader.identifier()
            if let previous, previous >= writer {
                throw reader.fault("new writers that are not ascending")
            }
            guard index(of: writer) == nil else {
                throw reader.fault("a writer introduced that was known")
            }
            guard introduce(writer, by: side) != nil else { throw Self.full }
            previous = writer
        }
    }

    private func entries(
        since reference: VersionVector, limits: SessionLimits, _ models: inout ChangeModels,
        _ code: inout RangeDecoder, _ reader: BodyReader
    ) throws(BodyFault) -> VersionVector {
        let count = models.count.decode(from: &code)
        guard count > 0 else { throw reader.fault("a lane that changed in nothing") }
        guard count <= UInt64(limits.vectorEntriesMax) else {
            throw reader.fault(
                "a lane that changed in more than \(limits.vectorEntriesMax) writers",
                code: .tooLarge)
        }
        var pairs: [WriterID: UInt64] = [:]
        for entry in reference.entries { pairs[entry.writer] = entry.sequence }
        var next: UInt64 = 0
        for _ in 0..<count {
            let gap = models.gap.decode(from: &code)
            guard gap < UInt64(indexLimit), next + gap < UInt64(indexLimit),
                let writer = self[Int(next + gap)]
            else { throw reader.fault("a writer that has not been introduced") }
            next += gap + 1
            let change = models.difference.decode(from: &code).unzigzag
            let old = Int64(clamping: pairs[writer] ?? 0)
            let (sequence, isBeyond) = old.addingReportingOverflow(change)
            guard change != 0, !isBeyond, sequence >= 0 else {
                throw reader.fault("a sequence that is none, or no change")
            }
            pairs[writer] = UInt64(sequence)
        }
        guard pairs.count <= limits.vectorEntriesMax else {
            throw reader.fault(
                "more than \(limits.vectorEntriesMax) writers in a vector", code: .tooLarge)
        }
        return VersionVector(pairs.map { ($0.key, $0.value) })
    }

    private static func mask(_ lanes: some Sequence<Lane>) -> UInt64 {
        lanes.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    }

    private static func writers(
        of one: VersionVector, differingIn other: VersionVector
    ) -> [WriterID] {
        Array(
            Set(other.entries(above: one).map(\.writer))
                .union(one.entries(above: other).map(\.writer)))
    }
}
