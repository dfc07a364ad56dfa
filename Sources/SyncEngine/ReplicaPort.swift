public import CausalTime
public import ReplicaModel

/// What a session needs of a replica.
///
/// Calls are synchronous and each is atomic.
public protocol ReplicaPort {
    /// How far the replica is, as of its last durable transaction.
    func summary() throws -> ReplicaSummary

    /// What a greeting to a peer can be made of; nothing is remembered of a peer that is not named.
    ///
    /// - Parameter peer: Who will be greeted, as far as it is known.
    /// - Returns: The facts.
    /// - Throws: Whatever the replica cannot do.
    func greetingFacts(for peer: DeviceID?) throws -> GreetingFacts

    /// What a peer with the vector `base` lacks in `lane`, from one snapshot of durable state.
    func segment(of lane: Lane, since base: VersionVector) throws -> Segment

    /// Keeps a part of a segment, durably, until the rest of it is there; nothing of it is visible.
    ///
    /// - Parameters:
    ///   - cells: The part.
    ///   - lane: The lane of the segment.
    ///   - claim: The claim of the segment.
    /// - Throws: Whatever the replica cannot do; nothing is kept then.
    func stage(_ cells: [Cell], of lane: Lane, claim: VersionVector) throws

    /// Applies a whole segment in one transaction; durable on return.
    ///
    /// Nothing happens, and it throws, if the replica has not seen the segment's base.
    /// - Returns: How far the replica is then.
    func apply(_ segment: Segment) throws -> ReplicaSummary

    /// Applies a segment of which a part was not sent because it had been staged.
    ///
    /// Nothing happens, and it throws, if the replica has not seen the segment's base, or holds
    /// the part no more.
    ///
    /// - Parameters:
    ///   - segment: What was sent of it.
    ///   - staged: The writes that were not sent.
    /// - Returns: How far the replica is then.
    /// - Throws: Whatever the replica cannot do.
    func apply(_ segment: Segment, adding staged: DotSet) throws -> ReplicaSummary

    /// Takes note that a peer is known to have seen just what this replica has, if that is
    /// `vectors`: the next greetings can be described against it.
    ///
    /// - Parameters:
    ///   - vectors: What both have seen.
    ///   - peer: The peer.
    ///   - clock: A clock that the peer told: what the replica writes next is later.
    /// - Throws: Whatever the replica cannot do.
    func remember(
        _ vectors: LaneVectors, sharedWith peer: DeviceID, observing clock: HybridTimestamp
    ) throws

    /// The hash of every cell that counts for the digest: what the digest is the sum of.
    ///
    /// Linear in the size of the replica.
    func cellHashes() throws -> [UInt64]

    /// All that is held at the places of the cells that have these hashes, and their rows.
    ///
    /// Linear in the size of the replica.
    func cells(hashed hashes: Set<UInt64>) throws -> [Cell]

    /// Takes in, in one transaction, cells of a replica that has seen the same and holds others.
    ///
    /// Each merges with what is held; of two contents of one write both replicas keep the same.
    ///
    /// - Parameter cells: Cells at dots that the replica has seen, each well-formed.
    /// - Returns: What became of them.
    /// - Throws: Whatever the replica cannot do; nothing has changed then.
    func mend(_ cells: [Cell]) throws -> Mended
}

/// What a greeting can be made of.
public struct GreetingFacts: Hashable, Sendable {
    /// How far the replica is.
    public let summary: ReplicaSummary
    /// States at which both this replica and the peer are remembered to have been, the latest
    /// first.
    public let common: [ReplicaSummary]
    /// What is held of segments that were cut off.
    public let staged: [Lane: DotSet]
    /// Under which name the replica writes; nothing before its first write.
    public let writer: WriterID?

    /// Gathers facts.
    public init(
        summary: ReplicaSummary, common: [ReplicaSummary] = [], staged: [Lane: DotSet] = [:],
        writer: WriterID? = nil
    ) {
        self.writer = writer
        self.summary = summary
        self.common = common
        self.staged = staged
    }
}

extension ReplicaPort {
    /// The facts of a replica that remembers nothing.
    public func greetingFacts(for peer: DeviceID?) throws -> GreetingFacts {
        GreetingFacts(summary: try summary())
    }

    /// Keeps nothing: a segment that is cut off begins anew.
    public func stage(_ cells: [Cell], of lane: Lane, claim: VersionVector) throws {}

    /// Applies what was sent: a replica that keeps nothing has nothing to add.
    public func apply(
        _ segment: Segment, adding staged: DotSet
    ) throws -> ReplicaSummary {
        try apply(segment)
    }

    /// Has nothing to compare.
    public func cellHashes() throws -> [UInt64] { [] }

    /// Has nothing to send.
    public func cells(hashed hashes: Set<UInt64>) throws -> [Cell] { [] }

    /// Leaves everything as it is.
    public func mend(_ cells: [Cell]) throws -> Mended {
        Mended(held: [], changed: 0, summary: try summary())
    }

    /// Remembers nothing: the next greeting says more.
    public func remember(
        _ vectors: LaneVectors, sharedWith peer: DeviceID, observing clock: HybridTimestamp
    ) throws {}
}
