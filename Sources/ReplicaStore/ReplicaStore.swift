public import CausalTime
import Foundation
internal import GRDB
internal import GRDBSQLite
import PlantedBugs
public import ReplicaModel
import Synchronization

/// A replica in a SQLite database: its cells, what it has seen, and its clock.
///
/// One connection reads and writes, one transaction at a time. A transaction is on disk
/// (`synchronous=FULL`) before the call that made it returns, and nothing leaves the replica that
/// is not on disk. Calls block; they may come from any thread.
public final class ReplicaStore: Sendable {
    /// How a store is opened.
    public struct Options: Sendable {
        /// Proves continuity between openings.
        package var mark: any ContinuityMark = NoMark()
        /// Makes the proof that the replica knows all that its device has spent; without one it is
        /// taken for granted.
        package var makeDeviceMark: (@Sendable (DeviceID) throws -> any DeviceMark)?
        /// Draws the nonce of a new writer.
        package var drawNonce: @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
        /// The views that other tools find; nothing leaves those that are there.
        package var views: [StoreView]?
        /// When SQLite is made ready for very many cells.
        package var bulkWrites = BulkWrite.Threshold()
        /// How many of the newest lost values are kept, 0 or more; 256 by default.
        public var lostValuesMax = LostValues.countMax
        /// What the replica does by itself so that its fleet can forget; nothing by default.
        public var upkeep: Upkeep?
        /// What the domain does by itself, in a transaction that changed the control lane, and
        /// about once an hour.
        package var domainUpkeep: (@Sendable (StoreTransaction) throws -> Void)?

        /// The usual options: 256 lost values, no upkeep.
        public init() {}
    }

    let queue: DatabaseQueue
    let path: String
    let options: Options
    private let rights: RightsGuard?
    /// Equal to what is durable; changed only on the queue, right after a commit.
    private let current: Mutex<StoreState>
    /// What is remembered of exchanges.
    let memory = ExchangeMemory()
    /// Cells that the last transaction knew; changed together with the state.
    private let memo = Mutex(CellMemo())
    /// The same of small collections.
    private let readings = Mutex(CollectionMemo())
    /// While it is not known whether a commit that failed was made: how many frames of the log are
    /// of others.
    ///
    /// Changed only on the queue.
    let doubt = Mutex<UInt32?>(nil)
    /// Nothing in memory.
    private let logRoom: Mutex<LogRoom>?
    /// From when on it is worth looking whether a cut is due.
    private let nextUpkeep = Mutex(WallTime(milliseconds: .min))

    init(
        queue: DatabaseQueue, path: String, options: Options, hasLog: Bool = false,
        examined: StoreState? = nil
    ) throws {
        self.queue = queue
        logRoom = hasLog ? Mutex(LogRoom()) : nil
        self.path = path
        self.options = options
        if let views = options.views {
            try Self.translated(at: path) {
                try queue.writeWithoutTransaction { try StoreView.install(views, in: $0) }
            }
        }
        var state =
            try examined
            ?? Self.translated(at: path) {
                try queue.unsafeRead { try Self.loadedState($0, at: path) }
            }
        Self.proveContinuity(of: &state, by: options.mark)
        // Where nothing has been written, nothing has been spent.
        let isContinuous = state.nonce != nil || state.vectors == LaneVectors()
        rights = try options.makeDeviceMark.map { [state] make in
            try RightsGuard(make(state.device), path: path, isContinuous: isContinuous)
        }
        current = Mutex(state)
    }

    /// What the tables say of the state.
    static func loadedState(_ db: Database, at path: String) throws -> StoreState {
        try inOneState(db) { try StateTables(db: db, path: path).load() }
    }

    /// Continuity is proven if the mark is of the same writer and the database is not behind it;
    /// otherwise what follows is by a new writer.
    private static func proveContinuity(
        of state: inout StoreState, by mark: any ContinuityMark
    ) {
        let content = mark.read()
        if content?.nonce != state.nonce || (content?.written ?? .max) > state.written,
            !PlantedBug.continuityTaken.isPlanted
        {
            state.nonce = nil
        }
    }

