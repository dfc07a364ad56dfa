import SyncEngine

/// The kinds of message, as they stand in the low three bits of a frame's head.
enum MessageType: UInt8 {
    case preamble = 1
    case hello = 2
    case chunk = 3
    case acknowledgement = 4
    case refusal = 5
    case heartbeat = 6
    case repair = 7

    /// Which of the three bits after the type a message of this type may use.
    var bitsAllowed: UInt8 {
        switch self {
        case .chunk, .repair: 0b111
        case .heartbeat: 0b1
        case .preamble, .hello, .acknowledgement, .refusal: 0
        }
    }

    /// Whether a body of this type may be compressed.
    var mayBeCompressed: Bool { self == .chunk || self == .repair }
}

/// The byte after a frame's length.
struct FrameHead {
    var type: MessageType
    /// What the type makes of three bits.
    var bits: UInt8 = 0
    /// Whether the sender's stream begins anew with this body.
    var restartsStream = false
    var isCompressed = false

    /// From this size on, a body that may be compressed is.
    ///
    /// It is decided before the body goes
    /// into the stream: what has gone in must be sent.
    static let compressedFrom = 40

    /// The bits that are the type.
    static let typeMask: UInt8 = 0b111
    static let bitsShift: UInt8 = 3

    init(type: MessageType, bits: UInt8 = 0) {
        self.type = type
        self.bits = bits
    }

    init(_ byte: UInt8) throws(BodyFault) {
        guard let type = MessageType(rawValue: byte & Self.typeMask) else {
            throw BodyFault(.malformed, "message type \(byte & Self.typeMask) is unknown")
        }
        self.type = type
        bits = byte >> Self.bitsShift & 0b111
        guard bits & ~type.bitsAllowed == 0 else {
            throw BodyFault(.malformed, "a reserved bit is set in the head of a frame")
        }
        restartsStream = byte & 0x40 != 0
        isCompressed = byte & 0x80 != 0
        guard isCompressed || !restartsStream else {
            throw BodyFault(.malformed, "a raw body restarts the compressed stream")
        }
        guard !isCompressed || type.mayBeCompressed else {
            throw BodyFault(.malformed, "a compressed \(type)")
        }
    }

    var byte: UInt8 {
        type.rawValue | bits << Self.bitsShift | (restartsStream ? 0x40 : 0)
            | (isCompressed ? 0x80 : 0)
    }
}

/// A frame, as it came, of which nothing has been looked at but the length.
struct RawFrame {
    /// The whole of it.
    let bytes: [UInt8]
    /// Where the head stands: after the length.
    let headIndex: Int

    /// The type that the head names, if it is one and nothing has changed the head.
    var claimedType: MessageType? { MessageType(rawValue: bytes[headIndex] & FrameHead.typeMask) }
}

/// A frame that arrived as it was sent.
struct Frame {
    let head: FrameHead
    /// What stands between head and check, still compressed.
    let body: [UInt8]
    /// Whether it was sent before its sender had read our greeting.
    let isEarly: Bool
}

extension SessionLimits {
    /// What so many compressed bytes may inflate to.
    func inflatedBytes(from compressed: Int) -> Int {
        min(inflatedBytesMax, max(inflatedFloor, inflationRatioMax * compressed))
    }
}
