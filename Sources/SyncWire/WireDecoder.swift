import PlantedBugs
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
    private var early = EarlySegments()
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
        peer = role.other
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

    /// Drops all that is kept: nothing is read any more.
    package mutating func end() {
        decompressor.restart()
        frames = FrameBuffer()
        state = DirectionState()
    }

    private mutating func step(_ shared: inout BothDirections) throws(BodyFault) -> SyncMessage? {
        let limit = hasPreamble ? limits.frameBytesMax : limits.preambleFrameBytesMax
        if frames.offset == 0 { try frames.checkOpening(atMost: limit) }
        while let raw = try frames.next(atMost: limit) {
            let frame = try verified(raw, &shared)
            do {
                let body = try parts(of: frame)
                if shared.isDeaf, frame.head.type == .chunk { continue }
                return try message(frame, body, &shared)
            } catch {
                throw BodyFault(error.code, "\(frame.head.type), \(error.text)")
            }
        }
        return nil
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
        let isEarly = !early.isOver
        let isAnswer = type?.answersGreeting == true && !isEarly
        check.take(covered, answering: isAnswer ? shared.sentGreeting : 0)
        guard
            isOpening || check.bytes[...] == raw.bytes[end...] || PlantedBug.checkIgnored.isPlanted
        else {
            throw BodyFault(
                .damaged,
                "bytes were lost or changed on the way; another session sends again what is missing"
            )
        }
        if type == .hello { shared.readGreeting = check.state }
        let head = try FrameHead(covered[raw.headIndex])
        early.pass(head)
        return Frame(
            head: head, body: Array(covered[(raw.headIndex + 1)...]), isEarly: isEarly)
    }

    /// What stands in a body as it is, and what was compressed of it.
    private mutating func parts(of frame: Frame) throws(BodyFault) -> BodyParts {
        var reader = BodyReader(frame.body)
        guard frame.head.isCompressed else { return BodyParts(plain: reader, text: nil) }
        let length = try reader.count(atMost: reader.remaining, of: "bytes before the compressed")
        let plain = try reader.raw(length)
        let compressed = try reader.raw(reader.remaining)
        if frame.head.restartsStream { decompressor.restart() }
        do {
            let text = try decompressor.decompress(
                compressed, atMost: limits.inflatedBytes(from: compressed.count))
            return BodyParts(plain: BodyReader(plain), text: BodyReader(text))
        } catch {
            throw BodyFault(error.refusal.code, error.refusal.text)
        }
    }

    private mutating func message(
        _ frame: Frame, _ parts: BodyParts, _ shared: inout BothDirections
    ) throws(BodyFault) -> SyncMessage {
        var body = parts
        let message: SyncMessage
        switch frame.head.type {
        case .preamble:
            let preamble = try Preamble(from: &body.plain)
            shared.capabilities[peer] = preamble.capabilities
            hasPreamble = true
            return .preamble(preamble)
        case .hello: message = try greeting(from: &body.plain, &shared)
        case .chunk:
            state.complete(frame.isEarly ? nil : shared.greetings[peer.other])
            message = .chunk(
                try state.readChunk(
                    frame.head.bits, by: peer, limits: limits, writers: &shared.writers,
                    from: &body, atMost: limits.inflatedBytes(from: frame.body.count)))
        case .acknowledgement:
            state.applied = try body.plain.varint()
            message = .acknowledgement(applied: state.applied)
        case .heartbeat: message = .heartbeat(isAnswer: frame.head.bits != 0)
        case .repair:
            let limits = limits
            message = .repair(
                try body.readText { reader throws(BodyFault) in
                    try RepairMessage(bits: frame.head.bits, limits: limits, from: &reader)
                })
        case .refusal: message = .refusal(try Refusal(from: &body.plain))
        }
        try body.end()
        return message
    }

    private mutating func greeting(
        from reader: inout BodyReader, _ shared: inout BothDirections
    ) throws(BodyFault) -> SyncMessage {
        switch try shared.readHello(by: peer, limits: limits, from: &reader) {
        case .unknownReference(let name, let following):
            shared.isDeaf = true
            early = EarlySegments(count: following.count)
            return .unknownReference(name)
        case .hello(let hello):
            shared.isDeaf = false
            state = DirectionState(greeting: shared.greetings[peer] ?? Greeting())
            early = EarlySegments(count: hello.following.count)
            return .hello(hello)
        }
    }
}
