import CausalTime
import Foundation
internal import GRDB
import ReplicaModel

extension Migrations {
    /// Brings the cells of schema 1 over to schema 2, and sums their digests anew.
    static func bringOverCells(on db: Database, at path: String) throws {
        var state = StoreState(
            fleet: FleetID(high: 0, low: 0), device: DeviceID(high: 0, low: 0), nonce: nil,
            written: 0, clock: HybridClock())
        try StateTables(db: db, path: path).loadWriters(into: &state)
        let table = CellTable(db: db, path: path)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT lane, collection, row, field, owner, kind, writer, sequence, epoch, ticks,
                  causal_length, value FROM cell_001
                """)
        while let row = try rows.next() {
            let cell = try cell(row, state.writers, path)
            let counts = cell.counts(among: nil)
            try table.upsert(
                cell, isLive: counts, writer: try row.decode(Int64.self, atIndex: 6),
                context: [])
            if counts { state.digests[cell.key.lane].insert(cell) }
        }
        for lane in Lane.all {
            try db.execute(
                sql: "UPDATE replica SET digest_\(lane.rawValue) = ?",
                arguments: [Int64(bitPattern: state.digests[lane].value)])
        }
        try db.execute(sql: "DROP TABLE cell_001")
    }

    private static func cell(_ row: Row, _ writers: WriterNames, _ path: String) throws -> Cell {
        let owner = try row.decode(Int64.self, atIndex: 4)
        guard let lane = UInt8(exactly: try row.decode(Int64.self, atIndex: 0)),
            let collection = UInt32(exactly: try row.decode(Int64.self, atIndex: 1)),
            let field = UInt32(exactly: try row.decode(Int64.self, atIndex: 3)),
            let epoch = UInt32(exactly: try row.decode(Int64.self, atIndex: 8)),
            let kind = UInt8(exactly: try row.decode(Int64.self, atIndex: 5))
                .flatMap(MergeKind.init(rawValue:)),
            let writer = writers[try row.decode(Int64.self, atIndex: 6)],
            owner == 0 || writers[owner] != nil
        else {
            throw StoreError(
                .damaged, "\(path): a cell is not one that schema 1 has; left as it is")
        }
        return Cell(
            key: CellKey(
                lane: Lane(rawValue: lane), collection: CollectionID(rawValue: collection),
                row: Array(try row.decode(Data.self, atIndex: 2)), field: FieldID(rawValue: field),
                owner: writers[owner]),
            kind: kind,
            dot: Dot(
                writer: writer,
                sequence: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 7))),
            timestamp: HybridTimestamp(
                epoch: epoch, ticks: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 9))),
            causalLength: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 10)),
            value: Array(try row.decode(Data.self, atIndex: 11)))
    }
}
