import CausalTime
import FleetModel
import Foundation
import ReplicaModel
import ReplicaStore

/// What was read of one replica, with the names that people know.
struct ReplicaImage {
    let path: String
    let databaseBytes: UInt64
    let logBytes: UInt64
    let contents: StoreContents
    let cells: HeldCells
    /// What people call the members; also those that are gone.
    let names: [DeviceID: String]
    let devices: [WriterID: DeviceID]

    init(of store: String) throws {
        path = Inspection.databasePath(of: store)
        contents = try ReplicaStore.contents(of: path)
        cells = HeldCells(
            contents.cells, vectors: contents.vectors, frontier: contents.frontier,
            latestTimestamp: contents.clock)
        databaseBytes = Self.size(of: path)
        logBytes = Self.size(of: path + "-wal")
        devices = try cells.devicesOfWriters()
        var names: [DeviceID: String] = [:]
        for member in try FleetView(cells).members() where !member.name.isEmpty {
            names[member.device] = member.name
        }
        self.names = names
    }

    var fleet: FleetView<HeldCells> { FleetView(cells) }

    /// The device's name, or the start of its identifier.
    func name(of device: DeviceID) -> String { names[device] ?? device.abbreviated }

    /// Who wrote.
    func name(of writer: WriterID) -> String? { devices[writer].map { name(of: $0) } }

    /// The digest of a lane as its cells say it.
    func digest(of lane: Lane) -> Digest {
        var digest = Digest()
        for cell in contents.cells where cell.key.lane == lane && cells.counts(cell) {
            digest.insert(cell)
        }
        return digest
    }

    /// The digest of everything.
    var digest: Digest { Lane.all.reduce(Digest()) { $0 + digest(of: $1) } }

    private static func size(of path: String) -> UInt64 {
        var information = stat()
        return stat(path, &information) == 0 ? UInt64(clamping: information.st_size) : 0
    }
}

/// Cells in memory, to be read by the product's own views.
struct HeldCells: CellReading {
    /// Ascending by key.
    let all: [Cell]
    let vectors: LaneVectors
    let frontier: LaneVectors
    let latestTimestamp: HybridTimestamp
    private let byKey: [CellKey: Cell]

    init(
        _ cells: [Cell], vectors: LaneVectors, frontier: LaneVectors,
        latestTimestamp: HybridTimestamp
    ) {
        self.vectors = vectors
        self.frontier = frontier
        self.latestTimestamp = latestTimestamp
        all = cells.sorted { $0.key < $1.key }
        var byKey: [CellKey: Cell] = [:]
        for cell in cells { byKey[cell.key] = cell }
        self.byKey = byKey
    }

    /// Nothing is spent from here.
    var areRightsFrozen: Bool { false }

    func cell(at key: CellKey) -> Cell? { byKey[key] }

    /// Whether a cell counts for the digest.
    func counts(_ cell: Cell) -> Bool {
        guard cell.kind == .sibling else { return cell.counts(among: nil) }
        let place = cell.key.owned(by: nil)
        let row = cells(ofRow: cell.key.row, of: cell.key.collection, in: cell.key.lane)
        return cell.counts(among: Siblings(row.filter { $0.key.owned(by: nil) == place }))
    }

    func cells(of collection: CollectionID, in lane: Lane) -> [Cell] {
        all.filter { $0.key.lane == lane && $0.key.collection == collection }
    }

    func cells(ofRow row: [UInt8], of collection: CollectionID, in lane: Lane) -> [Cell] {
        cells(of: collection, in: lane).filter { $0.key.row == row }
    }
}