    /// Takes what the database says for the state, and remembers nothing else of before.
    func adopt(_ loaded: StoreState) {
        var state = loaded
        Self.proveContinuity(of: &state, by: options.mark)
        current.withLock { present in
            state.clock.observe(present.clock.latest)
            present = state
        }
        memo.withLock { $0 = CellMemo() }
        readings.withLock { $0 = CollectionMemo() }
        memory.noteStaged()
    }

    /// Notes that a peer has told all that it knows; see ``confirmRights()``.
    package func hearPeer() { rights?.hearPeer() }

    /// Declares that this replica knows all that its device has spent, on the word of whoever calls
    /// it, and so frees rights that are frozen.
    ///
    /// If the device has spent what neither this replica nor a peer knows of, it can be spent twice
    /// then.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/markNotWritable``.
    public func confirmRights() throws { try rights?.confirm() }

    /// The state as of the last durable transaction.
    var durableState: StoreState { current.withLock { $0 } }

    /// The fleet of the replica.
    public var fleet: FleetID { durableState.fleet }
    /// The device of the replica.
    public var device: DeviceID { durableState.device }

    /// The writer as of the last durable transaction; nothing before the first write, and after an
    /// opening without proof of continuity.
    package var durableWriter: WriterID? { durableState.writer }

    /// How far the replica is, as of its last durable transaction; never fails.
    public var durableSummary: ReplicaSummary { durableState.summary }

    /// Runs `body` in one transaction.
    ///
    /// On return everything it wrote is durable. If it throws, or the transaction cannot be made
    /// durable, nothing of it remains; but where the disk fails at the very end of a commit, and
    /// the power before the next one, all of it may be there afterwards. Where the disk is so full
    /// or broken that a failed commit cannot even be taken back, the error says so.
    ///
    /// - Parameters:
    ///   - now: The wall time of what is written.
    ///   - body: Reads and writes; the transaction must not leave it.
    /// - Returns: What `body` returned.
    /// - Throws: ``StoreError``, with ``StoreError/Code/inDoubt`` if what was written may be there
    ///   all the same; and whatever `body` throws.
    public func write<Result>(
        at now: WallTime, _ body: (StoreTransaction) throws -> Result
    ) throws -> Result {
        try transact(at: now) { transaction in try body(transaction) }
    }

    /// Runs `body` on one consistent state.
    ///
    /// - Throws: ``StoreError``, and whatever `body` throws.
    public func read<Result>(_ body: (StoreSnapshot) throws -> Result) throws -> Result {
        try Self.translated(at: path) {
            // One queue serves all transactions, so the state is that of the database. Preparing
            // the statements of GRDB's own transactions takes as long as reading a few rows.
            try queue.unsafeRead { db in
                try resolveDoubt(db)
                defer { giveBackMemory(db) }
                return try Self.inOneState(db) {
                    try body(
                        StoreSnapshot(db: db, path: path, state: durableState, rights: rights))
                }
            }
        }
    }

