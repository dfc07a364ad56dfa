import Foundation
internal import GRDB

/// The numbered steps from one schema to the next.
///
/// A step never changes once it has been released.
enum Migrations {
    /// Marks the file as a replica: "CRVN".
    static let applicationID: Int32 = 0x4352_564e

    /// The scripts, in order; the schema's version is the number of scripts that have run.
    static let scripts: [[UInt8]] = [
        PackageResources.schema_001_cells_sql, PackageResources.schema_002_forgetting_sql,
    ]

    /// What a script cannot do, by the version that it leads to.
    private static let steps: [Int: @Sendable (Database, String) throws -> Void] = [
        2: bringOverCells
    ]

    static var latest: Int { scripts.count }

    /// The version of a file's schema, after checking that the file is a replica that this software
    /// understands.
    ///
    /// Nothing is written.
    static func version(of db: Database, at path: String) throws -> Int {
        try version(
            Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
            of: Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0, at: path)
    }

    /// The version, after the same checks of what a file says of itself.
    @discardableResult
    static func version(_ version: Int, of application: Int32, at path: String) throws -> Int {
        guard application == applicationID, version > 0 else {
            throw StoreError(
                .notAReplica, "\(path): not a replica (a database of another application)")
        }
        guard version <= latest else {
            throw StoreError(
                .newerSchema,
                "\(path): made by a newer version (schema \(version), this one knows up to "
                    + "\(latest)); update this software")
        }
        return version
    }

    /// Brings the schema from `version` to the latest, in one transaction.
    static func run(on db: Database, at path: String, from version: Int) throws {
        guard version < latest else { return }
        try db.inTransaction(.immediate) {
            for number in version + 1...latest {
                try db.execute(sql: String(decoding: scripts[number - 1], as: UTF8.self))
                try steps[number]?(db, path)
            }
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(latest)")
            return .commit
        }
    }
}
