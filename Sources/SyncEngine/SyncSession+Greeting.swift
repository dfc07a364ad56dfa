import CausalTime
import ReplicaModel

extension SyncSession {
    /// Waiting for the peer's preamble and greeting.
    ///
    /// An initiator has greeted (or is about to, once its facts are there); a responder greets
    /// after it has been greeted, so that a stranger learns nothing from it.
    struct Greeting: Sendable {
        /// When the peer's greeting has to be there.
        let deadline: MonotonicTime
        /// The peer's preamble, once it is there.
        var peer: Preamble?
        /// The peer's greeting, once it is there and we have not answered it.
        var peerHello: Hello?
        /// Whether the peer's greeting said nothing to us.
        var isReferenceUnknown = false
        /// Our own greeting, once it has been sent.
        var ownHello: Hello?
        /// What that was made of.
        var facts: GreetingFacts?
        /// What an initiator has sent on the strength of what it remembers of the peer.
        var early: Exchange?
        /// What the replica has come to see since.
        var news = LaneVectors()
    }

    mutating func open(_ event: Event, at now: MonotonicTime) -> [Action] {
        guard case .connected = event else { return [] }
        phase = .greeting(Greeting(deadline: now + limits.greetingTimeout))
        return role == .initiator
            ? [.send(.preamble(identity)), .gather(for: expected)] : []
    }

    mutating func greet(
        _ greeting: Greeting, _ event: Event, at now: MonotonicTime
    ) throws(Refusal) -> [Action] {
        var greeting = greeting
        var actions: [Action] = []
        switch event {
        case .received(.preamble(let peer)):
            guard greeting.peer == nil else { throw Refusal(.outOfOrder, "a second preamble") }
            try check(peer)
            greeting.peer = peer
            if role == .responder { actions.append(.send(.preamble(identity))) }
            actions.append(.report(.greeted(peer.device)))
        case .received(.hello(let hello)): return try answer(hello, greeting, at: now)
        case .received(.unknownReference):
            guard role == .responder, let peer = greeting.peer, greeting.ownHello == nil else {
                throw Refusal(.outOfOrder, "a greeting of a state that is not known here")
            }
            greeting.isReferenceUnknown = true
            actions.append(.gather(for: peer.device))
        case .received:
            throw Refusal(.outOfOrder, "a message before the greeting")
        case .gathered(let facts): return gathered(facts, greeting, at: now)
        case .exported(let segment):
            if var early = greeting.early {
                actions += try early.send(segment, limits: limits)
                greeting.early = early
            }
        case .changed(let vectors), .relayed(let vectors): greeting.news.merge(vectors)
        case .room:
            actions += greeting.early?.sendOn() ?? []
        case .timeReached where now >= greeting.deadline:
            return close(.timedOut("no greeting within \(limits.greetingTimeout)"))
        default: break
        }
        phase = .greeting(greeting)
        return actions
    }

    /// The peer's greeting is there.
    private mutating func answer(
        _ hello: Hello, _ greeting: Greeting, at now: MonotonicTime
    ) throws(Refusal) -> [Action] {
        var greeting = greeting
        let isExpected =
            role == .responder
            ? greeting.peerHello == nil : greeting.ownHello != nil && greeting.peerHello == nil
        guard let peer = greeting.peer, isExpected else {
            throw Refusal(.outOfOrder, "a greeting where none was expected")
        }
        guard hello.vectors.dominates(hello.frontier) else {
            throw Refusal(.malformed, "a frontier that its own replica has not seen")
        }
        let isFirstOfInitiator = role == .responder && greeting.ownHello == nil
        let mayYield = identity.capabilities.contains(.yields) && !hello.isReferenceUnknown
        guard hello.following.isEmpty || isFirstOfInitiator,
            !hello.isReferenceUnknown || role == .initiator, hello.yielded.isEmpty || mayYield
        else {
            throw Refusal(.malformed, "a greeting with what only another's may have")
        }
        if let facts = greeting.facts, !hello.isReferenceUnknown {
            return beginExchange(with: peer.device, hello, facts, greeting, at: now)
        }
        greeting.peerHello = hello
        greeting.early = nil
        phase = .greeting(greeting)
        return [.gather(for: peer.device)]
    }

