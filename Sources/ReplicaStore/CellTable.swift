import CausalTime
import Foundation
internal import GRDB
import ReplicaModel

/// The `cell` table: rows in, cells out.
struct CellTable {
    let db: Database
    let path: String

    private static let columns =
        "lane, collection, row, field, item, owner, kind, writer, sequence, epoch, ticks, "
        + "causal_length, context, type, value"

    private static let place = "lane = ? AND collection = ? AND row = ? AND field = ? AND item = ?"

    // MARK: Reading

    func cell(at key: CellKey, writers: WriterNames) throws -> Cell? {
        guard let owner = writers.owner(of: key) else { return nil }
        let statement = try db.cachedStatement(
            sql: "SELECT \(Self.columns) FROM cell WHERE \(Self.place) AND owner = ?")
        return try cells(statement, Self.arguments(of: key) + [owner], writers).first
    }

    /// All writers' cells at the place of `key`, ascending by key.
    func cells(atPlaceOf key: CellKey, writers: WriterNames) throws -> [Cell] {
        let statement = try db.cachedStatement(
            sql: "SELECT \(Self.columns) FROM cell WHERE \(Self.place)")
        return try cells(statement, Self.arguments(of: key), writers).sorted { $0.key < $1.key }
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

    /// The cells that `writer` brought to their state after `sequence`, up to `last`.
    func cells(
        in lane: Lane, by writer: Int64, after sequence: UInt64, through last: UInt64,
        writers: WriterNames
    ) throws -> [Cell] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Self.columns) FROM cell
                WHERE lane = ? AND writer = ? AND sequence > ? AND sequence <= ? ORDER BY sequence
                """)
        return try cells(
            statement,
            [
                Int64(lane.rawValue), writer, Int64(clamping: sequence), Int64(clamping: last),
            ], writers)
    }

    func allCells(in lane: Lane? = nil, writers: WriterNames) throws -> [Cell] {
        let statement = try db.cachedStatement(
            sql: "SELECT \(Self.columns) FROM cell" + (lane == nil ? "" : " WHERE lane = ?"))
        let arguments: StatementArguments = lane.map { [Int64($0.rawValue)] } ?? []
        return try cells(statement, arguments, writers).sorted { $0.key < $1.key }
    }

    /// The cells that can be read, ascending by the keys of the table or descending, and what
    /// stopped or disturbed the reading.
    func readableCells(
        descending: Bool, writers: WriterNames
    ) -> (cells: [Cell], problems: [String]) {
        var cells: [Cell] = []
        var problems: [String] = []
        do {
            let order = ["lane", "collection", "row", "field", "item", "owner"]
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

    // MARK: Writing

    /// Writes a cell; `writer` and `context` are its writer and context in local numbers.
    func upsert(_ cell: Cell, isLive: Bool, writer: Int64, context: [UInt8]) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO cell (\(Self.columns), live)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (lane, collection, row, field, item, owner) DO UPDATE SET
                  kind = excluded.kind, writer = excluded.writer, sequence = excluded.sequence,
                  epoch = excluded.epoch, ticks = excluded.ticks,
                  causal_length = excluded.causal_length, context = excluded.context,
                  type = excluded.type, value = excluded.value, live = excluded.live
                """)
        let stored = StoredValue(cell)
        try statement.execute(
            arguments: Self.arguments(of: cell.key) + [
                cell.key.owner == nil ? 0 : writer, Int64(cell.kind.rawValue), writer,
                Int64(bitPattern: cell.dot.sequence), Int64(cell.timestamp.epoch),
                Int64(bitPattern: cell.timestamp.ticks), Int64(bitPattern: cell.causalLength),
                Data(context), stored.form.rawValue, stored.value, isLive,
            ])
    }

    /// Notes whether a cell counts.
    func setLive(_ isLive: Bool, at key: CellKey, writers: WriterNames) throws {
        guard let owner = writers.owner(of: key) else { return }
        try db.cachedStatement(
            sql: "UPDATE cell SET live = ? WHERE \(Self.place) AND owner = ?"
        ).execute(arguments: [isLive] + Self.arguments(of: key) + [owner])
    }

    func remove(_ key: CellKey, writers: WriterNames) throws {
        guard let owner = writers.owner(of: key) else { return }
        try db.cachedStatement(sql: "DELETE FROM cell WHERE \(Self.place) AND owner = ?")
            .execute(arguments: Self.arguments(of: key) + [owner])
    }

    // MARK: Columns

    private static func arguments(of key: CellKey) -> StatementArguments {
        [
            Int64(key.lane.rawValue), Int64(key.collection.rawValue), Data(key.row),
            Int64(key.field.rawValue), Data(key.item),
        ]
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
        let owner = try row.decode(Int64.self, atIndex: 5)
        guard let lane = UInt8(exactly: try row.decode(Int64.self, atIndex: 0)),
            let collection = UInt32(exactly: try row.decode(Int64.self, atIndex: 1)),
            let field = UInt32(exactly: try row.decode(Int64.self, atIndex: 3)),
            let epoch = UInt32(exactly: try row.decode(Int64.self, atIndex: 9)),
            let kind = UInt8(exactly: try row.decode(Int64.self, atIndex: 6))
                .flatMap(MergeKind.init(rawValue:)),
            let writer = writers[try row.decode(Int64.self, atIndex: 7)],
            owner == 0 || writers[owner] != nil,
            let context = writers.context(Array(try row.decode(Data.self, atIndex: 12))),
            let value = try StoredValue.bytes(of: row, form: 13, value: 14)
        else {
            throw StoreError(
                .damaged, "\(path): a cell is not one that any version writes; left as it is")
        }
        return Cell(
            key: CellKey(
                lane: Lane(rawValue: lane), collection: CollectionID(rawValue: collection),
                row: Array(try row.decode(Data.self, atIndex: 2)), field: FieldID(rawValue: field),
                item: Array(try row.decode(Data.self, atIndex: 4)), owner: writers[owner]),
            kind: kind,
            dot: Dot(
                writer: writer,
                sequence: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 8))),
            timestamp: HybridTimestamp(
                epoch: epoch, ticks: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 10))),
            causalLength: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 11)),
            context: context, value: value)
    }
}
