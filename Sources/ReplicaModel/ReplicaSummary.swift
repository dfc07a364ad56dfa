public import CausalTime

/// How far a replica is: enough for a peer to know what it lacks.
public struct ReplicaSummary: Hashable, Sendable {
    /// What it has seen.
    public let vectors: LaneVectors
    /// What it knows every member to have seen, and has forgotten up to.
    public let frontier: LaneVectors
    /// The digest of its whole state.
    public let digest: Digest
    /// Its clock.
    public let clock: HybridTimestamp

    /// Makes a summary.
    public init(
        vectors: LaneVectors, frontier: LaneVectors = LaneVectors(), digest: Digest,
        clock: HybridTimestamp
    ) {
        self.vectors = vectors
        self.frontier = frontier
        self.digest = digest
        self.clock = clock
    }

    /// A short name for all of it, so that two replicas find out with eight bytes that they are at
    /// one state.
    ///
    /// Linear in the number of writers.
    public var name: StateName {
        var out = ByteWriter()
        vectors.write(to: &out)
        frontier.write(to: &out)
        out.fixed64(digest.value)
        out.varint(UInt64(clock.epoch))
        out.varint(clock.ticks)
        return StateName(rawValue: StableHash.hash64(out.bytes))
    }
}

/// The hash of a state, or of a frontier.
///
/// Two that are equal stand for the same but for a chance of 2⁻⁶⁴; not a defence against somebody
/// who constructs a collision.
public struct StateName: RawRepresentable, Hashable, Sendable {
    /// The hash.
    public let rawValue: UInt64

    /// Makes a name of its hash.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

extension LaneVectors {
    /// The short name of vectors alone, such as those of a frontier.
    public var name: StateName {
        var out = ByteWriter()
        write(to: &out)
        return StateName(rawValue: StableHash.hash64(out.bytes))
    }

    fileprivate func write(to out: inout ByteWriter) {
        for lane in Lane.all { self[lane].write(to: &out) }
    }

    /// Every writer that has an entry, ascending.
    package var writers: [WriterID] {
        var all: Set<WriterID> = []
        for lane in Lane.all { all.formUnion(self[lane].entries.lazy.map(\.writer)) }
        return all.sorted()
    }
}
