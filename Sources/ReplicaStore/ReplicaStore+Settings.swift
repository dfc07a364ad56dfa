internal import GRDB

extension ReplicaStore {
    /// What SQLite promises of a commit, as the connection itself says it.
    package struct Durability: Hashable, Sendable {
        /// `wal`: a commit is one write to the log.
        package let journalMode: String
        /// 2 is FULL: the log is synchronized before a commit returns.
        package let synchronous: Int
    }

    /// How durable a commit is.
    package func durability() throws -> Durability {
        try Self.translated(at: path) {
            try queue.read { db in
                Durability(
                    journalMode: try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
                    synchronous: try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1)
            }
        }
    }

    /// Bounds the database to its present size and `pages` more, as a full disk does.
    ///
    /// Nothing lifts the bound. For tests and the simulator.
    package func limitGrowth(toPages pages: Int?) throws {
        try Self.translated(at: path) {
            try queue.writeWithoutTransaction { db in
                let present = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                let bound = pages.map { present + $0 } ?? 1_073_741_823
                try db.execute(sql: "PRAGMA max_page_count = \(bound)")
            }
        }
    }
}
