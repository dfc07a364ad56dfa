import CausalTime
import PlantedBugs
import ReplicaModel

extension SyncSession {
    /// Segments travel both ways.
    struct Exchange: Sendable {
        /// Who is on the other side; an initiator that has not heard from it may not know.
        var peer: DeviceID?
        /// What the peer has, as far as we can know: its greeting, what it claimed and what we sent
        /// it.
        ///
        /// The base of the next segment to it.
        var theirs: LaneVectors
        /// What the peer can know of us in the same way.
        ///
        /// The base of the next segment from it.
        var ours: LaneVectors
        /// What the replica has seen.
        var local: LaneVectors
        /// What the peer had forgotten up to when it greeted.
        ///
        /// Of a lane of which the replica has not seen that much, nothing is sent: the peer sends
        /// a snapshot, and afterwards it has been seen.
        var required = LaneVectors()
        /// Lanes of which neither side had seen what the other has forgotten: somebody has to send
        /// first, and that is this side.
        var opened: [Lane] = []
        /// Lanes of which the peer sends first: what its segment supersedes here then need not be
        /// sent to it.
        var awaited: Set<Lane> = []
        /// What the peer had when it greeted; the session is synchronized once we have it.
        var goal = LaneVectors()
        /// Lanes whose segments came without knowing our greeting.
        var early: Set<Lane> = []
        /// The peer's greeting, if it can be told to send first.
        var yieldable: Hello?
        /// Whether our greeting waits until what came with the peer's has been applied.
        var owesGreeting = false
        /// Whether the peer's greeting named a state, and so a digest.
        var isDigestKnown = false
        /// The clock that the peer greeted with, as far as it said.
        var theirClock = HybridTimestamp.zero
        /// What the peer holds of segments that were cut off.
        var theirStaged: [Lane: DotSet] = [:]
        /// What we said that we hold of such segments.
        var ourStaged: [Lane: DotSet] = [:]
        /// The segments that are being sent.
        var outbound: [Lane: OutboundSegment] = [:]
        /// How many bytes may still be sent; nothing if any number may.
        var room: Int?
        /// Whether there was more to send than may be.
        var isBudgetSpent = false
        /// Claims of segments sent and not yet acknowledged, in the order of their last chunks.
        var unacknowledged: [(lane: Lane, claim: VersionVector)] = []
        /// How many of our segments the peer has applied.
        var acknowledged: UInt64 = 0
        /// How many of its segments we have applied.
        var applied: UInt64 = 0
        /// How many of those the peer has been told of.
        var appliedTold: UInt64 = 0
        /// The segments that are arriving.
        var inbound: [Lane: InboundSegment] = [:]
        /// When parts of them are to be kept that are not yet.
        var stageAt: MonotonicTime?
        /// The segment that the replica has been asked to apply.
        var applying: (lane: Lane, cells: Int)?
        /// When changes that wait are to be sent.
        var pushAt: MonotonicTime?
        /// Until when changes are gathered after a push, so that many go out together.
        var quietUntil: MonotonicTime?
        /// When the peer has to have acknowledged or gone on.
        var progressBy: MonotonicTime?
        /// When the peer was last heard of.
        var heardAt: MonotonicTime?
        /// Whether the peer has been asked for a sign of life.
        var hasKnocked = false
        /// Whether it has been reported that both sides are level.
        var isSynchronized = false
        /// The state at which both sides were last known to be.
        var remembered: LaneVectors?
        /// Whether the peer may begin a repair: only an initiator does.
        var answersRepairs = false
        /// What is being done about different states of replicas that have seen the same.
        var repair: Repair?

        init(with peer: DeviceID?, ours: LaneVectors, theirs: LaneVectors) {
            self.peer = peer
            self.theirs = theirs
            self.ours = ours
            local = ours
        }
    }

