import CausalTime
import ReplicaModel
import SyncTestKit
import Testing

/// Every state that three devices can reach by handing a right on, losing nothing and hearing of
/// it in any order, with one of them overriding.
@Suite("An exclusive right")
struct ExclusiveTests {
    private let row = OnlyRow()

    @Test("is never active at two holders under one token, whatever happens in whatever order")
    func isExclusive() throws {
        let worlds = try ExclusiveWorlds(authorities: [0: 1])
        let count = try worlds.explore(steps: 8)
        #expect(count > 1_000, "\(count)")
    }

    @Test("stays so with two authorities that do not know of each other")
    func isExclusiveUnderTwoAuthorities() throws {
        let worlds = try ExclusiveWorlds(authorities: [0: 1, 1: 2])
        let count = try worlds.explore(steps: 5)
        #expect(count > 1_000, "\(count)")
    }

    @Test("that two authorities of one term give to different holders is nobody's until overridden")
    func contestedIsNobodys() throws {
        let replicas = try SmallWorlds<Void, Int>.start()
        try replicas[0].override(Sample.right, of: row, to: 0, term: 1)
        try replicas[1].override(Sample.right, of: row, to: 1, term: 1)
        try SmallWorlds<Void, Int>.pull(replicas[0], from: replicas[1])
        let status = try replicas[0].value(Sample.right, of: row)
        #expect(status.isContested && !status.isActive(0) && !status.isActive(1))
        #expect(throws: SchemaError.self) {
            try replicas[0].offer(Sample.right, of: row, from: 0, to: 2)
        }
        try replicas[0].override(Sample.right, of: row, to: 2, term: 1)
        #expect(try replicas[0].value(Sample.right, of: row).isActive(2))
    }

    @Test("is handed on by offer and acceptance, and comes back when declined")
    func isHandedOn() throws {
        let replica = try SmallWorlds<Void, Int>.start()[0]
        try replica.override(Sample.right, of: row, to: 1, term: 1)
        try replica.offer(Sample.right, of: row, from: 1, to: 2)
        #expect(!(try replica.value(Sample.right, of: row).isActive(1)))
        #expect(throws: SchemaError.self) {
            try replica.accept(Sample.right, of: row, as: 1)
        }
        try replica.decline(Sample.right, of: row, as: 2)
        #expect(try replica.value(Sample.right, of: row).isActive(1))
        try replica.offer(Sample.right, of: row, from: 1, to: 2)
        try replica.accept(Sample.right, of: row, as: 2)
        #expect(try replica.value(Sample.right, of: row).isActive(2))
        #expect(throws: SchemaError.self) {
            try replica.override(Sample.right, of: row, to: 1, term: 0)
        }
    }

    @Test("never has a token again, also when its row was deleted and restored")
    func tokensAreNotGivenAgain() throws {
        let replica = try SmallWorlds<Void, Int>.start()[0]
        try replica.insert("post", into: Keepers.self)
        try replica.override(Keepers.right, of: "post", to: 1, term: 7)
        let former = try replica.override(Keepers.right, of: "post", to: 1, term: 7)
        try replica.delete("post", from: Keepers.self)
        try replica.restore("post", in: Keepers.self)
        // The restored row knows nothing of its former life: a lower term and the first number.
        let token = try replica.override(Keepers.right, of: "post", to: 2, term: 1)
        #expect(former < token)
        #expect(try replica.value(Keepers.right, of: "post").token == token)
    }

    @Test("may be overridden without contact once the lease has ended on the slowest clock")
    func leaseEnds() {
        let lease = ExclusiveLease(
            from: WallTime(milliseconds: 0), until: WallTime(milliseconds: 1_000_000_000))
        let bound: Int64 = 1_000_000_000 + 1_000 * 200 + 200 + 60_000
        #expect(!lease.hasEnded(at: WallTime(milliseconds: bound)))
        #expect(lease.hasEnded(at: WallTime(milliseconds: bound + 1)))
    }
}

private enum Keepers: RowCollection {
    static let id: CollectionID = 1034
    static let name = "keepers"
    static let rows = NaturalRows<String>("key")

    static let right = Field<Keepers, Exclusive<Int>>(1, "right")
    static let fields: [any FieldOf<Keepers>] = [right]
}

/// A breadth-first search of all states.
private struct ExclusiveWorlds {
    /// Who may override, and under which term.
    let authorities: [Int: UInt64]
    private let start: [ModelReplica]
    private let row = OnlyRow()

    init(authorities: [Int: UInt64]) throws {
        self.authorities = authorities
        start = try SmallWorlds<Void, Int>.start()
        try start[0].override(Sample.right, of: row, to: 0, term: 1)
    }

    private struct State: Hashable {
        let cells: [[Cell]]
        let vectors: [VersionVector]

        init(_ replicas: [ModelReplica]) {
            cells = replicas.map { $0.sortedCells.filter { $0.key.lane == .settings } }
            vectors = replicas.map { $0.vectors[.settings] }
        }
    }

    /// - Returns: How many states there are within so many steps.
    func explore(steps: Int) throws -> Int {
        var seen: Set<State> = [State(start)]
        var frontier = [start]
        for _ in 0..<steps {
            var next: [[ModelReplica]] = []
            for replicas in frontier {
                for change in 0..<6 + 3 * 5 {
                    let copies = replicas.map { $0.copy() }
                    guard try perform(change, copies), seen.insert(State(copies)).inserted else {
                        continue
                    }
                    try check(copies)
                    next.append(copies)
                }
            }
            frontier = next
        }
        return seen.count
    }

    /// Whether the change was possible.
    private func perform(_ change: Int, _ replicas: [ModelReplica]) throws -> Bool {
        if change < 6 {
            let (to, from) = (change / 2, (change / 2 + 1 + change % 2) % 3)
            try SmallWorlds<Void, Int>.pull(replicas[to], from: replicas[from])
            return true
        }
        let (me, kind) = ((change - 6) / 5, (change - 6) % 5)
        do {
            switch kind {
            case 0, 1:
                try replicas[me].offer(
                    Sample.right, of: row, from: me, to: (me + 1 + kind) % 3)
            case 2: try replicas[me].accept(Sample.right, of: row, as: me)
            case 3: try replicas[me].decline(Sample.right, of: row, as: me)
            default:
                guard let term = authorities[me] else { return false }
                try replicas[me].override(Sample.right, of: row, to: (me + 1) % 3, term: term)
            }
        } catch is SchemaError {
            return false
        }
        return true
    }

    private func check(_ replicas: [ModelReplica]) throws {
        var active: [FencingToken: Int] = [:]
        for (me, replica) in replicas.enumerated() {
            let status = try replica.value(Sample.right, of: row)
            guard status.isActive(me), let token = status.token else { continue }
            if let other = active[token] {
                struct Fault: Error, CustomStringConvertible { let description: String }
                throw Fault(description: "\(other) and \(me) are both active under \(token)")
            }
            active[token] = me
        }
    }
}
