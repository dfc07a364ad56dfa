import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit

/// Replicas, sessions between some of them, and one clock.
///
/// Whatever happens, every replica that changed is compared with the history at once.
final class FleetHarness {
    private(set) var replicas: [ModelReplica]
    private(set) var links: [Link] = []
    private(set) var history = WriteHistory()
    private(set) var now = MonotonicTime(sinceStart: .zero)
    private var seen: [LaneVectors]

    /// A connection between two replicas, named by their places.
    struct Link {
        let places: [Int]
        let pair: PairHarness
    }

    /// A session that ended although nobody broke a rule.
    struct UnexpectedEnd: Error, CustomStringConvertible {
        let reason: SyncSession.CloseReason
        var description: String { "a session ended: \(reason)" }
    }

    init(count: UInt32) {
        replicas = (1...count).map { ModelReplica($0) }
        seen = replicas.map(\.vectors)
    }

    // MARK: What happens

    func write(at place: Int, _ change: (ModelReplica) throws -> Void) throws {
        try change(replicas[place])
        try history.note(replicas[place])
        for link in links where link.places.contains(place) { link.pair.noticeChanges() }
        try checkChanged()
    }

    func isConnected(_ first: Int, _ second: Int) -> Bool {
        links.contains { $0.places.contains(first) && $0.places.contains(second) }
    }

    func connect(_ initiator: Int, _ responder: Int) throws {
        let pair = PairHarness(replicas[initiator], replicas[responder], at: now)
        links.append(Link(places: [initiator, responder], pair: pair))
        pair.connect()
        try spreadNews()
    }

    func cut(_ index: Int) {
        links.remove(at: index).pair.cut()
    }

    func cutAll() {
        while !links.isEmpty { cut(0) }
    }

    /// Delivers one message of a link; says whether there was one.
    @discardableResult
    func deliver(_ index: Int, to side: PairHarness.Side, drained: Bool? = nil) throws -> Bool {
        guard links[index].pair.deliver(to: side, drained: drained) else { return false }
        try spreadNews()
        return true
    }

    func advance(by duration: Duration) throws {
        now = now + duration
        for link in links { link.pair.advance(to: now) }
        try spreadNews()
    }

    /// Delivers messages until none is under way; says whether there were any.
    @discardableResult
    func deliverAll() throws -> Bool {
        var isMoving = false
        for index in links.indices {
            for side in PairHarness.Side.allCases {
                while try deliver(index, to: side) { isMoving = true }
            }
        }
        if isMoving { try deliverAll() }
        return isMoving
    }

    /// Goes on until nothing is left to happen.
    func settle() throws {
        while true {
            try deliverAll()
            guard let deadline = links.compactMap(\.pair.nextDeadline).min() else { return }
            now = max(now, deadline)
            try advance(by: .zero)
        }
    }

    /// Puts a replica back to an earlier state, under a fresh writer.
    ///
    /// Its connections are lost.
    func restore(_ place: Int, to backup: ModelReplica, as writer: WriterID) {
        for index in links.indices.reversed() where links[index].places.contains(place) {
            cut(index)
        }
        replicas[place] = backup.copy(as: writer)
        seen[place] = replicas[place].vectors
    }

    // MARK: Checks

    /// Sessions of a replica that heard something learn that it has changed; all are checked.
    private func spreadNews() throws {
        for link in links {
            link.pair.noticeChanges(relayed: true)
            for end in link.pair.ends {
                switch end.closeReason {
                case nil, .timedOut: break
                case let reason?: throw UnexpectedEnd(reason: reason)
                }
            }
        }
        links.removeAll { $0.pair.ends.contains { $0.closeReason != nil } }
        try checkChanged()
    }

    private func checkChanged() throws {
        for (place, replica) in replicas.enumerated() where replica.vectors != seen[place] {
            seen[place] = replica.vectors
            try history.check(replica)
        }
    }
}
