internal import GRDB
package import ReplicaModel

/// A view with plain column names, so that any SQLite tool can read a replica.
package struct StoreView: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// The statement after `AS`.
    package let select: String

    /// Makes a view of a statement.
    package init(_ name: String, as select: String) {
        self.name = name
        self.select = select
    }

    var statement: String { "CREATE VIEW \"\(name)\" AS \(select)" }
}

extension StoreView {
    /// The view of a declared collection: a row for each row that exists, a column for each part of
    /// the key and each field.
    package init(of collection: CollectionDescription) {
        let place = "lane = \(collection.lane.rawValue) AND collection = \(collection.id.rawValue)"
        let keys = KeyExpressions(collection.rows.key).columns
        let fields = collection.fields.map { field in
            "(\(Self.select(field, place))) AS \"\(field.name)\""
        }
        let rows =
            collection.rows.existence == .standing
            ? "(SELECT DISTINCT row FROM cell WHERE \(place)) AS r"
            : "(SELECT row FROM cell WHERE \(place) AND field = 0 AND live) AS r"
        self.init(
            collection.name, as: "SELECT \((keys + fields).joined(separator: ", ")) FROM \(rows)")
    }

    /// What a field of row `r` says, as a statement of one value.
    private static func select(_ field: FieldDescription, _ place: String) -> String {
        let cells = "FROM cell WHERE \(place) AND row = r.row AND field = \(field.number.rawValue)"
        let latest = "ORDER BY epoch DESC, ticks DESC, writer DESC, sequence DESC LIMIT 1"
        switch (field.content, field.item) {
        case (.amount, .direction):
            return "SELECT coalesce(sum(CASE WHEN item = x'' THEN value ELSE -value END), 0) "
                + cells
        case (.amount, _): return "SELECT coalesce(sum(value), 0) \(cells)"
        case (.mark, _):
            return "SELECT json_group_array(DISTINCT \(Self.decoded("item"))) \(cells) AND live"
        case (_, .device), (_, .place):
            return "SELECT json_group_array(\(Self.readable)) \(cells) AND live"
        case (.ranked, _): return "SELECT \(Self.decoded("substr(value, 2)")) \(cells)"
        case (.value, _), (.right, _), (.vector, _):
            return "SELECT \(Self.readable) \(cells) AND live \(latest)"
        }
    }

    /// The value of a cell; bytes as hexadecimal digits.
    private static let readable =
        "CASE WHEN typeof(value) = 'blob' THEN lower(hex(value)) ELSE value END"

    /// A `CellValue` in its canonical bytes: texts and truth as they are, small numbers too, the
    /// rest as hexadecimal digits.
    static func decoded(_ bytes: String) -> String {
        let number = "(\(byte("\(bytes)", at: "2")))"
        return "CASE hex(substr(\(bytes), 1, 1)) WHEN '00' THEN 0 WHEN '01' THEN 1 "
            + "WHEN '02' THEN CASE length(\(bytes)) WHEN 2 THEN "
            + "CASE WHEN \(number) & 1 THEN -(\(number) + 1) / 2 ELSE \(number) / 2 END "
            + "ELSE lower(hex(\(bytes))) END "
            + "WHEN '03' THEN CAST(substr(\(bytes), 2) AS TEXT) "
            + "ELSE lower(hex(substr(\(bytes), 2))) END"
    }

    /// One byte as a number; SQLite has no function for it.
    static func byte(_ bytes: String, at offset: String) -> String {
        func digit(_ place: Int) -> String {
            "(instr('0123456789ABCDEF', substr(hex(substr(\(bytes), \(offset), 1)), \(place), 1))"
                + " - 1)"
        }
        return "(16 * \(digit(1)) + \(digit(2)))"
    }
}

/// Takes the key of row `r` apart.
private struct KeyExpressions {
    var columns: [String] = []

    init(_ key: [KeyColumn]) {
        var offset = "1"
        for column in key {
            let (content, next) = Self.content(column, at: offset)
            columns.append("\(content) AS \"\(column.name)\"")
            offset = next
        }
    }

    /// What a column says, and where the next one begins.
    private static func content(_ column: KeyColumn, at offset: String) -> (String, next: String) {
        func shown(_ bytes: String) -> String {
            column.type == .text ? "CAST(\(bytes) AS TEXT)" : "lower(hex(\(bytes)))"
        }
        let length = StoreView.byte("r.row", at: offset)
        let counted = "substr(r.row, \(offset) + 1, \(length))"
        switch column.coding {
        case .rest: return (shown("substr(r.row, \(offset))"), offset)
        case .value: return (StoreView.decoded("substr(r.row, \(offset))"), offset)
        case .fixed(let count):
            return (shown("substr(r.row, \(offset), \(count))"), "\(offset) + \(count)")
        case .counted: return (shown(counted), "\(offset) + 1 + \(length)")
        case .countedValue: return (StoreView.decoded(counted), "\(offset) + 1 + \(length)")
        case .varint:
            // Numbers below 128 are what there is; a longer one shows as nothing.
            return ("CASE WHEN \(length) < 128 THEN \(length) END", "\(offset) + 1")
        }
    }
}

extension StoreView {
    /// Brings the views of a database to those that are wanted; writes only if something differs.
    static func install(_ views: [StoreView], in db: Database) throws {
        var present: [String: String] = [:]
        for row in try Row.fetchAll(
            db, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'view'")
        {
            present[row[0]] = row[1]
        }
        let wanted = Dictionary(views.map { ($0.name, $0.statement) }) { $1 }
        guard present != wanted else { return }
        try db.inTransaction(.immediate) {
            for name in present.keys { try db.execute(sql: "DROP VIEW \"\(name)\"") }
            for statement in wanted.values.sorted() { try db.execute(sql: statement) }
            return .commit
        }
    }
}
