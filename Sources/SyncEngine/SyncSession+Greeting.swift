import CausalTime
import ReplicaModel

extension SyncSession {
    /// Waiting for the peer's preamble and greeting.
    ///
    /// An initiator has greeted (or is about to, once its summary is there); a responder greets
    /// after it has been greeted, so that a stranger learns nothing from it.
    struct Greeting: Sendable {
        /// When the peer's greeting has to be there.
        let deadline: MonotonicTime
        /// The peer's preamble, once it is there.
        var peer: Preamble?
        /// The peer's greeting, once it is there.
        var peerHello: Hello?
        /// Our own greeting, once it has been sent.
        var ownHello: Hello?
        /// What the replica has come to see since that was made.
        var news = LaneVectors()
    }

    mutating func open(_ event: Event, at now: MonotonicTime) -> [Action] {
        guard case .connected = event else { return [] }
        phase = .greeting(Greeting(deadline: now + limits.greetingTimeout))
        return role == .initiator ? [.send(.preamble(identity)), .summarize] : []
    }

    mutating func greet(
        _ greeting: Greeting, _ event: Event, at now: MonotonicTime
    ) throws(Refusal) -> [Action] {
        var greeting = greeting
        var actions: [Action] = []
        switch event {
        case .received(.preamble(let peer)):
            guard greeting.peer == nil else {
                throw Refusal(.outOfOrder, "a second preamble")
            }
            try check(peer)
            greeting.peer = peer
            if role == .responder { actions.append(.send(.preamble(identity))) }
            actions.append(.report(.greeted(peer.device)))
        case .received(.hello(let hello)):
            guard greeting.peer != nil, greeting.peerHello == nil else {
                throw Refusal(.outOfOrder, "a greeting where none was expected")
            }
            guard hello.vectors.dominates(hello.frontier) else {
                throw Refusal(.malformed, "a frontier that its own replica has not seen")
            }
            greeting.peerHello = hello
            if role == .responder { actions.append(.summarize) }
        case .received:
            throw Refusal(.outOfOrder, "a message before the greeting")
        case .summarized(let summary):
            let hello = Hello(summary)
            greeting.ownHello = hello
            actions.append(.send(.hello(hello)))
        case .changed(let vectors), .relayed(let vectors): greeting.news.merge(vectors)
        case .timeReached where now >= greeting.deadline:
            return close(.timedOut("no greeting within \(limits.greetingTimeout)"))
        default: break
        }
        phase = .greeting(greeting)
        if let theirs = greeting.peerHello, let ours = greeting.ownHello {
            actions += beginExchange(theirs: theirs, ours: ours, news: greeting.news)
        }
        return actions
    }

    private func check(_ peer: Preamble) throws(Refusal) {
        guard peer.version == identity.version else {
            let only = Preamble.currentVersion
            throw Refusal(
                .unsupportedVersion,
                "protocol \(peer.version) is not spoken here, only \(only) to \(only)")
        }
        guard peer.fleet == identity.fleet else {
            throw Refusal(.otherFleet, "this replica is of fleet \(identity.fleet)")
        }
        guard peer.device != identity.device else {
            throw Refusal(.sameDevice, "both sides are device \(identity.device): one is a copy")
        }
    }
}
