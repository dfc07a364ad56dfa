import ReplicaModel
package import SyncEngine

/// Turns the bytes that the peer sends into messages.
///
/// It trusts nothing: every length is checked against ``SessionLimits`` and against the bytes that
/// are there before anything is allocated for it, and of a frame whose check is wrong nothing else
/// is looked at. After an error it gives that error for ever.
package struct WireDecoder<Decompressor: StreamDecompressor>: Sendable {
    private let peer: SyncSession.Role
    private let limits: SessionLimits
    private var decompressor: Decompressor
    private var frames = FrameBuffer()
    private var state = DirectionState()
    private var check = RunningCheck()
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
    /// - Parameter shared: What the encoder of this side shares.
    /// - Returns: The message, if its frame is whole.
    /// - Throws: What to refuse the peer with, `damaged` if bytes are missing or are not those that
    ///   were sent; the same from then on.
    package mutating func next(
        shared: inout BothDirections
    ) throws(WireError) -> SyncMessage? {
        if let failure { throw failure }
        let offset = frames.offset
        do {
            return try step(&shared)
        } catch {
            let failure = WireError(error.code, error.text, offset: offset)
            self.failure = failure
            throw failure
        }
    }

    private mutating func step(_ shared: inout BothDirections) throws(BodyFault) -> SyncMessage? {
        let limit = hasPreamble ? limits.frameBytesMax : limits.preambleFrameBytesMax
        if frames.offset == 0 { try frames.checkOpening(atMost: limit) }
        guard let raw = try frames.next(atMost: limit) else { return nil }
        let frame = try verified(raw, &shared)
        let body = try inflated(frame)
        do {
            return try message(frame.head.type, body, &shared.writers)
        } catch {
            throw BodyFault(error.code, "\(frame.head.type), \(error.text)")
        }
    }

    /// The frame, if it and all before it are what was sent.
    private mutating func verified(
        _ raw: RawFrame, _ shared: inout BothDirections
    ) throws(BodyFault) -> Frame {
        let type = raw.claimedType
        let isOpening = check.isFresh && type == .preamble
        let end = raw.bytes.count - (isOpening ? 0 : RunningCheck.byteCount)
        guard end > raw.headIndex else {
            throw BodyFault(.malformed, "a frame without a check")
        }
        let covered = Array(raw.bytes[..<end])
        check.take(covered, answering: type?.answersGreeting == true ? shared.sentGreeting : 0)
        guard isOpening || check.bytes[...] == raw.bytes[end...] else {
            throw BodyFault(
                .damaged,
                "bytes were lost or changed on the way; another session sends again what is missing"
            )
        }
        if type == .hello { shared.readGreeting = check.state }
        return Frame(
            head: try FrameHead(covered[raw.headIndex]),
            body: Array(covered[(raw.headIndex + 1)...]))
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
