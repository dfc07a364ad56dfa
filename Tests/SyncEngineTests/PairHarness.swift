import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

/// Two sessions over two replicas, a queue of messages each way, and a clock that stands still
/// until it is moved.
///
/// It also holds the two sides' mirrors of each other together: a segment has to be asked to be
/// applied with at least the base that its sender computed it against, which the receiver has seen.
final class PairHarness {
    /// One side.
    enum Side: Int, CaseIterable {
        case initiator, responder

        var other: Side { self == .initiator ? .responder : .initiator }
    }

    /// When answers of the replica become events: both orders keep the session's contract.
    enum AnswerOrder: CaseIterable { case atOnce, afterTheOtherActions }

    /// What belongs to one side.
    struct End {
        var session: SyncSession
        let replica: ModelReplica
        /// What is on its way to this side.
        var inbox: [SyncMessage] = []
        /// Everything that this side has sent.
        var sent: [SyncMessage] = []
        var reports: [SyncSession.Progress] = []
        var closeReason: SyncSession.CloseReason?
        /// Whether the replica fails at everything it is asked.
        var isBroken = false
        /// What its replica was asked to keep of segments that are not whole, and the states that
        /// it was told to remember.
        var staged: [Cell] = []
        var remembered: [LaneVectors] = []
        /// What it says that it remembers of the other side, and that it holds of segments.
        var facts: (common: [ReplicaSummary], staged: [Lane: DotSet]) = ([], [:])
        /// Whether what comes cannot be read until the other side has greeted again.
        var isDeaf = false
        /// What the session was last told of its replica.
        var noticed: LaneVectors
        /// Segments of this side that have been sent and not yet applied by the other.
        var underWay: [Segment] = []
    }

    /// Whether long segments wait until a side is given room.
    var isPaced = false
    private(set) var now = MonotonicTime(sinceStart: .zero)
    private(set) var isCut = false
    private(set) var delivered = 0
    var ends: [End]
    private var onApply: ((Segment, DotSet) -> Void)?
    private let answerOrder: AnswerOrder

    init(
        _ initiator: ModelReplica, _ responder: ModelReplica,
        limits: SessionLimits = SessionLimits(), answerOrder: AnswerOrder = .atOnce,
        at now: MonotonicTime = MonotonicTime(sinceStart: .zero)
    ) {
        self.answerOrder = answerOrder
        self.now = now
        ends = zip([initiator, responder], [.initiator, .responder] as [SyncSession.Role]).map {
            replica, role in
            let identity = Preamble(capabilities: .own, fleet: .numbered(1), device: replica.device)
            return End(
                session: SyncSession(
                    role: role, identity: identity,
                    expecting: role == .initiator ? responder.device : nil, limits: limits),
                replica: replica, noticed: replica.vectors)
        }
    }

    subscript(side: Side) -> End {
        get { ends[side.rawValue] }
        set { ends[side.rawValue] = newValue }
    }

    // MARK: What happens

    /// Lets both sides know that the connection is there.
    func connect() {
        for side in Side.allCases { handle(.connected, on: side) }
    }

    /// Delivers the next message to a side; says whether there was one.
    @discardableResult
    func deliver(to side: Side, drained: Bool? = nil) -> Bool {
        guard !isCut, !self[side].inbox.isEmpty else { return false }
        let message = self[side].inbox.removeFirst()
        delivered += 1
        if let message = understood(message, by: side) { handle(.received(message), on: side) }
        if drained ?? self[side].inbox.isEmpty { handle(.inputDrained, on: side) }
        return true
    }

    /// What a decoder makes of a message: a greeting may be described against what is not known.
    private func understood(_ message: SyncMessage, by side: Side) -> SyncMessage? {
        switch message {
        case .hello(let hello):
            self[side].isDeaf = false
            guard case .state(let state) = hello.reference, state != self[side].replica.summary(),
                !self[side].facts.common.contains(state)
            else { return message }
            self[side].isDeaf = true
            return .unknownReference(state.name)
        case .chunk: return self[side].isDeaf ? nil : message
        case .preamble, .acknowledgement, .heartbeat, .repair, .unknownReference, .refusal:
            return message
        }
    }

    /// Delivers one message, to the responder if both sides wait for one.
    @discardableResult
    func step() -> Bool { deliver(to: .responder) || deliver(to: .initiator) }

    /// Delivers one message; what replicas are asked to apply is shown, and taken for applied.
    func step(onApply: @escaping (Segment, DotSet) -> Void) -> Bool {
        self.onApply = onApply
        defer { self.onApply = nil }
        return step()
    }

    /// Delivers messages and passes time until nothing is left to happen.
    func runUntilIdle() {
        while !isCut {
            while step() {}
            guard let deadline = nextDeadline else { return }
            advance(to: deadline)
        }
    }

    /// Delivers messages, but lets no time pass.
    func runWithoutTime() { while step() {} }

