internal import GRDB
internal import GRDBSQLite

/// A statement that is bound and read column by column, without a box around each value.
///
/// Cells are read and written through it, because there may be a hundred thousand of them at once:
/// converting arguments and rows would take longer than SQLite takes for the work itself. Nobody
/// observes transactions through GRDB, so it need not hear of what runs here.
struct PreparedStatement {
    /// Keeps the handle valid.
    private let statement: Statement
    private let handle: OpaquePointer

    /// Prepares `sql`, or takes it from the connection's cache.
    init(_ db: Database, _ sql: String) throws {
        statement = try db.cachedStatement(sql: sql)
        handle = statement.sqliteStatement
    }

    // MARK: Binding, from index 1 on

    func bind(_ value: Int64, at index: Int32) {
        sqlite3_bind_int64(handle, index, value)
    }

    func bind(_ blob: ArraySlice<UInt8>, at index: Int32) {
        blob.withUnsafeBytes { bytes in
            // Without bytes there may be no address, which SQLite would take for NULL.
            _ =
                bytes.isEmpty
                ? sqlite3_bind_zeroblob(handle, index, 0)
                : sqlite3_bind_blob(
                    handle, index, bytes.baseAddress, Int32(bytes.count), Self.transient)
        }
    }

    /// Binds UTF-8 as a text.
    func bind(text: ArraySlice<UInt8>, at index: Int32) {
        text.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            _ =
                bytes.isEmpty
                ? sqlite3_bind_text(handle, index, "", 0, Self.transient)
                : sqlite3_bind_text(handle, index, start, Int32(bytes.count), Self.transient)
        }
    }

    func bindNull(at index: Int32) { sqlite3_bind_null(handle, index) }

    /// Has SQLite copy what is bound.
    private static var transient: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }

    // MARK: Running

    /// Runs a statement that returns no rows, and makes it ready for the next values.
    func run() throws {
        defer { sqlite3_reset(handle) }
        while try next() {}
    }

    /// Runs `body` on every row, and makes the statement ready for the next values.
    func forEachRow(_ body: () throws -> Void) throws {
        defer { sqlite3_reset(handle) }
        while try next() { try body() }
    }

    /// Runs `body` on the first row, if there is one.
    func first<Result>(_ body: () throws -> Result) throws -> Result? {
        defer { sqlite3_reset(handle) }
        return try next() ? body() : nil
    }

    private func next() throws -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let connection = sqlite3_db_handle(handle)
            throw DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
                message: sqlite3_errmsg(connection).map { String(cString: $0) })
        }
    }

    // MARK: Columns, from index 0 on

    /// A column is not of the type that every version writes there.
    struct TypeMismatch: Error {}

    func integer(at index: Int32) throws -> Int64 {
        guard sqlite3_column_type(handle, index) == SQLITE_INTEGER else { throw TypeMismatch() }
        return sqlite3_column_int64(handle, index)
    }

    /// A blob after `prefix`.
    func blob(at index: Int32, after prefix: UInt8? = nil) throws -> [UInt8] {
        guard sqlite3_column_type(handle, index) == SQLITE_BLOB else { throw TypeMismatch() }
        return bytes(sqlite3_column_blob(handle, index), at: index, after: prefix)
    }

    /// The UTF-8 of a text after `prefix`.
    func text(at index: Int32, after prefix: UInt8) throws -> [UInt8] {
        guard sqlite3_column_type(handle, index) == SQLITE_TEXT else { throw TypeMismatch() }
        return bytes(
            UnsafeRawPointer(sqlite3_column_text(handle, index)), at: index, after: prefix)
    }

    private func bytes(
        _ start: UnsafeRawPointer?, at index: Int32, after prefix: UInt8?
    ) -> [UInt8] {
        let buffer = UnsafeRawBufferPointer(
            start: start, count: Int(sqlite3_column_bytes(handle, index)))
        guard let prefix else { return Array(buffer) }
        return [UInt8](unsafeUninitializedCapacity: buffer.count + 1) { target, count in
            target[0] = prefix
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[1...])
                .copyMemory(from: buffer)
            count = buffer.count + 1
        }
    }
}
