public import CausalTime
public import ReplicaModel

/// One conversation between two replicas: decides, but performs no input or output.
///
/// The owner feeds events and performs the returned actions in their order before the next event.
/// Time comes in as an argument; ``deadline`` says when to come back without an event. Both roles
/// are alike but for who greets first.
///
/// ```
/// opening → greeting → exchanging → closed      (and from each to closed)
/// ```
///
/// After the greetings each side sends the segments that the other lacks, and from then on a
/// segment for every change, until one side closes. A cut at any byte loses and half-applies
/// nothing: a segment is applied when it is whole, and what had arrived of it before is kept, so
/// that the next session, with whomever, need not carry it again.
public struct SyncSession: Sendable {
    /// Who opened the connection.
    public enum Role: Hashable, Sendable {
        /// Opened it, and greets first.
        case initiator
        /// Accepted it.
        case responder
    }

    /// What happened.
    public enum Event: Sendable {
        /// The connection is there. Only the first event may be this one.
        case connected
        /// A message arrived.
        case received(SyncMessage)
        /// No further message is waiting: what was put off goes, so that acknowledgements travel
        /// together and parts of segments are kept together.
        case inputDrained
        /// The answer to ``Action/gather(for:)``.
        case gathered(GreetingFacts)
        /// The answer to ``Action/export(_:since:)``.
        case exported(Segment)
        /// The answer to ``Action/apply(_:adding:)``: the segment is durable.
        case applied(ReplicaSummary)
        /// The answer to ``Action/listCells``.
        case listed([UInt64])
        /// The answer to ``Action/fetch(_:)``.
        case fetched([Cell])
        /// The answer to ``Action/mend(_:)``: what changed is durable.
        case mended(Mended)
        /// The replica could not do what was asked of it.
        case replicaFailed(String)
        /// The device wrote to its replica.
        case changed(LaneVectors)
        /// The replica applied what came through another session. The peer may be about to hear it
        /// directly, so this waits longer than a change of our own.
        case relayed(LaneVectors)
        /// The connection is gone: what has come of segments is kept. Ends the session.
        case disconnected
        /// ``SyncSession/deadline`` has been reached; harmless at any other time.
        case timeReached
        /// The transport has taken what was to be sent, and takes more; of use only while
        /// ``SyncSession/hasMoreToSend``.
        case room
    }

    /// What the owner must do.
    public enum Action: Hashable, Sendable {
        /// Send a message.
        case send(SyncMessage)
        /// Ask the replica what a greeting to a peer can be made of.
        case gather(for: DeviceID?)
        /// Ask the replica for a segment.
        case export(Lane, since: VersionVector)
        /// Let the replica keep a part of a segment that is not whole yet.
        case stage([Cell], of: Lane, claim: VersionVector)
        /// Let the replica apply a segment, and with it what was staged of it before.
        case apply(Segment, adding: DotSet)
        /// Let the replica take note that the peer has seen just as much, and of its clock.
        case remember(LaneVectors, sharedWith: DeviceID, observing: HybridTimestamp)
        /// Ask the replica for the hashes of its cells.
        case listCells
        /// Ask the replica for the cells that have these hashes, and what is beside them.
        case fetch(Set<UInt64>)
        /// Let the replica take in cells of a peer that has seen the same and holds others.
        case mend([Cell])
        /// Take note of progress.
        case report(Progress)
        /// Close the connection once everything before has been sent. Nothing follows.
        case close(CloseReason)
    }

    /// What is worth knowing outside.
    public enum Progress: Hashable, Sendable {
        /// The peer is of the same fleet, and this is its device.
        case greeted(DeviceID)
        /// A segment of the peer has been applied: other sessions now have something to send.
        case applied(lane: Lane, cells: Int)
        /// Everything that either side had when it greeted is now with both.
        case synchronized
        /// Both sides have seen the same and hold different cells.
        case diverged(Divergence)
    }

