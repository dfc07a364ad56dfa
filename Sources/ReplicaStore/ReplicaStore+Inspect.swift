import Foundation
internal import GRDB

extension ReplicaStore {
    /// Runs `body` on one consistent state of the replica at `path`, and changes nothing: no
    /// checkpoint, no recovery that is written, no file left behind. Another process may be serving
    /// the replica meanwhile.
    ///
    /// - Throws: ``StoreError``, and whatever `body` throws.
    package static func inspect<Result>(
        at path: String, _ body: (StoreSnapshot) throws -> Result
    ) throws -> Result {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError(.notFound, "\(path): no replica here")
        }
        return try translated(at: path) {
            let queue = try readOnlyQueue(at: path)
            let result = try queue.read { db in
                _ = try Migrations.version(of: db, at: path)
                let state = try StateTables(db: db, path: path).load()
                return try body(StoreSnapshot(db: db, path: path, state: state))
            }
            try queue.close()
            return result
        }
    }

    /// A connection that cannot change the file.
    static func readOnlyQueue(at path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: uri(of: path), configuration: configuration)
    }

    /// How to open the file. Without a log there is nothing to replay and nobody writes, so SQLite
    /// can be told not to make the files that it would otherwise leave beside a closed replica.
    private static func uri(of path: String) throws -> String {
        guard !FileManager.default.fileExists(atPath: path + "-wal") else { return path }
        let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%"))
        guard let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) else {
            return path
        }
        return "file:\(escaped)?immutable=1"
    }
}
