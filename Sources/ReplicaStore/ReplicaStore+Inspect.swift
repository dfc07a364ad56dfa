import Foundation
internal import GRDB

extension ReplicaStore {
    /// Runs `body` on one consistent state of the replica at `path`, and changes nothing.
    ///
    /// No checkpoint is made, no recovery is written and no file left behind. Another process may
    /// be serving the replica meanwhile.
    ///
    /// - Throws: ``StoreError``, and whatever `body` throws.
    package static func inspect<Result>(
        at path: String, _ body: (StoreSnapshot) throws -> Result
    ) throws -> Result {
        try reading(path) { db, _ in
            let state = try StateTables(db: db, path: path).load()
            return try body(StoreSnapshot(db: db, path: path, state: state))
        }
    }

    /// Reads everything that can be read of the replica at `path`, damaged or not, and changes
    /// nothing; see ``inspect(at:_:)``.
    ///
    /// - Throws: ``StoreError`` if there is no replica, or one of a newer schema, or the file
    ///   cannot be read at all. What is damaged within a replica is said in
    ///   ``StoreContents/violations``.
    package static func contents(of path: String) throws -> StoreContents {
        try reading(path) { db, version in
            StoreContents(db: db, path: path, schemaVersion: version)
        }
    }

    private static func reading<Result>(
        _ path: String, _ body: (Database, Int) throws -> Result
    ) throws -> Result {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError(.notFound, "\(path): no replica here")
        }
        return try translated(at: path) {
            try readOnly(path) { try body($0, Migrations.version(of: $0, at: path)) }
        }
    }
}
