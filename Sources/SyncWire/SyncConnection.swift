package import CausalTime
package import ReplicaModel
package import SyncEngine

/// A session with its bytes: takes what arrived, returns what to send.
///
/// It drives a ``SyncSession`` against a replica and performs no input or output itself, so that a
/// socket, a simulated link or a file can carry it. Bytes that break the rules end the connection
/// with a refusal that says which one; they never throw and never trap.
package struct SyncConnection<Compressor: StreamCompressor, Decompressor: StreamDecompressor> {
    /// What to do after a call, in this order: send, take note, close.
    package struct Output {
        /// Bytes to send.
        package var bytes: [UInt8] = []
        /// What happened that is worth knowing outside.
        package var progress: [SyncSession.Progress] = []
        /// Set when the connection is to be closed once the bytes have been sent.
        package var close: SyncSession.CloseReason?
    }

    /// What has passed, in both directions, from the first byte of the connection.
    package private(set) var traffic = TrafficCount()

    private var session: SyncSession
    private let isPaced: Bool
    private let byteBudget: Int?
    /// How many bytes the peer lets this side send.
    private var allowance: UInt64?
    private var encoder: WireEncoder<Compressor>
    private var decoder: WireDecoder<Decompressor>

    /// Makes a connection.
    ///
    /// - Parameters:
    ///   - role: Whether this side opened it.
    ///   - identity: Fleet and device of the replica.
    ///   - nonce: A number that no other connection of this device has, drawn by chance: a replica
    ///     that was restored would count from where it had been.
    ///   - expected: Who is probably on the other side, as far as an initiator knows.
    ///   - limits: Of sizes and times.
    ///   - isPaced: Whether long segments are handed out as the transport has room for them, see
    ///     ``hasMoreToSend``, rather than at once.
    ///   - compressor: A fresh stream.
    ///   - decompressor: A fresh stream.
    package init(
        role: SyncSession.Role, identity: Preamble, nonce: UInt32?,
        expecting expected: DeviceID? = nil, limits: SessionLimits = SessionLimits(),
        isPaced: Bool = false, compressor: Compressor, decompressor: Decompressor
    ) {
        self.isPaced = isPaced
        byteBudget = limits.byteBudget
        let identity = Preamble(
            version: identity.version, capabilities: identity.capabilities, fleet: identity.fleet,
            device: identity.device, allowance: limits.byteBudget.map { UInt64(max(0, $0)) / 2 },
            nonce: nonce)
        session = SyncSession(
            role: role, identity: identity, expecting: expected, limits: limits)
        encoder = WireEncoder(role: role, compressor: compressor)
        decoder = WireDecoder(role: role, limits: limits, decompressor: decompressor)
    }

    /// When ``timeReached(at:replica:)`` is due.
    package var deadline: MonotonicTime? { session.deadline }

    /// Whether the replica lacks something of the peer; nothing before that is known.
    package var isBehind: Bool? { session.isBehind }

    /// Whether the connection has ended.
    package var isClosed: Bool { session.isClosed }

    /// To be called once, when the transport is there.
    package mutating func connected(
        at now: MonotonicTime, replica: some ReplicaPort
    ) -> Output {
        var output = Output()
        step(.connected, at: now, replica: replica, into: &output)
        return output
    }

    /// To be called with the bytes that arrived, cut anywhere.
    package mutating func received(
        _ bytes: [UInt8], at now: MonotonicTime, replica: some ReplicaPort
    ) -> Output {
        var output = Output()
        traffic.bytesReceived += UInt64(bytes.count)
        decoder.feed(bytes)
        do {
            while !session.isClosed, let message = try decoder.next(shared: &encoder.shared) {
                traffic.messagesReceived += 1
                step(.received(message), at: now, replica: replica, into: &output)
                if case .preamble(let preamble) = message {
                    allowance = preamble.allowance
                    recall(preamble.device, replica: replica, at: now, into: &output)
                }
            }
            step(.inputDrained, at: now, replica: replica, into: &output)
            // The peer was told half of it; one that does not care for that is stopped here.
            if let byteBudget, traffic.bytesReceived > UInt64(max(0, byteBudget)) {
                let refusal = Refusal(.budgetSpent, "more bytes came than may pass")
                perform(session.refuse(refusal), at: now, replica: replica, into: &output)
            }
        } catch {
            perform(
                session.refuse(error.refusal), at: now, replica: replica, into: &output)
        }
        return output
    }

    /// To be called when the replica has changed other than through this connection.
    ///
    /// - Parameters:
    ///   - vectors: What the replica has seen now.
    ///   - relayed: Whether the change came through another connection, not from this device.
    ///   - now: The time.
    ///   - replica: The replica.
    /// - Returns: What to do.
    package mutating func changed(
        to vectors: LaneVectors, relayed: Bool, at now: MonotonicTime, replica: some ReplicaPort
    ) -> Output {
        var output = Output()
        step(
            relayed ? .relayed(vectors) : .changed(vectors), at: now, replica: replica,
            into: &output)
        return output
    }

    /// Drops what the compressor remembers, most of a megabyte: for a connection that is idle.
    ///
    /// What is compressed next says so, and costs a little more.
    package mutating func rest() { encoder.restartCompression() }

    /// To be called when the transport is gone, or nothing that comes is looked at any more.
    ///
    /// What has arrived of segments is kept; should the replica fail at that, it is sent again. The
    /// streams are dropped.
    package mutating func disconnected(at now: MonotonicTime, replica: some ReplicaPort) {
        var output = Output()
        step(.disconnected, at: now, replica: replica, into: &output)
        encoder.restartCompression()
        decoder.end()
    }

    /// Ends the connection from here, without a word.
    package mutating func end() { _ = session.refuse(Refusal(.failed, "ended")) }

    /// Whether there is more to send once the transport has room for it; never if not paced.
    package var hasMoreToSend: Bool { isPaced && session.hasMoreToSend }

    /// To be called when the transport has room and there is more to send; a chunk at a time.
    package mutating func hasRoom(
        at now: MonotonicTime, replica: some ReplicaPort
    ) -> Output {
        var output = Output()
        step(.room, at: now, replica: replica, into: &output)
        return output
    }

    /// To be called at ``deadline``.
    package mutating func timeReached(
        at now: MonotonicTime, replica: some ReplicaPort
    ) -> Output {
        var output = Output()
        step(.timeReached, at: now, replica: replica, into: &output)
        return output
    }

    private mutating func step(
        _ event: SyncSession.Event, at now: MonotonicTime, replica: some ReplicaPort,
        into output: inout Output
    ) {
        if let room { session.room = room }
        perform(session.handle(event, at: now), at: now, replica: replica, into: &output)
        while !isPaced, session.hasMoreToSend {
            if let room { session.room = room }
            perform(session.handle(.room, at: now), at: now, replica: replica, into: &output)
        }
    }

    /// How many bytes may still be sent: by what the peer says, and by our own budget.
    private var room: Int? {
        let sent = traffic.bytesSent - traffic.preambleBytesSent
        let allowed = [allowance, byteBudget.map { UInt64(max(0, $0)) / 2 }].compactMap(\.self)
        return allowed.min().map { Int(clamping: $0) - Int(clamping: sent) }
    }

    /// Performs actions; what the replica answers is handled before the next action.
    private mutating func perform(
        _ actions: [SyncSession.Action], at now: MonotonicTime, replica: some ReplicaPort,
        into output: inout Output
    ) {
        for action in actions {
            switch action {
            case .send(let message): send(message, into: &output)
            case .gather, .export, .stage, .apply, .remember, .listCells, .fetch, .mend:
                let answer = answer(to: action, from: replica)
                if let answer { step(answer, at: now, replica: replica, into: &output) }
            case .report(let progress): output.progress.append(progress)
            case .close(let reason): output.close = reason
            }
        }
    }

    private mutating func answer(
        to action: SyncSession.Action, from replica: some ReplicaPort
    ) -> SyncSession.Event? {
        do {
            switch action {
            case .gather(let peer): return .gathered(try replica.greetingFacts(for: peer))
            case .export(let lane, let base):
                return .exported(try replica.segment(of: lane, since: base))
            case .stage(let cells, let lane, let claim):
                try replica.stage(cells, of: lane, claim: claim)
                return nil
            case .apply(let segment, let staged):
                return .applied(
                    try staged.isEmpty
                        ? replica.apply(segment) : replica.apply(segment, adding: staged))
            case .remember(let vectors, let peer, let clock):
                try replica.remember(vectors, sharedWith: peer, observing: clock)
                return nil
            case .listCells: return .listed(try replica.cellHashes())
            case .fetch(let hashes): return .fetched(try replica.cells(hashed: hashes))
            case .mend(let cells): return .mended(try replica.mend(cells))
            case .send, .report, .close: return nil
            }
        } catch {
            return .replicaFailed(String(describing: error))
        }
    }

    /// Gets ready for a greeting that is described against what is remembered of the peer.
    private mutating func recall(
        _ peer: DeviceID, replica: some ReplicaPort, at now: MonotonicTime,
        into output: inout Output
    ) {
        guard !session.isClosed else { return }
        do {
            let facts = try replica.greetingFacts(for: peer)
            encoder.shared.candidates = facts.common + [facts.summary]
            encoder.shared.ownFrontier = facts.summary.frontier
        } catch {
            step(
                .replicaFailed(String(describing: error)), at: now, replica: replica, into: &output)
        }
    }

    private mutating func send(_ message: SyncMessage, into output: inout Output) {
        do {
            let frame = try encoder.frame(for: message)
            traffic.noteSent(message, framed: frame.count, raw: encoder.rawFrameBytes)
            output.bytes += frame
        } catch {
            // Only what the store does not accept ends up here. The stream cannot go on after it.
            _ = session.refuse(error.refusal)
            output.close = .replicaFailed(error.refusal.text)
        }
    }
}

