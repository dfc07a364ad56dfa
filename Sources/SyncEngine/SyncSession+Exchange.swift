import CausalTime
import ReplicaModel

extension SyncSession {
    /// Segments travel both ways.
    struct Exchange: Sendable {
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
        let required: LaneVectors
        /// Lanes of which neither side had seen what the other has forgotten: somebody has to send
        /// first, and that is this side.
        let opened: [Lane]
        /// What the peer had when it greeted; the session is synchronized once we have it.
        let goal: LaneVectors
        /// Claims of segments sent and not yet acknowledged, the oldest first.
        var unacknowledged: [(lane: Lane, claim: VersionVector)] = []
        /// How many of our segments the peer has applied.
        var acknowledged: UInt64 = 0
        /// How many of its segments we have applied.
        var applied: UInt64 = 0
        /// How many of those the peer has been told of.
        var appliedTold: UInt64 = 0
        /// The segment that is arriving.
        var inbound: InboundSegment?
        /// The segment that the replica has been asked to apply.
        var applying: (lane: Lane, cells: Int)?
        /// When changes that wait are to be sent.
        var pushAt: MonotonicTime?
        /// Until when changes are gathered after a push, so that many go out together.
        var quietUntil: MonotonicTime?
        /// When the peer has to have acknowledged or gone on.
        var progressBy: MonotonicTime?
        /// Whether it has been reported that both sides are level.
        var isSynchronized = false

        var deadline: MonotonicTime? { [pushAt, progressBy].compactMap(\.self).min() }
    }

    mutating func beginExchange(
        theirs: Hello, ours: Hello, news: LaneVectors
    ) -> [Action] {
        var exchange = Exchange(
            theirs: theirs.vectors, ours: ours.vectors, local: ours.vectors,
            required: theirs.frontier,
            opened: role == .initiator ? Self.apart(ours, theirs) : [], goal: theirs.vectors)
        exchange.local.merge(news)
        let actions = exchange.exportActions() + exchange.synchronizedReport()
        phase = .exchanging(exchange)
        return actions
    }

    /// Lanes of which neither replica has seen the other's frontier: each was restored, or was
    /// given up by the other.
    private static func apart(_ one: Hello, _ other: Hello) -> [Lane] {
        Lane.all.filter {
            !one.vectors[$0].dominates(other.frontier[$0])
                && !other.vectors[$0].dominates(one.frontier[$0])
        }
    }

    mutating func exchangeStep(
        _ exchange: Exchange, _ event: Event, at now: MonotonicTime
    ) throws(Refusal) -> [Action] {
        var exchange = exchange
        var actions: [Action] = []
        switch event {
        case .received(.chunk(let chunk)):
            actions += try exchange.receive(chunk, limits: limits)
        case .received(.acknowledgement(let applied)):
            try exchange.acknowledge(upTo: applied)
        case .received:
            throw Refusal(.outOfOrder, "a greeting after the greetings")
        case .applied(let summary):
            actions += exchange.didApply(summary)
        case .exported(let segment):
            actions += try exchange.send(segment, limits: limits)
        case .changed(let vectors):
            exchange.local.merge(vectors)
            exchange.schedulePush(at: exchange.quietUntil.map { max(now, $0) } ?? now)
        case .relayed(let vectors):
            exchange.local.merge(vectors)
            // Of two peers that heard the same from a third, one waits for the other.
            exchange.schedulePush(
                at: now + (role == .initiator ? limits.relayDelay : limits.relayDelay * 2))
        case .inputDrained:
            actions += exchange.acknowledgeApplied()
        case .timeReached:
            if let due = exchange.progressBy, now >= due {
                return close(.timedOut("no progress within \(limits.progressTimeout)"))
            }
            if let due = exchange.pushAt, now >= due {
                exchange.pushAt = nil
                exchange.quietUntil = now + limits.pushDelay
                actions += exchange.exportActions()
            }
        case .connected, .summarized, .replicaFailed: break
        }
        exchange.watchProgress(since: event, at: now, limits: limits)
        actions += exchange.synchronizedReport()
        phase = .exchanging(exchange)
        return actions
    }
}

extension SyncSession.Exchange {
    /// Whether the replica has something that the peer is not known to have or to be getting.
    var hasNews: Bool { !theirs.dominates(local) }

    /// A request for a segment of every lane that has news, the most urgent lane first.
    func exportActions() -> [SyncSession.Action] {
        Lane.all.filter { !theirs[$0].dominates(local[$0]) && maySend($0) }.map {
            .export($0, since: theirs[$0])
        }
    }

    /// Whether the replica has seen all that the peer has forgotten of a lane, or has to be the
    /// first to send.
    func maySend(_ lane: Lane) -> Bool {
        opened.contains(lane) || local[lane].dominates(required[lane])
    }

    /// Plans to send news at `time`, unless that is planned for earlier or there is none.
    mutating func schedulePush(at time: MonotonicTime) {
        guard hasNews else { return }
        pushAt = min(pushAt ?? time, time)
    }

    mutating func acknowledge(upTo applied: UInt64) throws(Refusal) {
        guard applied >= acknowledged, applied - acknowledged <= UInt64(unacknowledged.count) else {
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

    mutating func synchronizedReport() -> [SyncSession.Action] {
        guard !isSynchronized, unacknowledged.isEmpty, inbound == nil, !hasNews,
            local.dominates(goal)
        else { return [] }
        isSynchronized = true
        return [.report(.synchronized)]
    }

    /// The peer has to move while it owes us an acknowledgement or the rest of a segment.
    mutating func watchProgress(
        since event: SyncSession.Event, at now: MonotonicTime, limits: SessionLimits
    ) {
        guard !unacknowledged.isEmpty || inbound != nil else {
            progressBy = nil
            return
        }
        if case .received = event {
            progressBy = now + limits.progressTimeout
        } else {
            progressBy = progressBy ?? now + limits.progressTimeout
        }
    }
}
