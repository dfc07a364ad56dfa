public import CausalTime
public import ReplicaModel

/// What two peers say to each other.
///
/// How it becomes bytes is the matter of the layer above.
public enum SyncMessage: Hashable, Sendable {
    /// Who speaks, and which protocol. The first message of either side.
    case preamble(Preamble)
    /// How far the sender is. The second message of either side.
    case hello(Hello)
    /// A hello that was described against a state which is not remembered here. It stands in the
    /// place of what came, and is never sent.
    case unknownReference(StateName)
    /// A part of a segment.
    case chunk(SegmentChunk)
    /// How many segments of the receiver the sender has applied.
    case acknowledgement(applied: UInt64)
    /// A sign of life: a question, or the answer to one.
    case heartbeat(isAnswer: Bool)
    /// A step in finding and mending what differs although both have seen the same.
    case repair(RepairMessage)
    /// Why the sender closes the connection. The last message.
    case refusal(Refusal)
}

/// Names protocol and sender.
public struct Preamble: Hashable, Sendable {
    /// The protocol's major version; peers of different majors do not talk.
    public let version: UInt8
    /// One bit for each thing that the sender can do beyond the base of its major version.
    ///
    /// Unknown bits are ignored.
    public let capabilities: Capabilities
    /// The fleet that the sender's replica belongs to.
    public let fleet: FleetID
    /// The sender.
    public let device: DeviceID
    /// How many bytes the receiver may send after its own preamble; nothing if any number may.
    public let allowance: UInt64?
    /// What no other connection of the sender has, as far as chance can say.
    ///
    /// What answers this connection then fits no other one, even if both begin alike. Peers need
    /// not have one.
    public let nonce: UInt32?

    /// The version that this code speaks.
    public static let currentVersion: UInt8 = 1

    /// Makes a preamble.
    public init(
        version: UInt8 = currentVersion, capabilities: Capabilities = [], fleet: FleetID,
        device: DeviceID, allowance: UInt64? = nil, nonce: UInt32? = nil
    ) {
        self.version = version
        self.allowance = allowance
        self.nonce = nonce
        self.capabilities =
            capabilities.subtracting([.limitsBytes, .hasNonce])
            .union(allowance == nil ? [] : .limitsBytes).union(nonce == nil ? [] : .hasNonce)
        self.fleet = fleet
        self.device = device
    }
}

/// What a peer can do beyond the base of its major version, one bit each.
public struct Capabilities: OptionSet, Hashable, Sendable {
    /// The bits, as they are sent; those that are not known here mean nothing.
    public let rawValue: UInt64

    /// Takes bits as they came.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Answers ``RepairMessage``.
    public static let repairs = Capabilities(rawValue: 1)
    /// Says how many bytes the other side may send: ``Preamble/allowance``.
    public static let limitsBytes = Capabilities(rawValue: 2)
    /// As an initiator says how late its clock is, and sends first where the responder yields:
    /// ``Hello/lateness``, ``Hello/yielded``.
    public static let yields = Capabilities(rawValue: 4)
    /// Says a number that no other connection has: ``Preamble/nonce``.
    public static let hasNonce = Capabilities(rawValue: 8)

    /// What this code can do.
    public static let own: Capabilities = [.repairs, .yields]
}

/// A part of a segment.
///
/// Chunks of a segment follow each other; those of segments of other lanes may stand in between.
public struct SegmentChunk: Hashable, Sendable {
    /// What the first chunk says about the whole segment.
    public struct Head: Hashable, Sendable {
        /// How many segments of the receiver the sender had applied when it took the snapshot.
        ///
        /// It acknowledges them, and it names the segment's base: the receiver's greeting, joined
        /// with the claims of those segments and of all segments the sender sent before this one.
        public let applied: UInt64
        /// What the sender had seen of the lane at the snapshot.
        public let claim: VersionVector
        /// The sender's frontier if the segment is a snapshot.
        public let frontier: VersionVector?
        /// The sender's clock at the snapshot.
        public let clock: HybridTimestamp
        /// Writes that the receiver has staged and the sender does not hold: they are not part of
        /// the segment.
        public let dropped: DotSet

        /// Makes a head.
        public init(
            applied: UInt64, claim: VersionVector, frontier: VersionVector? = nil,
            clock: HybridTimestamp, dropped: DotSet = DotSet()
        ) {
            self.applied = applied
            self.claim = claim
            self.frontier = frontier
            self.clock = clock
            self.dropped = dropped
        }
    }

    /// The lane of the segment.
    public let lane: Lane
    /// Present in the first chunk of a segment only.
    public let head: Head?
    /// Cells of the lane, at dots that the claim covers.
    public let cells: [Cell]
    /// Whether the segment is whole now.
    public let isLast: Bool

    /// Makes a chunk.
    public init(lane: Lane, head: Head?, cells: [Cell], isLast: Bool) {
        self.lane = lane
        self.head = head
        self.cells = cells
        self.isLast = isLast
    }
}

/// Why a side will not go on, told to the other side before closing.
public struct Refusal: Hashable, Sendable, Error {
    /// The kind of refusal.
    public enum Code: UInt8, Hashable, Sendable, CaseIterable {
        /// What came is no message of this protocol.
        case malformed = 1
        /// The other major version is not spoken here.
        case unsupportedVersion = 2
        /// The replica belongs to another fleet.
        case otherFleet = 3
        /// A message came that must not come now, or that contradicts an earlier one.
        case outOfOrder = 4
        /// Something is larger than the limits allow.
        case tooLarge = 5
        /// The other side says it is the same device: one of the two is a copy.
        case sameDevice = 6
        /// The refusing side failed, through no fault of the other.
        case failed = 7
        /// What came is not what was sent: bytes were lost, repeated or changed on the way. Neither
        /// side is at fault, and another session sends again what is missing.
        case damaged = 8
        /// One of the two sides lets no more bytes pass in this session. Neither is at fault, and
        /// another session goes on where this one ends.
        case budgetSpent = 9
    }

    /// The kind.
    public let code: Code
    /// One line for people, at most ``textBytesMax`` bytes of UTF-8.
    public let text: String

    /// The longest text, in bytes.
    public static let textBytesMax = 160

    /// Makes a refusal; a longer text is cut.
    public init(_ code: Code, _ text: String) {
        self.code = code
        var kept = text
        while kept.utf8.count > Self.textBytesMax { kept.removeLast() }
        self.text = kept
    }
}
