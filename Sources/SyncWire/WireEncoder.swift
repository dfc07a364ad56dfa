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
    /// Whether the stream has been restarted since the last compressed body.
    private var restartIsPending = false

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
            let (head, body) = try packed(try body(of: message), MessageType(of: message))
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
            return checked(out.bytes, head.type, isOpening: isOpening)
        } catch {
            throw WireError(error.code, error.text)
        }
    }

    /// Begins the compressed stream anew with the next compressed body, so that an idle connection
    /// need not keep what the compressor remembers.
    package mutating func restartCompression() {
        compressor.restart()
        restartIsPending = true
    }

    /// Ends a frame with its check, which the preamble that opens a direction has none of.
    private mutating func checked(
        _ frame: [UInt8], _ type: MessageType, isOpening: Bool
    ) -> [UInt8] {
        check.take(frame, answering: type.answersGreeting ? shared.readGreeting : 0)
        if type == .hello { shared.sentGreeting = check.state }
        return isOpening ? frame : frame + check.bytes
    }

    private mutating func body(of message: SyncMessage) throws(BodyFault) -> [UInt8] {
        var out = ByteWriter()
        switch message {
        case .preamble(let preamble): preamble.write(to: &out)
        case .hello(let hello):
            try hello.write(by: role, limits: limits, writers: &shared.writers, to: &out)
            state.clock = hello.clock.milliseconds
        case .chunk(let chunk):
            try state.write(chunk, by: role, limits: limits, writers: &shared.writers, to: &out)
        case .acknowledgement(let applied): out.varint(applied)
        case .refusal(let refusal): refusal.write(to: &out)
        }
        return out.bytes
    }

    /// Compresses the body if its type and size call for it.
    private mutating func packed(
        _ body: [UInt8], _ type: MessageType
    ) throws(BodyFault) -> (FrameHead, [UInt8]) {
        var head = FrameHead(type: type)
        guard type.mayBeCompressed, body.count >= FrameHead.compressedFrom else {
            return (head, body)
        }
        let compressed: [UInt8]
        do { compressed = try compressor.compress(body) } catch {
            throw BodyFault(error.refusal.code, error.refusal.text)
        }
        guard body.count <= limits.inflatedBytes(from: compressed.count) else {
            // To the peer this would look like a bomb. The stream holds bytes now that will never
            // be sent, so it cannot go on as it is.
            restartCompression()
            return (head, body)
        }
        head.isCompressed = true
        head.restartsStream = restartIsPending
        restartIsPending = false
        return (head, compressed)
    }
}
