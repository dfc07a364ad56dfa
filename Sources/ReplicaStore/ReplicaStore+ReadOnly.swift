import Foundation
internal import GRDB

extension ReplicaStore {
    /// Runs `body` on one consistent state of the database file at `path`, and changes nothing.
    ///
    /// No checkpoint is made, no recovery is written and no file left behind. Another process may
    /// be writing.
    static func readOnly<Result>(
        _ path: String, _ body: (Database) throws -> Result
    ) throws -> Result {
        guard FileManager.default.fileExists(atPath: path + "-wal") else {
            return try immutable(path, body)
        }
        guard FileManager.default.fileExists(atPath: path + "-shm") else {
            return try copied(path, body)
        }
        return try connected(to: path, body)
    }

    /// Reads a file without a log: there is nothing to replay and nobody writes.
    ///
    /// So SQLite is told not to make the files that it would otherwise leave beside a closed
    /// replica. Should somebody begin to write meanwhile, what was read may be of two states, and
    /// is read again.
    private static func immutable<Result>(
        _ path: String, _ body: (Database) throws -> Result
    ) throws -> Result {
        let before = try FileFingerprint(path)
        let result = Swift.Result { try connected(to: immutableURI(of: path), body) }
        guard try FileFingerprint(path) == before else { return try readOnly(path, body) }
        return try result.get()
    }

    /// Reads a file whose log has no index: a copy, or a replica that was moved.
    ///
    /// Nobody has it open. SQLite would make the index beside it, so it gets a copy of its own.
    private static func copied<Result>(
        _ path: String, _ body: (Database) throws -> Result
    ) throws -> Result {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent(
            "caravan-" + UUID().uuidString, isDirectory: true)
        try files.createDirectory(
            at: folder, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        let result = Swift.Result {
            let copy = folder.appendingPathComponent("replica.sqlite").path
            try files.copyItem(atPath: path, toPath: copy)
            try files.copyItem(atPath: path + "-wal", toPath: copy + "-wal")
            return try connected(to: copy, body)
        }
        try files.removeItem(at: folder)
        // Had somebody opened it before the copy was whole, there would be an index by now.
        guard !files.fileExists(atPath: path + "-shm") else { return try readOnly(path, body) }
        return try result.get()
    }

    /// Reads through a connection that cannot change the file.
    private static func connected<Result>(
        to path: String, _ body: (Database) throws -> Result
    ) throws -> Result {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        var result: Swift.Result<Result, any Error>?
        do {
            try queue.read { db in result = Swift.Result { try body(db) } }
            try queue.close()
        } catch {
            // After a damaged page even the end of a reading transaction fails: what was read
            // stands.
            guard let result else { throw error }
            return try result.get()
        }
        guard let result else { throw StoreError(.sqlite, "\(path): no transaction") }
        return try result.get()
    }

    private static func immutableURI(of path: String) -> String {
        let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%"))
        guard let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) else {
            return path
        }
        return "file:\(escaped)?immutable=1"
    }
}

/// Tells whether a file has been written between two looks at it.
private struct FileFingerprint: Equatable {
    private let size: Int?
    private let number: Int?
    private let changed: Date?
    private let hasLog: Bool

    init(_ path: String) throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        size = attributes[.size] as? Int
        number = attributes[.systemFileNumber] as? Int
        changed = attributes[.modificationDate] as? Date
        hasLog = FileManager.default.fileExists(atPath: path + "-wal")
    }
}
