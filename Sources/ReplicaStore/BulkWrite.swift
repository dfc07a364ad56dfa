internal import GRDB

/// What SQLite is given for a transaction that writes very many cells.
///
/// Keys come in order, but the writes of their cells do not: the index over writes would be changed
/// at another place for every cell, and its pages would go to the log and come back many times
/// within one transaction. So more pages are held, and where more comes than there is, the index
/// is taken down first and built at the end, sorted, which takes a third of the time.
///
/// All of it is part of the transaction: if that is undone, or the process ends, the index is as it
/// was, and whoever reads meanwhile does not see that it is gone.
package struct BulkWrite {
    /// When it is worth the while.
    package struct Threshold: Sendable {
        /// From how many cells on more pages are held.
        package var cells = 4096
        /// How many times as large as what comes the database may be for its index to be built
        /// anew.
        package var databaseFactor = 1

        package init() {}
    }

    /// What a cell takes up in the table and its index, roughly, and the pages beside them.
    private static let bytesPerCell = 384
    private static let cacheBytesMax = 48 << 20
    private static let index = "cell_by_dot"

    let table: CellTable
    let threshold: Threshold
    /// How many cells come.
    let cells: Int

    private var isWorthWhile: Bool { cells >= threshold.cells }

    /// Runs `body` while more pages than usual are held.
    func holdingPages(_ body: () throws -> Void) throws {
        guard isWorthWhile else { return try body() }
        let db = table.db
        let usual = try Int.fetchOne(db, sql: "PRAGMA cache_size") ?? 0
        let bytes = min(cells * Self.bytesPerCell, Self.cacheBytesMax)
        try db.execute(sql: "PRAGMA cache_size = \(-bytes / 1024)")
        let result = Result { try body() }
        try db.execute(sql: "PRAGMA cache_size = \(usual)")
        try result.get()
    }

    /// Runs `body`, which writes the cells and looks none up by its write, while there is no index
    /// over writes.
    func withoutIndex(_ body: () throws -> Void) throws {
        guard isWorthWhile,
            try bytesHeld() <= cells * Self.bytesPerCell * threshold.databaseFactor,
            let statement = try indexStatement()
        else { return try body() }
        try table.db.execute(sql: "DROP INDEX \(Self.index)")
        try table.gathering(body)
        try table.db.execute(sql: statement)
    }

    /// How large the database is.
    private func bytesHeld() throws -> Int {
        let pages = try Int.fetchOne(table.db, sql: "PRAGMA page_count") ?? 0
        return pages * (try Int.fetchOne(table.db, sql: "PRAGMA page_size") ?? 0)
    }

    /// What the index was made by.
    private func indexStatement() throws -> String? {
        try String.fetchOne(
            table.db, sql: "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?",
            arguments: [Self.index])
    }
}
