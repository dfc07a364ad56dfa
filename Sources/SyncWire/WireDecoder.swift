import ReplicaModel
package import SyncEngine

/// Turns the bytes that the peer sends into messages.
///
/// It trusts nothing: every length is checked against ``SessionLimits`` and against the bytes that
/// are there before anything is allocated for it. After an error it gives that error for ever.
package struct WireDecoder<Decompressor: StreamDecompressor>: Sendable {
    private let peer: SyncSession.Role
    private let limits: SessionLimits
    private var decompressor: Decompressor
    private var frames = FrameBuffer()
    private var state = DirectionState()
    private var hasPreamble = false
    private var failure: WireError?

    /// Makes a decoder.
    ///
    /// - Parameters:
    ///   - role: Of this side, not of the peer.
    ///   - limits: What is accepted.
    ///   - decompressor: A fresh stream.
    package init(
        role: SyncSession.Role, limits: SessionLimits = SessionLimits(),
        decompressor: Decompressor
    ) {
        peer = role == .initiator ? .responder : .initiator
        self.limits = limits
        self.decompressor = decompressor
    }

    /// Takes in bytes that arrived, cut anywhere.
    ///
    /// They are kept until ``next(shared:)`` has been called until it gives nothing; what is kept
    /// then is part of one frame.
    package mutating func feed(_ bytes: [UInt8]) {
        if failure == nil { frames.feed(bytes) }
    }

    /// The next message; nothing if more bytes are needed.
    ///
    /// - Parameter writers: The table of the encoder of this side.
    /// - Returns: The message, if its frame is whole.
    /// - Throws: What to refuse the peer with; the same from then on.
    package mutating func next(
        shared writers: inout WriterTable
    ) throws(WireError) -> SyncMessage? {
        if let failure { throw failure }
        let offset = frames.offset
        do {
            return try step(&writers)
        } catch {
            let failure = WireError(error.code, error.text, offset: offset)
            self.failure = failure
            throw failure
        }
    }

    private mutating func step(_ writers: inout WriterTable) throws(BodyFault) -> SyncMessage? {
        let limit = hasPreamble ? limits.frameBytesMax : limits.preambleFrameBytesMax
        if frames.offset == 0 { try frames.checkOpening(atMost: limit) }
        guard let frame = try frames.next(atMost: limit) else { return nil }
        let body = try inflated(frame)
        do {
            return try message(frame.head.type, body, &writers)
        } catch {
            throw BodyFault(error.code, "\(frame.head.type), \(error.text)")
        }
    }

    private mutating func inflated(_ frame: Frame) throws(BodyFault) -> [UInt8] {
        guard frame.head.isCompressed else { return frame.body }
        if frame.head.restartsStream { decompressor.restart() }
        do {
            return try decompressor.decompress(
                frame.body, atMost: limits.inflatedBytes(from: frame.body.count))
        } catch {
            throw BodyFault(error.refusal.code, "\(frame.head.type), \(error.refusal.text)")
        }
    }

    private mutating func message(
        _ type: MessageType, _ body: [UInt8], _ writers: inout WriterTable
    ) throws(BodyFault) -> SyncMessage {
        var reader = BodyReader(body)
        let message: SyncMessage
        switch type {
        case .preamble:
            message = .preamble(try Preamble(from: &reader))
            hasPreamble = true
            return message
        case .hello:
            let hello = try Hello(by: peer, limits: limits, writers: &writers, from: &reader)
            state.clock = hello.clock.milliseconds
            message = .hello(hello)
        case .chunk:
            message = .chunk(
                try state.readChunk(by: peer, limits: limits, writers: &writers, from: &reader))
        case .acknowledgement: message = .acknowledgement(applied: try reader.varint())
        case .refusal: message = .refusal(try Refusal(from: &reader))
        }
        try reader.end()
        return message
    }
}
