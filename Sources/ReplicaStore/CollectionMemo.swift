import PlantedBugs
import ReplicaModel

/// What was read of small collections and of rows, and has not changed since.
///
/// Upkeep, and whoever asks for rights, reads the same few in every transaction. What a transaction
/// leaves is known to the next one, because no other connection writes.
struct CollectionMemo {
    private struct Reading {
        let lane: Lane
        let collection: CollectionID
        /// Nothing for the whole collection.
        let row: [UInt8]?
        let cells: [Cell]
    }

    private static let countMax = 16
    private static let cellsMax = 64
    /// How many cells in all are kept between transactions, at most.
    private static let keptCellsMax = 96

    /// The oldest first.
    private var readings: [Reading] = []

    /// The cells of a collection or a row, ascending by key, if they are known.
    func cells(of collection: CollectionID, in lane: Lane, row: [UInt8]?) -> [Cell]? {
        for known in readings
        where known.collection == collection && known.lane == lane && known.row == row {
            return known.cells
        }
        return nil
    }

    /// Notes what was read, unless it is much; of too many readings the oldest goes.
    mutating func note(
        _ cells: [Cell], of collection: CollectionID, in lane: Lane, row: [UInt8]?
    ) {
        guard cells.count <= Self.cellsMax else { return }
        if readings.count == Self.countMax { readings.removeFirst() }
        readings.append(Reading(lane: lane, collection: collection, row: row, cells: cells))
    }

    /// Forgets what a cell that changes belongs to.
    mutating func forget(_ key: CellKey) {
        guard !PlantedBug.readingsStay.isPlanted else { return }
        readings.removeAll { $0.collection == key.collection && $0.lane == key.lane }
    }

    /// The same for the next transaction; nothing if it is too much to keep in an idle replica.
    var kept: CollectionMemo {
        let cells = readings.reduce(0) { $0 + $1.cells.count }
        return cells <= Self.keptCellsMax ? self : CollectionMemo()
    }
}
