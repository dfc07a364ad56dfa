import Foundation
internal import GRDB

/// A value of a column.
public enum SQLValue: Hashable, Sendable {
    /// Nothing.
    case null
    /// A whole number.
    case integer(Int64)
    /// A number with a point.
    case real(Double)
    /// Text.
    case text(String)
    /// Bytes.
    case blob([UInt8])
}

/// The rows that a query of SQL found.
public struct SQLRows: Hashable, Sendable {
    /// The names of the columns.
    public let columns: [String]
    /// The rows; each has a value for every column.
    public let rows: [[SQLValue]]
    /// Whether there were more rows than asked for.
    public let isTruncated: Bool
}

extension ReplicaStore {
    /// Runs one statement that only reads.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/invalidQuery`` if it is not one, or not one
    ///   statement; nothing has changed then.
    public func query(
        _ sql: String, _ arguments: [SQLValue] = [], rowsMax: Int = 10_000
    ) throws -> SQLRows {
        try Self.translated(at: path) {
            try queue.unsafeRead { _ = try resolveDoubt($0) }
            return try queue.read { db in
                do {
                    return try Self.rows(of: sql, arguments, rowsMax, db)
                } catch let error as DatabaseError where Self.isMistake(error) {
                    throw StoreError(.invalidQuery, "\(error.message ?? "not SQL"): \(sql)")
                }
            }
        }
    }

    private static func rows(
        of sql: String, _ arguments: [SQLValue], _ rowsMax: Int, _ db: Database
    ) throws -> SQLRows {
        // Refuses more than one statement.
        let statement = try db.makeStatement(sql: sql)
        guard statement.isReadonly, statement.columnCount > 0 else {
            throw StoreError(.invalidQuery, "only queries are allowed: \(sql)")
        }
        let values = StatementArguments(arguments.map(\.databaseValue))
        let cursor = try Row.fetchCursor(statement, arguments: values)
        var rows: [[SQLValue]] = []
        while let row = try cursor.next() {
            guard rows.count < rowsMax else {
                return SQLRows(columns: statement.columnNames, rows: rows, isTruncated: true)
            }
            rows.append(row.databaseValues.map(SQLValue.init))
        }
        return SQLRows(columns: statement.columnNames, rows: rows, isTruncated: false)
    }

    /// Whether the caller's SQL is at fault rather than the disk.
    private static func isMistake(_ error: DatabaseError) -> Bool {
        [.SQLITE_ERROR, .SQLITE_MISUSE, .SQLITE_READONLY, .SQLITE_AUTH, .SQLITE_RANGE]
            .contains(error.resultCode)
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): Data(value).databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .real(value)
        case .string(let value): self = .text(value)
        case .blob(let value): self = .blob(Array(value))
        }
    }
}
