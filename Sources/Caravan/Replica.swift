public import CausalTime
import Dispatch
public import FleetModel
public import ReplicaModel
public import ReplicaStore
import Synchronization

/// One device's replica of its fleet: profiles, the shared pool and the usage counted so far.
///
/// A replica lives in a folder, which one process at a time may have open. Whatever a call here
/// acknowledges by returning is on disk and survives a crash or a power cut; it reaches the other
/// devices through a ``SyncService``.
///
/// ```swift
/// try await withReplica(at: "phone") { replica in
///     try await replica.write { fleet in
///         try fleet.setProfile(travel, .nickname, to: "Japan, 10 GB")
///     }
/// }
/// ```
public final class Replica: Sendable {
    let store: ReplicaStore
    /// The collections that have names here.
    public let schema: Schema
    private let lock: Mutex<StoreLock?>
    private let work = DispatchQueue(label: "caravan.replica")
    private let observers = Mutex<[Int: Observer]>([:])

    /// Is told how far the replica is now, and whether a peer's data brought it there.
    typealias Observer = @Sendable (_ summary: ReplicaSummary, _ relayed: Bool) -> Void

    /// The folder of the replica; empty for one in memory.
    public let folder: String
    /// The fleet that it belongs to.
    public var fleet: FleetID { store.fleet }
    /// The device whose replica it is.
    public var device: DeviceID { store.device }

    init(folder: String, store: ReplicaStore, schema: Schema, lock: StoreLock?) {
        self.folder = folder
        self.store = store
        self.schema = schema
        self.lock = Mutex(lock)
    }

    /// Changes the fleet's data in one transaction.
    ///
    /// When this returns, everything that `body` did is durable; if it throws, nothing of it
    /// remains. `body` runs off the main thread, one at a time; a thread of Swift's pool is busy
    /// for as long as the disk takes.
    ///
    /// - Returns: What `body` returned.
    /// - Throws: `FleetError`, `StoreError`, and whatever `body` throws.
    @discardableResult
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (FleetChanges<StoreTransaction>) throws -> Result
    ) async throws -> Result {
        try await inTurn { [store] in
            let result = try store.write(at: .now) { try body(FleetChanges($0)) }
            self.announce(try store.summary(), relayed: false)
            return result
        }
    }

    /// Reads one consistent state of the fleet's data.
    ///
    /// - Throws: `StoreError`, and whatever `body` throws.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (FleetView<StoreSnapshot>) throws -> Result
    ) async throws -> Result {
        try await inTurn { [store] in try store.read { try body(FleetView($0)) } }
    }

    /// How far the replica is.
    public func summary() async throws -> ReplicaSummary {
        try await inTurn { [store] in try store.summary() }
    }

    /// Closes the replica and lets go of its folder; further calls throw.
    ///
    /// What was acknowledged is durable without it. It folds the log into the database, so that the
    /// next opening need not look for damage. Closing twice is harmless.
    ///
    /// - Throws: `StoreError` if the database cannot be closed; the replica stays held then.
    public func close() async throws {
        try await inTurn { [store] in try store.close() }
        lock.withLock { $0 = nil }
    }

    /// Runs `body` after whatever is being run, on the thread of the task that calls: never the
    /// main thread, because asynchronous functions of no actor leave that.
    ///
    /// Handing it to a thread of the replica and back would take a third of the time of a write.
    func inTurn<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try work.sync(execute: body)
    }

    // MARK: Changes

    /// Calls `observer` after every durable change, on whichever thread made it.
    func addObserver(_ observer: @escaping Observer) -> Int {
        observers.withLock { observers in
            let key = (observers.keys.max() ?? 0) + 1
            observers[key] = observer
            return key
        }
    }

    func removeObserver(_ key: Int) {
        observers.withLock { $0[key] = nil }
    }

    func announce(_ summary: ReplicaSummary, relayed: Bool) {
        for observer in observers.withLock({ Array($0.values) }) { observer(summary, relayed) }
    }
}
