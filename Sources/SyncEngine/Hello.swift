public import CausalTime
public import ReplicaModel

/// How far a replica is when a session begins.
///
/// It is described against a *reference* that both sides know, so that most of it need not be sent:
/// two that have not changed since they met say so with eight bytes.
public struct Hello: Hashable, Sendable {
    /// What a greeting is described against.
    public enum Reference: Hashable, Sendable {
        /// Nothing: all of it is said.
        case none(clock: HybridTimestamp)
        /// A state at which both sides are remembered to have been, or the receiver may be.
        case state(ReplicaSummary)
        /// What every member has seen.
        case frontier(LaneVectors, clock: HybridTimestamp)
        /// The receiver's own greeting.
        case greeting

        /// What stands for the vectors that are not said; nothing for the receiver's greeting.
        package var vectors: LaneVectors? {
            switch self {
            case .none: LaneVectors()
            case .state(let summary): summary.vectors
            case .frontier(let frontier, _): frontier
            case .greeting: nil
            }
        }

        /// What stands for the frontier that is not said; nothing for the receiver's greeting.
        package var frontier: LaneVectors? {
            switch self {
            case .none: LaneVectors()
            case .state(let summary): summary.frontier
            case .frontier(let frontier, _): frontier
            case .greeting: nil
            }
        }

        /// What the clocks of the connection are told against; nothing for the receiver's greeting.
        package var clock: HybridTimestamp? {
            switch self {
            case .none(let clock), .frontier(_, let clock): clock
            case .state(let summary): summary.clock
            case .greeting: nil
            }
        }
    }

    /// What it has seen; the receiver sends it the rest.
    public let vectors: LaneVectors
    /// What it has forgotten up to.
    ///
    /// Who has not seen that much takes a snapshot before it sends anything.
    public let frontier: LaneVectors
    /// What the greeting is described against.
    public let reference: Reference
    /// The digest of its state, where the reference does not say it.
    public let digest: Digest?
    /// How many segments of the receiver had been applied; 0 unless some came with its greeting.
    public let applied: UInt64
    /// Lanes of which a segment follows at once.
    public let following: Set<Lane>
    /// By how much its clock is later than that of a remembered state, in steps of
    /// ``latenessStep`` milliseconds.
    ///
    /// Said by an initiator that can be yielded to, where a lane has news that does not follow at
    /// once.
    public let lateness: UInt64?
    /// Lanes in which the receiver, an initiator, is to send first although this side has news.
    public let yielded: Set<Lane>
    /// What it holds of segments that were cut off, by lane: that need not be sent again.
    public let staged: [Lane: DotSet]
    /// Whether the receiver's greeting was described against what is not remembered here, so that
    /// it has to greet again.
    public let isReferenceUnknown: Bool

    /// Makes a greeting of how far a replica is.
    public init(
        _ summary: ReplicaSummary, reference: Reference, tellsDigest: Bool = false,
        applied: UInt64 = 0, following: Set<Lane> = [], lateness: UInt64? = nil,
        yielded: Set<Lane> = [], staged: [Lane: DotSet] = [:], isReferenceUnknown: Bool = false
    ) {
        self.init(
            vectors: summary.vectors, frontier: summary.frontier, reference: reference,
            digest: tellsDigest ? summary.digest : nil, applied: applied, following: following,
            lateness: lateness, yielded: yielded, staged: staged,
            isReferenceUnknown: isReferenceUnknown)
    }

    /// Makes a greeting of its parts.
    public init(
        vectors: LaneVectors, frontier: LaneVectors, reference: Reference, digest: Digest? = nil,
        applied: UInt64 = 0, following: Set<Lane> = [], lateness: UInt64? = nil,
        yielded: Set<Lane> = [], staged: [Lane: DotSet] = [:], isReferenceUnknown: Bool = false
    ) {
        self.vectors = vectors
        self.frontier = frontier
        self.reference = reference
        self.digest = digest
        self.applied = applied
        self.following = following
        self.lateness = lateness
        self.yielded = yielded
        self.staged = staged
        self.isReferenceUnknown = isReferenceUnknown
    }

    /// How many milliseconds a step of ``lateness`` is.
    public static let latenessStep: UInt64 = 1024

    /// Whether a hello says its ``lateness`` once its sender has announced
    /// ``Capabilities/yields``.
    package var saysLateness: Bool {
        guard case .state(let state) = reference else { return false }
        return Self.saysLateness(vectors, since: state, following: following)
    }

    /// The same of the parts of a hello against a state.
    static func saysLateness(
        _ vectors: LaneVectors, since state: ReplicaSummary, following: Set<Lane>
    ) -> Bool {
        Lane.all.contains { vectors[$0] != state.vectors[$0] && !following.contains($0) }
    }
}
