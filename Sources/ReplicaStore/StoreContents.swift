package import CausalTime
internal import GRDB
package import ReplicaModel

/// Everything that could be read of a replica file, for the inspector.
package struct StoreContents: Sendable {
    /// The version of the file's schema.
    package let schemaVersion: Int
    /// The fleet; nothing if the file does not say.
    package let fleet: FleetID?
    /// The device; nothing if the file does not say.
    package let device: DeviceID?
    /// The writer of the last write that was made here, or nothing before the first.
    package let writer: WriterID?
    /// The clock.
    package let clock: HybridTimestamp
    /// What has been seen.
    package let vectors: LaneVectors
    /// What every member is known to have seen.
    package let frontier: LaneVectors
    /// The cells, ascending by key.
    package let cells: [Cell]
    /// The lost values, the newest first.
    package let lost: [LostValue]
    /// What does not hold of the file, though it has to; see ``StoreSnapshot/violations()``.
    package let violations: [String]

    init(db: Database, path: String, schemaVersion: Int) {
        let salvage = Salvage(db: db, path: path)
        self.schemaVersion = schemaVersion
        fleet = salvage.isIdentified ? salvage.state.fleet : nil
        device = salvage.isIdentified ? salvage.state.device : nil
        writer = salvage.state.writer
        clock = salvage.state.clock.latest
        vectors = salvage.state.vectors
        frontier = salvage.state.frontier
        cells = salvage.cells
        lost = salvage.lost
        violations = salvage.violations
    }
}

/// Reads on where something is damaged, and notes what.
private struct Salvage {
    private let db: Database
    private let path: String
    private(set) var isIdentified = true
    private(set) var state: StoreState
    private(set) var cells: [Cell] = []
    private(set) var lost: [LostValue] = []
    private(set) var violations: [String] = []

    init(db: Database, path: String) {
        self.db = db
        self.path = path
        let nobody = StoreState(
            fleet: FleetID(high: 0, low: 0), device: DeviceID(high: 0, low: 0), nonce: nil,
            written: 0, clock: HybridClock())
        state = nobody
        let tables = StateTables(db: db, path: path)
        if let replica = attempt("identity", { try tables.loadReplica() }) {
            state = replica
        } else {
            isIdentified = false
        }
        var loaded = state
        attempt("writers") { try tables.loadWriters(into: &loaded) }
        attempt("writers") { try tables.inventWriters(into: &loaded) }
        attempt("vectors") { try tables.loadVectors(into: &loaded) }
        attempt("frontier") { try tables.loadFrontier(into: &loaded) }
        attempt("digests") { try tables.loadDigests(into: &loaded) }
        attempt("latest writes") { try tables.loadCarried(into: &loaded) }
        state = loaded
        let snapshot = StoreSnapshot(db: db, path: path, state: state)
        lost = attempt("lost values") { try snapshot.lostValues() } ?? []
        cells = snapshot.readableCells().cells
        violations += attempt("checks") { try snapshot.violations() } ?? []
    }

    @discardableResult
    private mutating func attempt<Result>(_ what: String, _ body: () throws -> Result) -> Result? {
        do {
            return try body()
        } catch {
            violations.append("\(what): \(StoreError.reason(for: error, at: path))")
            return nil
        }
    }
}
