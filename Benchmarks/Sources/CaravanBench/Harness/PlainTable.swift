import Caravan
import PlainSQLite

/// The cell table of a database through SQLite's C interface; see `plain_sqlite.h`.
final class PlainTable {
    /// Why C could not do its part.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Rows of a table in memory.
    final class Rows {
        fileprivate let pointer: OpaquePointer
        var count: Int { plain_rows_count(pointer) }

        fileprivate init(_ pointer: OpaquePointer) { self.pointer = pointer }

        deinit { plain_rows_free(pointer) }
    }

    /// The order in which rows are read.
    enum Order: Int32 {
        case sequence = 0
        case key = 1
    }

    private var table: OpaquePointer?

    /// Opens the table with the settings that the library's own connection has.
    init(at path: String, _ settings: ConnectionSettings) throws {
        try check(plain_open(path, settings.statements, &table))
    }

    deinit { plain_close(table) }

    /// Reads what the lane's newest writer wrote, by the sequences of the writes.
    func rows(of lane: Lane, _ sequences: Range<Int>, by order: Order) throws -> Rows {
        var pointer: OpaquePointer?
        let code = plain_read(
            table, Int64(lane.rawValue), Int64(sequences.lowerBound) - 1,
            Int64(sequences.upperBound) - 1, order.rawValue, &pointer)
        guard let pointer else { throw Failure(description: "out of memory") }
        let rows = Rows(pointer)
        try check(code)
        guard rows.count == sequences.count else {
            throw Failure(description: "\(rows.count) rows instead of \(sequences.count)")
        }
        return rows
    }

    /// Upserts the first row, each time in a transaction of its own.
    func upsertOne(_ rows: Rows, from sequence: Int, times: Int) throws {
        try check(plain_upsert_one(table, rows.pointer, Int64(sequence), Int32(times)))
    }

    /// Selects and upserts each row, in one transaction; returns how many there were before.
    @discardableResult
    func readAndUpsert(_ rows: Rows) throws -> Int {
        var found = 0
        try check(plain_read_and_upsert(table, rows.pointer, &found))
        return found
    }

    /// Reads what the first writer wrote; returns how many rows that is.
    func scan(_ lane: Lane) throws -> Int {
        var (count, bytes) = (0, 0)
        try check(plain_scan(table, Int64(lane.rawValue), 1, 0, &count, &bytes))
        return count
    }

    private func check(_ code: Int32) throws {
        guard code != 0 else { return }
        throw Failure(description: "SQLite: \(String(cString: plain_message(table))) (\(code))")
    }
}