/// How much has passed over a connection, as framed for TCP.
package struct TrafficCount: Hashable, Sendable {
    /// Bytes handed to the transport.
    package var bytesSent: UInt64 = 0
    /// Bytes that came from it.
    package var bytesReceived: UInt64 = 0
    /// Messages among the bytes sent.
    package var messagesSent: UInt64 = 0
    /// Messages among the bytes received.
    package var messagesReceived: UInt64 = 0
    /// What the bytes sent would have been without compression.
    package var rawBytesSent: UInt64 = 0
    /// Of the bytes sent, those of preambles.
    package var preambleBytesSent: UInt64 = 0
    /// Of the bytes sent, those of frames that only acknowledge.
    package var acknowledgementBytesSent: UInt64 = 0
    /// Of the bytes sent, those of frames with cells, by lane.
    package var cellBytesSent = LaneBytes()

    package init() {}

    /// Adds another count.
    package mutating func add(_ other: TrafficCount) {
        bytesSent += other.bytesSent
        bytesReceived += other.bytesReceived
        messagesSent += other.messagesSent
        messagesReceived += other.messagesReceived
        rawBytesSent += other.rawBytesSent
        preambleBytesSent += other.preambleBytesSent
        acknowledgementBytesSent += other.acknowledgementBytesSent
        for lane in Lane.all { cellBytesSent[lane] += other.cellBytesSent[lane] }
    }

    /// Counts a frame that was made.
    mutating func noteSent(_ message: SyncMessage, framed: Int, raw: Int) {
        messagesSent += 1
        bytesSent += UInt64(framed)
        rawBytesSent += UInt64(raw)
        switch message {
        case .preamble: preambleBytesSent += UInt64(framed)
        case .acknowledgement: acknowledgementBytesSent += UInt64(framed)
        case .chunk(let chunk): cellBytesSent[chunk.lane] += UInt64(framed)
        case .hello, .heartbeat, .repair, .unknownReference, .refusal: break
        }
    }
}
