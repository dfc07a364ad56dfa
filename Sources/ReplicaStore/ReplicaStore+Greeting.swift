public import CausalTime
internal import GRDB
public import ReplicaModel
public import SyncEngine
import Synchronization

extension ReplicaStore {
    /// What a greeting to a peer can be made of.
    public func greetingFacts(for peer: DeviceID?) throws -> GreetingFacts {
        try read { snapshot in
            GreetingFacts(
                summary: snapshot.state.summary,
                common: try peer.map { try memory.states(with: $0, in: snapshot) } ?? [],
                staged: try memory.holdsStaged(in: snapshot)
                    ? StagedCells(db: snapshot.db).dots() : [:],
                writer: snapshot.state.writer)
        }
    }

    /// Keeps a part of a segment, durably, until the rest of it is there.
    ///
    /// - Throws: What the database reports.
    public func stage(_ cells: [Cell], of lane: Lane, claim: VersionVector) throws {
        try transact(at: durableState.clock.latest.wallTime) { transaction in
            try StagedCells(db: transaction.db).add(cells, of: lane, claim: claim)
        }
        memory.noteStaged()
    }

    /// Takes note that a peer is known to have seen just what this replica has, if that is
    /// `vectors`.
    public func remember(
        _ vectors: LaneVectors, sharedWith peer: DeviceID, observing clock: HybridTimestamp
    ) throws {
        observe(clock)
        let summary = durableSummary
        guard summary.vectors == vectors else { return }
        try read { snapshot in try memory.add(summary, with: peer, in: snapshot) }
    }
}

/// What a store remembers of exchanges.
final class ExchangeMemory: Sendable {
    private struct Content {
        /// Nothing before it has been loaded.
        var common: CommonStates?
        /// Whether the table of staged chunks may hold something; nothing before anybody has
        /// looked.
        var holdsStaged: Bool?
    }

    private let content = Mutex(Content())

    /// How long states that were reached may be unwritten while transactions go by.
    private static let saveInterval: Int64 = 10_000

    func states(with peer: DeviceID, in snapshot: StoreSnapshot) throws -> [ReplicaSummary] {
        try loaded(snapshot.db, snapshot.state.writers).states(with: peer)
    }

    func add(_ summary: ReplicaSummary, with peer: DeviceID, in snapshot: StoreSnapshot) throws {
        _ = try loaded(snapshot.db, snapshot.state.writers)
        content.withLock { $0.common?.add(summary, with: peer) }
    }

    /// Writes the states along with a transaction, if they have been waiting for long.
    func saveIfDue(in transaction: StoreTransaction) throws {
        let now = transaction.now
        let common = content.withLock { content -> CommonStates? in
            guard let common = content.common, !common.unsaved.isEmpty,
                now.milliseconds - Self.saveInterval >= common.savedAt.milliseconds
            else { return nil }
            content.common?.didSave(at: now)
            return common
        }
        guard let common else { return }
        try CommonTable(db: transaction.db).save(common, writers: transaction.state.writers)
    }

    /// Writes the states that are not written yet.
    func save(in db: Database, writers: WriterNames) throws {
        guard let common = content.withLock({ $0.common }), !common.unsaved.isEmpty else { return }
        try db.inTransaction {
            try CommonTable(db: db).save(common, writers: writers)
            return .commit
        }
        content.withLock { $0.common?.didSave(at: WallTime(milliseconds: .min)) }
    }

    private func loaded(_ db: Database, _ writers: WriterNames) throws -> CommonStates {
        if let common = content.withLock({ $0.common }) { return common }
        let common = try CommonTable(db: db).load(writers: writers)
        return content.withLock { content in
            let kept = content.common ?? common
            content.common = kept
            return kept
        }
    }

    // MARK: Staged

    func noteStaged() { content.withLock { $0.holdsStaged = true } }

    func holdsStaged(in snapshot: StoreSnapshot) throws -> Bool { try holdsStaged(snapshot.db) }

    func holdsStaged(in transaction: StoreTransaction) throws -> Bool {
        try holdsStaged(transaction.db)
    }

    private func holdsStaged(_ db: Database) throws -> Bool {
        if let known = content.withLock({ $0.holdsStaged }), !known { return false }
        let holds = try StagedCells(db: db).isHoldingAny()
        content.withLock { $0.holdsStaged = holds }
        return holds
    }
}

extension StoreTransaction {
    /// A segment with the cells that had been staged of it.
    func completed(_ segment: Segment, with staged: DotSet) throws -> Segment {
        var found: [Dot: Cell] = [:]
        for chunk in try StagedCells(db: db).chunks(of: segment.lane) {
            for cell in chunk.cells where staged.contains(cell.dot) { found[cell.dot] = cell }
        }
        let missing = staged.dots.filter { found[$0] == nil }
        let seen = state.vectors[segment.lane]
        // Another session may have brought what was staged to an end. Of a snapshot each cell
        // counts, also one that is held.
        guard missing.allSatisfy(seen.contains), missing.isEmpty || !segment.isSnapshot else {
            throw StoreError(
                .baseNotSeen, "a part of a segment that was kept here is gone; it is sent again")
        }
        return Segment(
            lane: segment.lane, base: segment.base, claim: segment.claim, clock: segment.clock,
            frontier: segment.frontier,
            cells: (segment.cells + found.values).sorted { $0.key < $1.key })
    }

    /// Drops what was staged of a lane and is of no use any more.
    func tidyStaged(_ lane: Lane) throws {
        try StagedCells(db: db).tidy(
            lane, seen: state.vectors[lane], frontier: state.frontier[lane])
    }
}