    /// What our own greeting is made of is there.
    private mutating func gathered(
        _ facts: GreetingFacts, _ greeting: Greeting, at now: MonotonicTime
    ) -> [Action] {
        var greeting = greeting
        greeting.facts = facts
        if role == .responder, let theirs = greeting.peerHello, isAheadOf(theirs, facts) {
            // What follows cannot be joined here: the peer has to take a snapshot first.
            greeting.peerHello = nil
            greeting.isReferenceUnknown = true
        }
        if let peer = greeting.peer, let theirs = greeting.peerHello {
            return beginExchange(with: peer.device, theirs, facts, greeting, at: now)
        }
        let hello = greeting.isReferenceUnknown ? full(facts) : first(facts)
        greeting.ownHello = hello
        var actions: [Action] = [.send(.hello(hello))]
        if case .state(let common) = hello.reference, !hello.following.isEmpty {
            let early = Exchange(
                with: expected, ours: facts.summary.vectors, theirs: common.vectors)
            actions += early.exports(of: hello.following)
            greeting.early = early
        }
        phase = .greeting(greeting)
        return actions
    }

    /// Whether segments are announced of a lane of which this side has forgotten what the peer has
    /// not seen.
    private func isAheadOf(_ theirs: Hello, _ facts: GreetingFacts) -> Bool {
        theirs.following.contains {
            !theirs.vectors[$0].dominates(facts.summary.frontier[$0])
        }
    }

    /// The greeting of somebody whose peer knows nothing of what it could be described against.
    private func full(_ facts: GreetingFacts) -> Hello {
        Hello(
            facts.summary, reference: .none(clock: facts.summary.clock), tellsDigest: true,
            staged: facts.staged, isReferenceUnknown: true)
    }

    /// An initiator's greeting.
    ///
    /// Against the latest state that both were at, if one is remembered; what this side has come
    /// to see since follows at once, since the peer has seen at least that state. Else against
    /// what every member has seen, all of it if that is little, or nothing but the name of our own
    /// state, at which the peer may be, too.
    private func first(_ facts: GreetingFacts) -> Hello {
        let summary = facts.summary
        if let common = facts.common.first, summary.follows(common) {
            let following = Lane.all.filter {
                common.vectors[$0].dominates(summary.frontier[$0])
                    && isSmallNews(of: $0, summary.vectors[$0], since: common.vectors[$0], facts)
            }
            let saysLateness =
                identity.capabilities.contains(.yields)
                && Hello.saysLateness(summary.vectors, since: common, following: Set(following))
            return Hello(
                summary, reference: .state(common), following: Set(following),
                lateness: saysLateness
                    ? UInt64(clamping: summary.clock.steps(since: common.clock)) : nil,
                staged: facts.staged)
        }
        let entries = Lane.all.reduce(0) { $0 + summary.vectors[$1].entries.count }
        let reference: Hello.Reference =
            if summary.frontier != LaneVectors() {
                .frontier(summary.frontier, clock: summary.clock)
            } else if entries <= Self.entriesToldMax {
                .none(clock: summary.clock)
            } else {
                .state(summary)
            }
        return Hello(summary, reference: reference, staged: facts.staged)
    }

    /// Whether there is something of which the peer has nothing, unless somebody else told it, and
    /// so little that it matters neither if it has it nor if it has a part of it staged.
    private func isSmallNews(
        of lane: Lane, _ vector: VersionVector, since common: VersionVector, _ facts: GreetingFacts
    ) -> Bool {
        let raised = vector.entries(above: common)
        guard raised.count == 1, raised[0].writer == facts.writer else { return false }
        let writes = raised[0].sequence - common[raised[0].writer]
        return writes <= (lane == .usage ? Self.earlyCountsMax : Self.earlyWritesMax)
    }

    /// How many writes of its own an initiator sends before it has heard from the peer.
    static let earlyWritesMax: UInt64 = 64
    /// The same of usage, of which many writes are few counters.
    static let earlyCountsMax: UInt64 = 16_384

    /// How many entries an initiator tells somebody of whom it remembers nothing: beyond that it
    /// is cheaper to ask first.
    static let entriesToldMax = 24

    private func check(_ peer: Preamble) throws(Refusal) {
        guard peer.version == identity.version else {
            let only = Preamble.currentVersion
            throw Refusal(
                .unsupportedVersion,
                "protocol \(peer.version) is not spoken here, only \(only) to \(only)")
        }
        guard peer.fleet == identity.fleet else {
            // A stranger learns nothing from it: the name of a fleet opens its replicas.
            throw Refusal(.otherFleet, "this replica is of another fleet")
        }
        guard peer.device != identity.device else {
            throw Refusal(.sameDevice, "both sides are device \(identity.device): one is a copy")
        }
    }
}

extension ReplicaSummary {
    /// Whether the replica may have come from a state: it has seen at least as much, and if it has
    /// seen no more, it holds the same.
    ///
    /// One that may not is to tell its digest.
    fileprivate func follows(_ earlier: ReplicaSummary) -> Bool {
        vectors.dominates(earlier.vectors)
            && (vectors != earlier.vectors || digest == earlier.digest)
    }
}
