public import CausalTime

/// What a peer lacks in one lane, taken from one snapshot of the sender.
///
/// It is applied whole and in one transaction, or not at all: a prefix of it together with its
/// claim would be unsound (see ``VersionVector``).
public struct Segment: Hashable, Sendable {
    /// The lane.
    public let lane: Lane
    /// The vector that the receiver was known to have.
    ///
    /// The receiver applies the segment only if it has seen at least that.
    public let base: VersionVector
    /// The vector of the snapshot: what the receiver has seen once it has applied the segment.
    public let claim: VersionVector
    /// The sender's clock, so that what the receiver writes next is later than all it has seen.
    public let clock: HybridTimestamp
    /// The cells at dots above the base, ascending by key.
    public let cells: [Cell]

    /// Makes a segment.
    public init(
        lane: Lane, base: VersionVector, claim: VersionVector, clock: HybridTimestamp,
        cells: [Cell]
    ) {
        self.lane = lane
        self.base = base
        self.claim = claim
        self.clock = clock
        self.cells = cells
    }
}

/// How far a replica is: enough for a peer to know what it lacks.
public struct ReplicaSummary: Hashable, Sendable {
    /// What it has seen.
    public let vectors: LaneVectors
    /// The digest of its whole state.
    public let digest: Digest
    /// Its clock.
    public let clock: HybridTimestamp

    /// Makes a summary.
    public init(vectors: LaneVectors, digest: Digest, clock: HybridTimestamp) {
        self.vectors = vectors
        self.digest = digest
        self.clock = clock
    }
}
