import ReplicaModel
package import SyncEngine

/// Turns the messages of one side of a connection into frames, in the order in which they are sent.
///
/// Protocol/caravan-sync-v1.md says the bytes. After an error the connection has to be closed.
package struct WireEncoder<Compressor: StreamCompressor>: Sendable {
    /// What the decoder of the same side shares.
    package var shared = BothDirections()

    private let role: SyncSession.Role
    private let limits: SessionLimits
    private var compressor: Compressor
    private var state = DirectionState()
    private var check = RunningCheck()
    private var early = EarlySegments()
    /// Whether the stream has been restarted since the last compressed body.
    private var restartIsPending = false
    /// Whether the compressor remembers something.
    private var hasCompressed = false
    /// What the last frame would have been long without compression.
    private(set) var rawFrameBytes = 0

    /// Makes an encoder.
    ///
    /// - Parameters:
    ///   - role: Of this side.
    ///   - limits: What the peer accepts.
    ///   - compressor: A fresh stream.
    package init(
        role: SyncSession.Role, limits: SessionLimits = SessionLimits(), compressor: Compressor
    ) {
        self.role = role
        self.limits = limits
        self.compressor = compressor
    }

    /// The frame that carries a message.
    ///
    /// - Throws: `tooLarge` if the message exceeds a limit, `failed` if it contradicts itself: if
    ///   it holds a cell, for example, that its segment does not claim.
    package mutating func frame(for message: SyncMessage) throws(WireError) -> [UInt8] {
        do throws(BodyFault) {
            let content = try content(of: message)
            let (head, body) = try packed(content)
            let limit = head.type == .preamble ? limits.preambleFrameBytesMax : limits.frameBytesMax
            let isOpening = check.isFresh && head.type == .preamble
            let length = 1 + body.count + (isOpening ? 0 : RunningCheck.byteCount)
            guard length <= limit else {
                throw BodyFault(.tooLarge, "a frame of more than \(limit) bytes")
            }
            var out = ByteWriter()
            out.varint(UInt64(length))
            out.byte(head.byte)
            out.raw(body)
            let frame = checked(out.bytes, head, isOpening: isOpening)
            rawFrameBytes = frame.count - body.count + content.plain.count + content.text.count
            return frame
        } catch {
            throw WireError(error.code, error.text)
        }
    }

    /// Begins the compressed stream anew with the next compressed body, so that an idle connection
    /// need not keep what the compressor remembers; nothing happens if it remembers nothing.
    package mutating func restartCompression() {
        guard hasCompressed else { return }
        hasCompressed = false
        compressor.restart()
        restartIsPending = true
    }

    /// Ends a frame with its check, which the preamble that opens a direction has none of.
    private mutating func checked(
        _ frame: [UInt8], _ head: FrameHead, isOpening: Bool
    ) -> [UInt8] {
        let isAnswer = head.type.answersGreeting && early.isOver
        check.take(frame, answering: isAnswer ? shared.readGreeting : 0)
        if head.type == .hello { shared.sentGreeting = check.state }
        early.pass(head)
        return isOpening ? frame : frame + check.bytes
    }

    /// A body before it is compressed.
    private struct Content {
        var head: FrameHead
        /// What stands as it is.
        var plain: [UInt8]
        /// What resembles text, and follows it.
        var text: [UInt8]
    }

    private mutating func content(of message: SyncMessage) throws(BodyFault) -> Content {
        var out = ByteWriter()
        var text = ByteWriter()
        var head: FrameHead
        switch message {
        case .preamble(let preamble):
            head = FrameHead(type: .preamble)
            preamble.write(to: &out)
            shared.capabilities[role] = preamble.capabilities
        case .hello(let hello):
            head = FrameHead(type: .hello)
            try shared.write(hello, by: role, limits: limits, to: &out)
            state = DirectionState(greeting: shared.greetings[role] ?? Greeting())
            early = EarlySegments(count: hello.following.count)
        case .chunk(let chunk):
            state.complete(early.isOver ? shared.greetings[role.other] : nil)
            head = FrameHead(type: .chunk, bits: ChunkBits.bits(of: chunk))
            try state.write(
                chunk, by: role, limits: limits, writers: &shared.writers, to: &out, text: &text)
        case .acknowledgement(let applied):
            head = FrameHead(type: .acknowledgement)
            state.applied = applied
            out.varint(applied)
        case .heartbeat(let isAnswer):
            head = FrameHead(type: .heartbeat, bits: isAnswer ? 1 : 0)
        case .repair(let step):
            head = FrameHead(type: .repair, bits: step.wireBits)
            try step.write(limits: limits, to: &text)
        case .refusal(let refusal):
            head = FrameHead(type: .refusal)
            refusal.write(to: &out)
        case .unknownReference:
            throw BodyFault(.failed, "a message that only stands for another")
        }
        return Content(head: head, plain: out.bytes, text: text.bytes)
    }

    /// Compresses the text if its type and size call for it.
    private mutating func packed(_ content: Content) throws(BodyFault) -> (FrameHead, [UInt8]) {
        let (plain, text) = (content.plain, content.text)
        var head = content.head
        guard head.type.mayBeCompressed, text.count >= FrameHead.compressedFrom else {
            return (head, plain + text)
        }
        let compressed: [UInt8]
        hasCompressed = true
        do { compressed = try compressor.compress(text) } catch {
            throw BodyFault(error.refusal.code, error.refusal.text)
        }
        guard text.count <= limits.inflatedBytes(from: compressed.count) else {
            // To the peer this would look like a bomb. The stream holds bytes now that will never
            // be sent, so it cannot go on as it is.
            restartCompression()
            return (head, plain + text)
        }
        head.isCompressed = true
        head.restartsStream = restartIsPending
        restartIsPending = false
        var body = ByteWriter(reserving: plain.count + compressed.count + 2)
        body.counted(plain)
        body.raw(compressed)
        return (head, body.bytes)
    }
}
