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
        let rows =
            collection.rows.existence == .standing
            ? "SELECT DISTINCT row FROM cell WHERE \(place)"
            : "SELECT row FROM cell WHERE \(place) AND field = 0 AND live"
        let key = KeyExpressions(collection.rows.key, of: rows)
        let fields = collection.fields.map { field in
            "(\(Self.select(field, place))) AS \"\(field.name)\""
        }
        self.init(
            collection.name,
            as: "SELECT \((key.columns + fields).joined(separator: ", ")) "
                + "FROM (\(key.source)) AS r")
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
        case (.ranked, _):
            let width = Self.varint("i", of: "value", at: "1")
            let state = "SELECT substr(value, 1 + \(width)) AS state \(cells)"
            return "SELECT \(Self.decoded("state")) FROM (\(state))"
        case (.value, _), (.right, _), (.vector, _):
            return "SELECT \(Self.readable) \(cells) AND live \(latest)"
        }
    }

    /// The value of a cell; bytes as hexadecimal digits.
    private static let readable =
        "CASE WHEN typeof(value) = 'blob' THEN lower(hex(value)) ELSE value END"

    /// A `CellValue` in its canonical bytes: bytes as hexadecimal digits, the rest as it is.
    static func decoded(_ bytes: String) -> String {
        let half = "(n >> 1) & \(Int64.max)"
        return "CASE hex(substr(\(bytes), 1, 1)) WHEN '00' THEN 0 WHEN '01' THEN 1 "
            + "WHEN '02' THEN (SELECT CASE n & 1 WHEN 0 THEN \(half) ELSE ~(\(half)) END "
            + "FROM (SELECT \(varint("n", of: bytes, at: "2")) AS n)) "
            + "WHEN '03' THEN CAST(substr(\(bytes), 2) AS TEXT) "
            + "ELSE lower(hex(substr(\(bytes), 2))) END"
    }

    /// A varint's value `n`, or the number `i` of its bytes.
    static func varint(_ what: String, of bytes: String, at offset: String) -> String {
        // A byte of any value as a number, from its two hexadecimal digits.
        let digits = "hex(substr(\(bytes), \(offset) + i, 1))"
        let byte =
            "(instr('0123456789ABCDEF', substr(\(digits), 1, 1)) * 16"
            + " + instr('0123456789ABCDEF', substr(\(digits), 2)) - 17)"
        return "(WITH RECURSIVE v(i, n, b) AS (SELECT 0, 0, 128 UNION ALL "
            + "SELECT i + 1, n | ((\(byte) & 127) << (7 * i)), \(byte) "
            + "FROM v WHERE b > 127 AND i < 10) SELECT \(what) FROM v ORDER BY i DESC LIMIT 1)"
    }

    /// A byte below 128 as a number; SQLite's only way to it is that it may begin a text.
    static func byte(_ bytes: String, at offset: String) -> String {
        "coalesce(unicode(CAST(substr(\(bytes), \(offset), 1) AS TEXT)), 0)"
    }
}

/// Takes the key of row `r` apart.
private struct KeyExpressions {
    /// The parts of the key.
    private(set) var columns: [String] = []
    /// The rows, with what the parts need to know under names.
    private(set) var source: String
    private var nameCount = 0

    init(_ key: [KeyColumn], of rows: String) {
        source = rows
        var offset = "1"
        for column in key {
            columns.append("\(content(of: column, at: &offset)) AS \"\(column.name)\"")
        }
    }

    /// What a column says; `offset` is then where the next one begins.
    private mutating func content(of column: KeyColumn, at offset: inout String) -> String {
        let start = offset
        func shown(_ bytes: String) -> String {
            column.type == .text ? "CAST(\(bytes) AS TEXT)" : "lower(hex(\(bytes)))"
        }
        switch column.coding {
        case .rest: return shown("substr(row, \(start))")
        case .value: return StoreView.decoded("substr(row, \(start))")
        case .fixed(let count):
            offset += " + \(count)"
            return shown("substr(row, \(start), \(count))")
        case .counted:
            // Of texts that are declared so the length is below 128.
            let length = name(StoreView.byte("row", at: start))
            offset += " + 1 + \(length)"
            return shown("substr(row, \(start) + 1, \(length))")
        case .countedValue:
            let width = name(StoreView.varint("i", of: "row", at: start))
            let length = name(StoreView.varint("n", of: "row", at: start))
            offset += " + \(width) + \(length)"
            return StoreView.decoded("substr(row, \(start) + \(width), \(length))")
        case .varint:
            let width = name(StoreView.varint("i", of: "row", at: start))
            offset += " + \(width)"
            return StoreView.varint("n", of: "row", at: start)
        }
    }

    /// Has something computed once, under a name that the rest can use.
    private mutating func name(_ expression: String) -> String {
        nameCount += 1
        source = "SELECT *, \(expression) AS _\(nameCount) FROM (\(source))"
        return "_\(nameCount)"
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