    /// Both greetings are there, or a responder's is about to be sent.
    mutating func beginExchange(
        with peer: DeviceID, _ theirs: Hello, _ facts: GreetingFacts, _ greeting: Greeting,
        at now: MonotonicTime
    ) -> [Action] {
        var exchange =
            greeting.early
            ?? Exchange(
                with: peer, ours: greeting.ownHello?.vectors ?? LaneVectors(),
                theirs: theirs.vectors)
        exchange.peer = peer
        exchange.answersRepairs = role == .responder
        exchange.heardAt = now
        exchange.theirs.merge(theirs.vectors)
        exchange.required = theirs.frontier
        exchange.goal = theirs.vectors
        exchange.theirStaged = theirs.staged
        exchange.theirClock = theirs.reference.clock ?? .zero
        if case .state = theirs.reference { exchange.isDigestKnown = true }
        exchange.ourStaged = greeting.ownHello?.staged ?? [:]
        exchange.local.merge(facts.summary.vectors)
        exchange.local.merge(greeting.news)
        var actions: [Action] = []
        do throws(Refusal) { try exchange.acknowledge(upTo: theirs.applied) } catch {
            return refuse(error)
        }
        if greeting.ownHello == nil {
            // What the initiator knows of us is what its greeting was described against.
            exchange.ours = theirs.reference.vectors ?? LaneVectors()
            exchange.awaited = theirs.following
            exchange.early = theirs.following
            if identity.allowance == nil,
                greeting.peer?.capabilities.contains(.yields) == true
            {
                exchange.yieldable = theirs
            }
            exchange.owesGreeting = true
            if theirs.following.isEmpty { actions += exchange.greet(facts, limits: limits) }
        } else if greeting.peerHello?.isReferenceUnknown == true {
            exchange.ours = LaneVectors()
            actions += exchange.greet(facts, limits: limits)
            exchange.prepare(facts, after: theirs, role: role)
        } else {
            exchange.prepare(facts, after: theirs, role: role)
        }
        if role == .initiator, peerCanRepair(greeting), exchange.hasDiverged(theirs, facts) {
            actions += exchange.beginRepair(of: facts.summary, told: theirs.digest)
        }
        if !exchange.owesGreeting { actions += exchange.exports() }
        actions += exchange.levelReports()
        phase = .exchanging(exchange)
        return actions
    }

    private func peerCanRepair(_ greeting: Greeting) -> Bool {
        greeting.peer?.capabilities.contains(.repairs) == true
    }

    mutating func exchangeStep(
        _ exchange: Exchange, _ event: Event, at now: MonotonicTime
    ) throws(Refusal) -> [Action] {
        var exchange = exchange
        var actions: [Action] = []
        switch event {
        case .received(let message):
            exchange.heardAt = now
            exchange.hasKnocked = false
            actions += try exchange.receive(message, limits: limits)
        case .applied(let summary):
            actions += exchange.didApply(summary)
        case .exported(let segment):
            actions += try exchange.send(segment, limits: limits)
        case .gathered(let facts) where exchange.owesGreeting:
            actions += exchange.greet(facts, limits: limits) + exchange.exports()
        case .changed(let vectors):
            if PlantedBug.changesUntold.isPlanted { return [] }
            exchange.local.merge(vectors)
            let time = exchange.mayWait ? now + limits.usageDelay : now
            exchange.schedulePush(at: exchange.quietUntil.map { max(time, $0) } ?? time)
        case .relayed(let vectors):
            if PlantedBug.nothingRelayed.isPlanted { return [] }
            exchange.local.merge(vectors)
            // Of two peers that heard the same from a third, one waits for the other.
            exchange.schedulePush(
                at: now + (role == .initiator ? limits.relayDelay : limits.relayDelay * 2))
        case .inputDrained:
            actions += exchange.stageIfDue(at: now, limits: limits)
            actions +=
                exchange.owesGreeting
                ? [.gather(for: exchange.peer)] : exchange.acknowledgeApplied()
        case .timeReached:
            if let silence = exchange.silence(at: now, limits: limits),
                !PlantedBug.silenceIsNoEnd.isPlanted
            {
                return close(.timedOut(silence))
            }
            actions += exchange.due(at: now, limits: limits)
        case .room: actions += exchange.sendOn()
        case .listed(let hashes): actions += exchange.listed(hashes, limits: limits)
        case .fetched(let cells): actions += try exchange.fetched(cells, limits: limits)
        case .mended(let mended): actions += try exchange.didMend(mended, limits: limits)
        case .connected, .gathered, .replicaFailed, .disconnected: break
        }
        exchange.watchProgress(since: event, at: now, limits: limits)
        actions += exchange.levelReports()
        phase = .exchanging(exchange)
        // What was sent whole is waited for: the peer need not be sent it again.
        if exchange.isBudgetSpent, exchange.unacknowledged.isEmpty {
            return actions
                + refuse(Refusal(.budgetSpent, "no more bytes may pass; another session goes on"))
        }
        return actions
    }
}

extension SyncSession.Exchange {
    // MARK: Greeting