    /// How large the database is, in bytes, free pages included; the log is not.
    package func databaseBytes() throws -> Int {
        try Self.translated(at: path) {
            try queue.read { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                return pages * (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
            }
        }
    }

    /// Closes the database.
    ///
    /// Whoever still uses the store gets an error.
    public func close() throws {
        try Self.translated(at: path) {
            try queue.writeWithoutTransaction { db in
                guard !isInDoubt else { return }
                try memory.save(in: db, writers: durableState.writers)
            }
            try queue.close()
        }
    }

    /// Takes note of a clock: what is written next is later.
    ///
    /// It becomes durable with that; until then nothing depends on it.
    func observe(_ clock: HybridTimestamp) { current.withLock { $0.clock.observe(clock) } }

    func transact<Result>(
        at now: WallTime, _ body: (StoreTransaction) throws -> Result
    ) throws -> Result {
        try Self.translated(at: path) { try commit(at: now, body) }
    }

    private func commit<Result>(
        at now: WallTime, _ body: (StoreTransaction) throws -> Result
    ) throws -> Result {
        try queue.writeWithoutTransaction { db in
            try resolveDoubt(db)
            let before = durableState
            let transaction = StoreTransaction(
                db: db, path: path, state: before, memo: memo.withLock { $0 },
                readings: readings.withLock { $0 }, now: now, options: options, rights: rights)
            var result: Result?
            var spending: Spending?
            try inTransaction(db) {
                result = try body(transaction)
                try keepUp(transaction, since: before)
                try transaction.settle()
                if !transaction.isStateCarried(since: before) {
                    try StateTables(db: db, path: path)
                        .save(&transaction.state, replacing: before)
                }
                let after = transaction.state
                if let nonce = after.nonce, after.written != before.written {
                    let written = PlantedBug.writesNotCounted.isPlanted ? 0 : after.written
                    try options.mark.write(MarkContent(nonce: nonce, written: written))
                }
                spending = try transaction.beginSpending()
                logRoom?.withLock { $0.provide(on: db) }
                if PlantedBug.memoryAheadOfDisk.isPlanted { current.withLock { $0 = after } }
            }
            current.withLock { $0 = transaction.state }
            memo.withLock { $0 = transaction.memo.kept }
            readings.withLock { $0 = transaction.table.readings.kept }
            // Should this fail, the caller hears of it, and the write counts as one that may have
            // been made.
            try spending?.finish()
            if transaction.state.frontier != before.frontier { giveBackPages(db) }
            giveBackMemory(db)
            guard let result else { throw StoreError(.sqlite, "\(path): no transaction") }
            return result
        }
    }

    /// Runs `body`, which only reads, between a beginning and an end that are kept prepared.
    private static func inOneState<Result>(
        _ db: Database, _ body: () throws -> Result
    ) throws -> Result {
        try PreparedStatement(db, "BEGIN DEFERRED").run()
        do {
            let result = try body()
            try PreparedStatement(db, "COMMIT").run()
            return result
        } catch {
            if db.isInsideTransaction { try db.rollback() }
            throw error
        }
    }

    /// Runs `body` between a beginning and a commit, for which statements are kept prepared.
    private func inTransaction(_ db: Database, _ body: () throws -> Void) throws {
        try PreparedStatement(db, "BEGIN IMMEDIATE").run()
        var isCommitting = false
        do {
            try body()
            isCommitting = true
            try PreparedStatement(db, "COMMIT").run()
        } catch {
            // Some errors have undone it already.
            if db.isInsideTransaction { try db.rollback() }
            throw isCommitting ? takingBack(db, error) : makingRoom(db, error)
        }
    }

    /// Does what is due, when something has changed that it depends on, and once an hour.
    private func keepUp(_ transaction: StoreTransaction, since before: StoreState) throws {
        let now = transaction.now
        let isDue = nextUpkeep.withLock { next in
            guard transaction.concernsForgetting || now >= next else { return false }
            next = WallTime(milliseconds: now.milliseconds + 3_600_000)
            return true
        }
        if isDue, let upkeep = options.upkeep { try transaction.keepUp(upkeep) }
        guard isDue || transaction.vectors[.control] != before.vectors[.control] else { return }
        try options.domainUpkeep?(transaction)
    }

    /// Empties the cache of pages when it is large: a process may have a thousand replicas open,
    /// and the system keeps the pages of those in use at hand.
    private func giveBackMemory(_ db: Database) {
        var (used, highest): (Int32, Int32) = (0, 0)
        let connection = db.sqliteConnection
        sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_USED, &used, &highest, 0)
        if used > Self.idleCacheBytesMax { sqlite3_db_release_memory(connection) }
    }

    /// How much of the database an idle replica keeps in memory at most.
    private static let idleCacheBytesMax = 192 << 10

    /// Shrinks the file when more than a quarter of it has become free.
    ///
    /// It follows a transaction that is durable, so it does not fail: where the disk does not let
    /// it, the file keeps its size, and the next transaction hears of the disk.
    private func giveBackPages(_ db: Database) {
        do {
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            let all = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            guard free > 16, free > all / 4 else { return }
            try db.execute(sql: "PRAGMA incremental_vacuum")
        } catch {
            return
        }
    }

    /// Runs `body` with errors of the database turned into ``StoreError``.
    static func translated<Result>(
        at path: String, _ body: () throws -> Result
    ) throws -> Result {
        do { return try body() } catch { throw StoreError.translating(error, at: path) }
    }
}