    /// Lets time pass, and both sides know when they asked to.
    func advance(to time: MonotonicTime) {
        now = max(now, time)
        for side in Side.allCases {
            if let deadline = self[side].session.deadline, deadline <= now {
                handle(.timeReached, on: side)
            }
        }
    }

    func advance(by duration: Duration) { advance(to: now + duration) }

    /// Loses the connection and everything that is on its way.
    func cut() {
        isCut = true
        for side in Side.allCases { self[side].inbox = [] }
    }

    /// Lets a side's device write, and its session know.
    func write(on side: Side, _ change: (ModelReplica) throws -> Void) rethrows {
        try change(self[side].replica)
        noticeChanges()
    }

    /// Tells sessions of replicas that have changed, also through their own session.
    func noticeChanges(relayed: Bool = false) {
        for side in Side.allCases where !isCut {
            let vectors = self[side].replica.vectors
            guard vectors != self[side].noticed else { continue }
            self[side].noticed = vectors
            handle(relayed ? .relayed(vectors) : .changed(vectors), on: side)
        }
    }

    // MARK: Questions

    var nextDeadline: MonotonicTime? {
        ends.compactMap(\.session.deadline).min()
    }

    /// How often a side has reported that both are level.
    func synchronizedReports(of side: Side) -> Int {
        self[side].reports.count { $0 == .synchronized }
    }

    /// The chunks that a side has sent.
    func chunks(from side: Side) -> [SegmentChunk] {
        self[side].sent.compactMap { if case .chunk(let chunk) = $0 { chunk } else { nil } }
    }

    // MARK: Actions

    func handle(_ event: SyncSession.Event, on side: Side) {
        perform(self[side].session.handle(event, at: now), on: side)
        while !isPaced, self[side].session.hasMoreToSend {
            perform(self[side].session.handle(.room, at: now), on: side)
        }
    }

    private func perform(_ actions: [SyncSession.Action], on side: Side) {
        var answers: [SyncSession.Event] = []
        for action in actions {
            switch action {
            case .send(let message): send(message, from: side)
            case .report(let progress): self[side].reports.append(progress)
            case .close(let reason): self[side].closeReason = reason
            case .stage(let cells, _, _): self[side].staged += cells
            case .remember(let vectors, _, _): self[side].remembered.append(vectors)
            case .gather, .export, .apply, .listCells, .fetch, .mend:
                let answer = answer(to: action, on: side)
                if answerOrder == .atOnce { take(answer, on: side) } else { answers.append(answer) }
            }
        }
        for answer in answers { take(answer, on: side) }
    }

    private func send(_ message: SyncMessage, from side: Side) {
        self[side].sent.append(message)
        if !isCut, self[side.other].closeReason == nil { self[side.other].inbox.append(message) }
    }

    private func answer(to action: SyncSession.Action, on side: Side) -> SyncSession.Event {
        let replica = self[side].replica
        guard !self[side].isBroken else { return .replicaFailed("the disk is full") }
        do {
            switch action {
            case .export(let lane, let base):
                return .exported(replica.segment(of: lane, since: base))
            case .apply(let segment, let staged):
                if let onApply {
                    onApply(segment, staged)
                    return .applied(replica.summary())
                }
                checkMirror(segment, receivedBy: side)
                return .applied(try replica.apply(segment))
            case .listCells: return .listed(replica.cellHashes())
            case .fetch(let hashes): return .fetched(replica.cells(hashed: hashes))
            case .mend(let cells): return .mended(replica.mend(cells))
            case .send, .report, .close, .stage, .remember, .gather:
                let facts = self[side].facts
                return .gathered(
                    GreetingFacts(
                        summary: replica.summary(), common: facts.common, staged: facts.staged,
                        writer: replica.currentWriter))
            }
        } catch {
            return .replicaFailed(String(describing: error))
        }
    }

    private func take(_ answer: SyncSession.Event, on side: Side) {
        let actions = self[side].session.handle(answer, at: now)
        if case .exported(let segment) = answer, actions.contains(where: \.beginsSegment) {
            self[side].underWay.append(segment)
        }
        perform(actions, on: side)
    }

    private func checkMirror(_ received: Segment, receivedBy side: Side) {
        // Of one lane they arrive in the order in which they were sent.
        let place = self[side.other].underWay.firstIndex { $0.lane == received.lane }
        guard let place else {
            Issue.record("a segment that nobody sent")
            return
        }
        let sent = self[side.other].underWay.remove(at: place)
        let isSame =
            received.lane == sent.lane && received.base.dominates(sent.base)
            && self[side].replica.vectors[sent.lane].dominates(received.base)
            && received.claim == received.base.merging(sent.claim)
            && received.clock == sent.clock
            && received.cells == sent.cells
        if !isSame { Issue.record("sent \(sent)\nreceived \(received)") }
    }
}

extension SyncSession.Action {
    fileprivate var beginsSegment: Bool {
        if case .send(.chunk(let chunk)) = self { chunk.head != nil } else { false }
    }
}
