public import CausalTime
internal import GRDB
public import ReplicaModel

/// One consistent state of a replica, to be read within the closure that receives it.
public struct StoreSnapshot: CellReading {
    let db: Database
    let path: String
    let state: StoreState

    let table: CellTable

    private let rights: RightsGuard?

    init(db: Database, path: String, state: StoreState, rights: RightsGuard? = nil) {
        self.db = db
        self.path = path
        self.state = state
        self.rights = rights
        table = CellTable(db: db, path: path)
    }

    /// The fleet of the replica.
    public var fleet: FleetID { state.fleet }
    /// The device of the replica.
    public var device: DeviceID { state.device }
    /// The current writer; nothing if the next write will be by a new one.
    public var writer: WriterID? { state.writer }
    /// What has been seen.
    public var vectors: LaneVectors { state.vectors }
    /// What every member is known to have seen.
    public var frontier: LaneVectors { state.frontier }
    /// Whether the replica may lack something that its device has spent.
    public var areRightsFrozen: Bool { rights?.isFrozen(at: state.vectors) ?? false }
    /// The greatest timestamp given or seen.
    public var latestTimestamp: HybridTimestamp { state.clock.latest }
    /// How far the replica is.
    public var summary: ReplicaSummary { state.summary }

    /// The cell at `key`, if it is held.
    public func cell(at key: CellKey) throws -> Cell? {
        try table.cell(at: key, writers: state.writers)
    }

    /// All cells of a collection, ascending by key.
    public func cells(of collection: CollectionID, in lane: Lane) throws -> [Cell] {
        try table.cells(of: collection, in: lane, writers: state.writers)
    }

    /// All cells of a row, ascending by key.
    public func cells(
        ofRow row: [UInt8], of collection: CollectionID, in lane: Lane
    ) throws -> [Cell] {
        try table.cells(of: collection, in: lane, row: row, writers: state.writers)
    }

    /// All cells of the replica, ascending by key.
    ///
    /// Linear in the size of the replica.
    public func allCells() throws -> [Cell] {
        try table.allCells(writers: state.writers)
    }

    /// The cells that can be read, ascending by key, and why others cannot.
    ///
    /// A damaged page ends a scan. From the other end another scan finds what lies beyond it.
    func readableCells() -> (cells: [Cell], problems: [String]) {
        let forward = table.readableCells(descending: false, writers: state.writers)
        guard !forward.problems.isEmpty else {
            return (forward.cells.sorted { $0.key < $1.key }, [])
        }
        let backward = table.readableCells(descending: true, writers: state.writers)
        var cells: [CellKey: Cell] = [:]
        for cell in backward.cells + forward.cells { cells[cell.key] = cell }
        var problems: [String] = []
        for problem in forward.problems + backward.problems where !problems.contains(problem) {
            problems.append(problem)
        }
        return (cells.values.sorted { $0.key < $1.key }, problems)
    }

    /// Values that other writes displaced here, the newest first; at most 256 are kept.
    public func lostValues() throws -> [LostValue] {
        try LostValues(db: db, path: path).all(writers: state.writers)
    }
}
