import CausalTime
import Foundation
internal import GRDB
import ReplicaModel

/// The `cell` table: rows in, cells out.
struct CellTable {
    let db: Database
    let path: String

    private static let columns =
        "lane, collection, row, field, owner, kind, writer, sequence, epoch, ticks, "
        + "causal_length, value"

    func cell(at key: CellKey, writers: WriterNames) throws -> Cell? {
        var owner: Int64 = 0
        if let writer = key.owner {
            guard let number = writers.numbers[writer] else { return nil }
            owner = number
        }
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.columns) FROM cell
                WHERE lane = ? AND collection = ? AND row = ? AND field = ? AND owner = ?
                """)
        return try cells(
            statement,
            [
                Int64(key.lane.rawValue), Int64(key.collection.rawValue), Data(key.row),
                Int64(key.field.rawValue), owner,
            ], writers
        ).first
    }

    func cells(
        of collection: CollectionID, in lane: Lane, row: [UInt8]? = nil, writers: WriterNames
    ) throws -> [Cell] {
        let statement = try db.cachedStatement(
            sql: "SELECT \(Self.columns) FROM cell WHERE lane = ? AND collection = ?"
                + (row == nil ? "" : " AND row = ?"))
        var arguments: [(any DatabaseValueConvertible)?] = [
            Int64(lane.rawValue), Int64(collection.rawValue),
        ]
        if let row { arguments.append(Data(row)) }
        // The table orders owners by their local numbers; what goes out is ordered for everyone.
        return try cells(statement, StatementArguments(arguments), writers).sorted {
            $0.key < $1.key
        }
    }

    /// The cells that `writer` brought to their state after `sequence`.
    func cells(
        in lane: Lane, by writer: Int64, after sequence: UInt64, writers: WriterNames
    ) throws -> [Cell] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.columns) FROM cell
                WHERE lane = ? AND writer = ? AND sequence > ? ORDER BY sequence
                """)
        return try cells(
            statement, [Int64(lane.rawValue), writer, Int64(bitPattern: sequence)], writers)
    }

    func allCells(writers: WriterNames) throws -> [Cell] {
        try cells(
            db.cachedStatement(sql: "SELECT \(Self.columns) FROM cell"), StatementArguments(),
            writers)
    }

    /// The cells that can be read, ascending by the keys of the table or descending, and what
    /// stopped or disturbed the reading.
    func readableCells(
        descending: Bool, writers: WriterNames
    ) -> (cells: [Cell], problems: [String]) {
        var cells: [Cell] = []
        var problems: [String] = []
        do {
            let order = ["lane", "collection", "row", "field", "owner"]
                .map { $0 + (descending ? " DESC" : "") }.joined(separator: ", ")
            let rows = try Row.fetchCursor(
                db, sql: "SELECT \(Self.columns) FROM cell ORDER BY \(order)")
            while let row = try rows.next() {
                do {
                    cells.append(try cell(row, writers))
                } catch {
                    problems.append("cells: \(StoreError.reason(for: error, at: path))")
                }
            }
        } catch {
            problems.append("cells: \(StoreError.reason(for: error, at: path))")
        }
        return (cells, problems)
    }

    func upsert(_ cell: Cell, writer: Int64) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO cell (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (lane, collection, row, field, owner) DO UPDATE SET
                  kind = excluded.kind, writer = excluded.writer, sequence = excluded.sequence,
                  epoch = excluded.epoch, ticks = excluded.ticks,
                  causal_length = excluded.causal_length, value = excluded.value
                """)
        let key = cell.key
        try statement.execute(arguments: [
            Int64(key.lane.rawValue), Int64(key.collection.rawValue), Data(key.row),
            Int64(key.field.rawValue), key.owner == nil ? 0 : writer, Int64(cell.kind.rawValue),
            writer, Int64(bitPattern: cell.dot.sequence), Int64(cell.timestamp.epoch),
            Int64(bitPattern: cell.timestamp.ticks), Int64(bitPattern: cell.causalLength),
            Data(cell.value),
        ])
    }

    /// Removes a register, which has no owner.
    func remove(_ cell: Cell) throws {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM cell
                WHERE lane = ? AND collection = ? AND row = ? AND field = ? AND owner = 0
                """)
        try statement.execute(arguments: [
            Int64(cell.key.lane.rawValue), Int64(cell.key.collection.rawValue), Data(cell.key.row),
            Int64(cell.key.field.rawValue),
        ])
    }

    private func cells(
        _ statement: Statement, _ arguments: StatementArguments, _ writers: WriterNames
    ) throws -> [Cell] {
        var cells: [Cell] = []
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try rows.next() { cells.append(try cell(row, writers)) }
        return cells
    }

    private func cell(_ row: Row, _ writers: WriterNames) throws -> Cell {
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
                .damaged, "\(path): a cell is not one that any version writes; left as it is")
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