    /// Greets, against the peer's own greeting.
    mutating func greet(
        _ facts: GreetingFacts, limits: SessionLimits
    ) -> [SyncSession.Action] {
        owesGreeting = false
        local.merge(facts.summary.vectors)
        ours.merge(facts.summary.vectors)
        ourStaged = facts.staged
        appliedTold = applied
        let yielded =
            yieldable.map {
                lanes(yieldedTo: $0, by: facts.summary, from: limits.yieldedWritesMin)
            } ?? []
        awaited.formUnion(yielded)
        return [
            .send(
                .hello(
                    Hello(
                        facts.summary, reference: .greeting,
                        tellsDigest: !isDigestKnown && theirs == facts.summary.vectors,
                        applied: applied, yielded: yielded, staged: facts.staged)))
        ]
    }

    /// Who sends first in each lane, as an initiator finds out from both greetings.
    ///
    /// What the responder has is sent first, because it may supersede what this side would send.
    mutating func prepare(_ facts: GreetingFacts, after theirs: Hello, role: SyncSession.Role) {
        guard role == .initiator else { return }
        let own = facts.summary
        opened = Lane.all.filter {
            !own.vectors[$0].dominates(theirs.frontier[$0])
                && !theirs.vectors[$0].dominates(own.frontier[$0])
        }
        awaited = Set(
            Lane.all.filter {
                !local[$0].dominates(theirs.vectors[$0])
                    && theirs.vectors[$0].dominates(own.frontier[$0])
                    && !theirs.yielded.contains($0)
            })
    }

    // MARK: News

    /// Whether the replica has something that the peer is not known to have or to be getting.
    var hasNews: Bool { !theirs.dominates(local) }

    /// Whether nothing but usage is news: it is worth nothing to the peer at once, and many counts
    /// cost as much as one.
    var mayWait: Bool {
        Lane.all.allSatisfy { $0 == .usage || theirs[$0].dominates(local[$0]) }
    }

    /// A request for a segment of every lane that has news, the most urgent lane first.
    func exports(of lanes: Set<Lane> = Set(Lane.all)) -> [SyncSession.Action] {
        Lane.all.dropLast(PlantedBug.laneForgotten.isPlanted ? 1 : 0).filter {
            lanes.contains($0) && !theirs[$0].dominates(local[$0]) && maySend($0)
        }.map { .export($0, since: theirs[$0]) }
    }

    /// Whether no segment of a lane is under way, and the replica has seen all that the peer has
    /// forgotten of it or has to be the first to send.
    func maySend(_ lane: Lane) -> Bool {
        guard outbound[lane] == nil, !isBudgetSpent else { return false }
        return opened.contains(lane)
            || local[lane].dominates(required[lane]) && !awaited.contains(lane)
    }

    /// Plans to send news at `time`, unless that is planned for earlier or there is none.
    mutating func schedulePush(at time: MonotonicTime) {
        guard hasNews, !owesGreeting else { return }
        pushAt = min(pushAt ?? time, time)
    }

    // MARK: Acknowledgement

    mutating func acknowledge(upTo applied: UInt64) throws(Refusal) {
        guard applied >= acknowledged else {
            throw Refusal(.outOfOrder, "an acknowledgement of fewer segments than before")
        }
        guard applied - acknowledged <= UInt64(unacknowledged.count) else {
            throw Refusal(.outOfOrder, "an acknowledgement of segments that were not sent")
        }
        // What the peer has applied, it can use to compute its next base: so does our mirror of it.
        for (lane, claim) in unacknowledged.prefix(Int(applied - acknowledged)) {
            ours[lane].merge(claim)
        }
        unacknowledged.removeFirst(Int(applied - acknowledged))
        acknowledged = applied
    }

    mutating func acknowledgeApplied() -> [SyncSession.Action] {
        guard applied > appliedTold else { return [] }
        appliedTold = applied
        return [.send(.acknowledgement(applied: applied))]
    }

    /// Whether the peer has applied all that was sent to it.
    var isQuiet: Bool { outbound.isEmpty && unacknowledged.isEmpty }

    /// What is worth knowing once nothing is under way: that both sides had met what they had, and
    /// that both are at one state now.
    mutating func levelReports() -> [SyncSession.Action] {
        guard !owesGreeting, isQuiet, inbound.isEmpty, applying == nil, !hasNews,
            repair == nil, local.dominates(goal) || PlantedBug.synchronizedTooEarly.isPlanted
        else { return [] }
        var actions: [SyncSession.Action] = []
        if !isSynchronized {
            isSynchronized = true
            actions.append(.report(.synchronized))
        }
        if let peer, appliedTold == applied, theirs == local, ours == local, remembered != local {
            remembered = local
            actions.append(.remember(local, sharedWith: peer, observing: theirClock))
        }
        return actions
    }
}
