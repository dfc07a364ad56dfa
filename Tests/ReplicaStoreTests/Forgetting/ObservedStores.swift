import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit

/// Stores of one fleet whose every write an oracle is told of, and that it looks at after every
/// change.
struct ObservedStores {
    private(set) var all: [ReplicaStore] = []
    private(set) var oracle = CausalOracle()
    /// Writes that nobody holds any more, because the only store that did was restored.
    private(set) var lost: [Lane: Set<Dot>] = [:]
    /// How often a frontier has moved.
    private(set) var frontierMoves = 0
    private var noted: [Int: ReplicaSummary] = [:]
    private let nonces = Nonces()

    /// Makes stores whose devices are members and know each other.
    init(_ count: Int) throws {
        for number in 1...count {
            all.append(
                try .inMemory(
                    fleet: testFleet, device: .numbered(UInt32(number)),
                    options: options(of: number - 1)))
        }
        for index in all.indices { try house(index) { try $0.admit($0.device) } }
        for index in all.indices {
            for other in all.indices where other != index {
                for segment in try news(for: index, from: other) { try apply(segment, to: index) }
            }
        }
    }

    subscript(index: Int) -> ReplicaStore { all[index] }
    var indices: Range<Int> { all.indices }

    private func options(of index: Int) -> ReplicaStore.Options {
        var options = ReplicaStore.Options()
        if index == 1 { options.bulkWrites = .always }
        options.drawNonce = { [nonces] in nonces.draw() }
        options.mark = MemoryMark()
        return options
    }

    // MARK: Writing

    /// Writes as a user; `added` is by how much a counter is raised.
    mutating func write(
        _ index: Int, at now: Int64 = 0, added: UInt64 = 0,
        _ body: (StoreTransaction) throws -> Void
    ) throws {
        try all[index].write(at: WallTime(milliseconds: now)) { try body($0) }
        try note(index, added: added, isUsers: true)
    }

    /// Writes what a replica writes by itself.
    mutating func house(
        _ index: Int, at now: Int64 = 0, _ body: (StoreTransaction) throws -> Void
    ) throws {
        try all[index].write(at: WallTime(milliseconds: now)) { try body($0) }
        try note(index, isUsers: false)
    }

    /// Tells the oracle what a store has written since the last time, and lets it look at the
    /// store if anything has changed.
    private mutating func note(_ index: Int, added: UInt64 = 0, isUsers: Bool) throws {
        let summary = try all[index].summary()
        if let before = noted[index] {
            guard summary != before else { return }
            guard summary.frontier.dominates(before.frontier) else {
                throw CausalOracle.Fault(description: "I8: the frontier of \(index) went back")
            }
            if summary.frontier != before.frontier { frontierMoves += 1 }
        }
        noted[index] = summary
        let (cells, writer) = try all[index].read { (try $0.allCells(), $0.writer) }
        let own = cells.filter { cell in
            cell.dot.writer == writer && oracle.writes[cell.key.lane]?[cell.dot] == nil
        }
        // Before each write of a transaction its author had seen what it took in with it, and the
        // earlier writes.
        for cell in own.sorted(by: { $0.dot < $1.dot }) {
            let isContent = isUsers && cell.key.collection != .writers
            try oracle.note(
                cell, seen: summary.vectors.before(cell.dot, in: cell.key.lane),
                added: cell.kind == .counter ? added : 0, isUsers: isContent)
        }
        try oracle.check(all[index], named: index)
    }

    // MARK: Exchange

    /// The segments that would go from one store to another now.
    func segments(from: Int, to: Int) throws -> [Segment] {
        let (mine, theirs) = (try all[from].summary(), try all[to].summary())
        return try Lane.all.compactMap { lane in
            // Who has not seen the other's frontier sends nothing before it has taken a snapshot,
            // unless the other one has to wait for the same.
            guard
                mine.vectors[lane].dominates(theirs.frontier[lane])
                    || !theirs.vectors[lane].dominates(mine.frontier[lane])
            else { return nil }
            return try all[from].segment(of: lane, since: theirs.vectors[lane])
        }
    }

    /// Those of them that bring something.
    func news(for index: Int, from other: Int) throws -> [Segment] {
        try segments(from: other, to: index).filter {
            $0.isSnapshot || !$0.base.dominates($0.claim)
        }
    }

    /// Lets a segment arrive.
    ///
    /// - Throws: ``StoreError`` if the store refuses it, a fault if the store is then wrong.
    @discardableResult
    mutating func apply(_ segment: Segment, to index: Int) throws -> ReplicaSummary {
        let summary = try all[index].apply(segment)
        try note(index, isUsers: false)
        return summary
    }

    /// Checks that stores that have seen the same are the same.
    func checkLevel() throws { try oracle.checkLevel(all) }

    // MARK: Identity

    /// A copy of a store, to be restored one day.
    func backup(of index: Int) throws -> ReplicaStore {
        try all[index].copied(options: options(of: index))
    }

    /// Opens a store again without proof that nothing has happened in between.
    mutating func reopen(_ index: Int) throws { all[index] = try backup(of: index) }

    /// Puts a backup in the place of a store.
    mutating func restore(_ index: Int, to backup: ReplicaStore) throws {
        let (before, after) = (try all[index].summary(), try backup.summary())
        for (lane, writes) in oracle.writes {
            for dot in writes.keys
            where before.vectors[lane].contains(dot) && !after.vectors[lane].contains(dot) {
                let isElsewhere = try all.indices.contains {
                    try $0 != index && all[$0].summary().vectors[lane].contains(dot)
                }
                if !isElsewhere { lost[lane, default: []].insert(dot) }
            }
        }
        all[index] = try backup.copied(options: options(of: index))
        noted[index] = nil
    }
}

extension LaneVectors {
    /// What had been seen before the write of a name.
    fileprivate func before(_ dot: Dot, in lane: Lane) -> LaneVectors {
        var vectors = self
        vectors[lane] = VersionVector(
            self[lane].entries.map {
                ($0.writer, $0.writer == dot.writer ? dot.sequence - 1 : $0.sequence)
            })
        return vectors
    }
}