    /// Whose fault the end is.
    public enum CloseReason: Hashable, Sendable {
        /// The peer broke a rule and was told so.
        case refused(Refusal)
        /// The peer refused us.
        case refusedByPeer(Refusal)
        /// The peer was silent for too long.
        case timedOut(String)
        /// The replica here failed.
        case replicaFailed(String)
    }

    let role: Role
    let identity: Preamble
    /// Who is on the other side, as far as the initiator knows.
    let expected: DeviceID?
    let limits: SessionLimits
    var phase: Phase = .opening

    enum Phase: Sendable {
        case opening
        case greeting(Greeting)
        case exchanging(Exchange)
        case closed
    }

    /// Makes a session of the replica named by `identity`.
    ///
    /// - Parameters:
    ///   - role: Who opens the connection.
    ///   - identity: Fleet and device of the replica.
    ///   - expected: Who is probably on the other side. An initiator greets with what is
    ///     remembered of that device; should it be another one, the greeting takes a round trip
    ///     more.
    ///   - limits: Of sizes and times.
    public init(
        role: Role, identity: Preamble, expecting expected: DeviceID? = nil,
        limits: SessionLimits = SessionLimits()
    ) {
        self.role = role
        self.identity = identity
        self.expected = expected
        self.limits = limits
    }

    /// When ``Event/timeReached`` is due, unless another event comes first.
    public var deadline: MonotonicTime? {
        switch phase {
        case .opening, .closed: nil
        case .greeting(let greeting): greeting.deadline
        case .exchanging(let exchange): exchange.deadline(limits: limits)
        }
    }

    /// Whether there are chunks that wait for ``Event/room``.
    public var hasMoreToSend: Bool {
        switch phase {
        case .exchanging(let exchange): !exchange.outbound.isEmpty && !exchange.isBudgetSpent
        case .greeting(let greeting): greeting.early?.outbound.isEmpty == false
        case .opening, .closed: false
        }
    }

    /// How many more bytes may be sent, to be told before every event of a session that has a
    /// budget; nothing if any number may.
    public var room: Int? {
        get { if case .exchanging(let exchange) = phase { exchange.room } else { nil } }
        set {
            guard case .exchanging(var exchange) = phase else { return }
            exchange.room = newValue
            phase = .exchanging(exchange)
        }
    }

    /// Whether the replica lacks something that the peer had when it greeted; nothing before that
    /// is known.
    public var isBehind: Bool? {
        switch phase {
        case .opening, .greeting: nil
        case .exchanging(let exchange): !exchange.local.dominates(exchange.goal)
        case .closed: false
        }
    }

    /// Whether the session has ended.
    public var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// Advances the session.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: The time, never before that of an earlier call.
    /// - Returns: What to do, in this order, before the next event.
    public mutating func handle(_ event: Event, at now: MonotonicTime) -> [Action] {
        do {
            if case .received(.refusal(let refusal)) = event, !isClosed {
                return close(.refusedByPeer(refusal))
            }
            if case .replicaFailed(let reason) = event, !isClosed {
                return [.send(.refusal(Refusal(.failed, "the replica failed")))]
                    + close(.replicaFailed(reason))
            }
            if case .disconnected = event { return endExchange() }
            switch phase {
            case .opening: return open(event, at: now)
            case .greeting(let greeting): return try greet(greeting, event, at: now)
            case .exchanging(let exchange): return try exchangeStep(exchange, event, at: now)
            case .closed: return []
            }
        } catch {
            return refuse(error)
        }
    }

    /// Ends the session because what came could not even be read as a message.
    public mutating func refuse(_ refusal: Refusal) -> [Action] {
        guard !isClosed else { return [] }
        return [.send(.refusal(refusal))] + close(.refused(refusal))
    }

    mutating func close(_ reason: CloseReason) -> [Action] {
        endExchange() + [.close(reason)]
    }

    /// Keeps what has arrived of segments, and takes nothing in any more.
    private mutating func endExchange() -> [Action] {
        defer { phase = .closed }
        guard case .exchanging(var exchange) = phase else { return [] }
        return exchange.stageArrived()
    }
}
