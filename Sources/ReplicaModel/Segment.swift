public import CausalTime

/// What a peer lacks in one lane, taken from one snapshot of the sender.
///
/// It is applied whole and in one transaction, or not at all: a prefix of it together with its
/// claim would be unsound (see ``VersionVector``).
///
/// A receiver that has not seen the sender's frontier cannot be helped by what it lacks alone,
/// because the sender has forgotten what it would need to know. It gets a **snapshot**: all cells
/// of the lane. It takes them in, drops what it holds that the sender has seen and has no more,
/// and keeps what it wrote or heard beyond that, under the original names.
public struct Segment: Hashable, Sendable {
    /// The most writers that a vector of a lane may have: more can neither be told nor compared.
    package static let writersMax = 16_384
    /// How many of them what others send has to leave: for writers that this device introduces.
    private static let writersReserved = 64

    /// Whether a replica at `vector` may take in a claim: it has no new writers, or there is room
    /// for them among `writersMax`.
    package static func hasRoom(
        for claim: VersionVector, in vector: VersionVector, writersMax: Int = writersMax
    ) -> Bool {
        let writers = vector.merging(claim).entries.count
        return writers == vector.entries.count || writers <= writersMax - writersReserved
    }

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
    /// The sender's frontier if this is a snapshot; nothing if it is a delta.
    public let frontier: VersionVector?
    /// The cells at dots above the base, or all cells, ascending by key.
    public let cells: [Cell]

    /// Makes a segment.
    public init(
        lane: Lane, base: VersionVector, claim: VersionVector, clock: HybridTimestamp,
        frontier: VersionVector? = nil, cells: [Cell]
    ) {
        self.lane = lane
        self.base = base
        self.claim = claim
        self.clock = clock
        self.frontier = frontier
        self.cells = cells
    }

    /// Whether this is all of a lane rather than what the receiver lacks of it.
    public var isSnapshot: Bool { frontier != nil }
}
