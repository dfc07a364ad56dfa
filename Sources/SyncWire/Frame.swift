import SyncEngine

/// The kinds of message, as they stand in the low five bits of a frame's head.
enum MessageType: UInt8 {
    case preamble = 1
    case hello = 2
    case chunk = 3
    case acknowledgement = 4
    case refusal = 5

    init(of message: SyncMessage) {
        switch message {
        case .preamble: self = .preamble
        case .hello: self = .hello
        case .chunk: self = .chunk
        case .acknowledgement: self = .acknowledgement
        case .refusal: self = .refusal
        }
    }

    /// Whether a body of this type may be compressed.
    var mayBeCompressed: Bool { self == .hello || self == .chunk }
}

/// The byte after a frame's length.
struct FrameHead {
    var type: MessageType
    /// Whether the sender's stream begins anew with this body.
    var restartsStream = false
    var isCompressed = false

    /// From this size on, a body that may be compressed is.
    ///
    /// It is decided before the body goes
    /// into the stream: what has gone in must be sent.
    static let compressedFrom = 64

    /// The bits that are the type.
    static let typeMask: UInt8 = 0x1f

    init(type: MessageType) { self.type = type }

    init(_ byte: UInt8) throws(BodyFault) {
        guard byte & 0x20 == 0 else {
            throw BodyFault(.malformed, "a reserved bit is set in the head of a frame")
        }
        guard let type = MessageType(rawValue: byte & Self.typeMask) else {
            throw BodyFault(.malformed, "message type \(byte & Self.typeMask) is unknown")
        }
        self.type = type
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
        type.rawValue | (restartsStream ? 0x40 : 0) | (isCompressed ? 0x80 : 0)
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
}

extension SessionLimits {
    /// What so many compressed bytes may inflate to.
    func inflatedBytes(from compressed: Int) -> Int {
        min(inflatedBytesMax, max(inflatedFloor, inflationRatioMax * compressed))
    }
}
