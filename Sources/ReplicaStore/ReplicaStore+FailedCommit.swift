internal import GRDB
internal import GRDBSQLite
import Synchronization

/// What follows when a transaction fails.
///
/// A commit that fails at its very end may stand in the log as if it had not. Here it would be
/// written over by the next one, but whoever copies the files before that, or opens them after a
/// crash, finds it. Without a log it is gone, so the log is folded at once. Where the disk does not
/// even let it, the log decides, here as in every copy: SQLite reads it anew, and what it holds is
/// what was committed. As nobody knows whether the disk has taken it, the replica is neither read
/// nor written until the log has been folded after all.
extension ReplicaStore {
    /// Takes back a commit that failed.
    ///
    /// - Returns: What the caller is to hear: `cause`, if nothing of the transaction remains.
    func takingBack(_ db: Database, _ cause: any Error) -> any Error {
        if isFolded(db) { return cause }
        // Until it is known how many frames are of others, none is.
        doubt.withLock { $0 = 0 }
        do {
            let frames = try LogIndex(of: db).discard()
            doubt.withLock { $0 = frames }
            return try resolveDoubt(db) ? inDoubt(cause) : cause
        } catch {
            return error as? StoreError ?? inDoubt(error)
        }
    }

    /// Moves the log into the database if the disk was full, which frees its room for the next
    /// write.
    ///
    /// - Returns: `cause`.
    func makingRoom(_ db: Database, _ cause: any Error) -> any Error {
        let translated = StoreError.translating(cause, at: path) as? StoreError
        // Should it fail, the disk stays as full as the caller is told it is.
        if translated?.code == .diskFull { _ = isFolded(db) }
        return cause
    }

    /// Finds out whether a commit that failed is there, if that is not known, and makes it durable.
    ///
    /// To be called before anything is read or written.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: ``StoreError`` with ``StoreError/Code/inDoubt``.
    @discardableResult
    func resolveDoubt(_ db: Database) throws -> Bool {
        guard let frames = doubt.withLock({ $0 }) else { return false }
        do {
            // SQLite looks at the log when a transaction begins.
            let state = try Self.loadedState(db, at: path)
            let isThere = try LogIndex(of: db).frames > frames
            if isThere { try fold(db) }
            adopt(state)
            doubt.withLock { $0 = nil }
            return isThere
        } catch {
            throw inDoubt(error)
        }
    }

    /// Whether it is not known if a commit that failed was made.
    package var isInDoubt: Bool { doubt.withLock { $0 != nil } }

    /// Moves the log into the database, and empties it.
    func fold(_ db: Database) throws { try db.checkpoint(.truncate) }

    private func isFolded(_ db: Database) -> Bool {
        do {
            try fold(db)
            return true
        } catch {
            return false
        }
    }

    private func inDoubt(_ cause: any Error) -> StoreError {
        StoreError(
            .inDoubt,
            "\(path): a write that failed may have been made all the same, because the disk did "
                + "not let it be taken back (\(StoreError.reason(for: cause, at: path))); see to "
                + "the disk, then read before you try again")
    }
}

/// What SQLite keeps in memory about the log of a database, shared by all that have it open.
///
/// It begins with two equal copies of a header, and a connection that finds that they are of no use
/// takes the lock for it and makes the index anew from the log, as after a crash (SQLite, "WAL-mode
/// File Format").
private struct LogIndex {
    private let start: UnsafeMutableRawPointer

    /// - Throws: What SQLite reports if there is no log.
    init(of db: Database) throws {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let connection = db.sqliteConnection
        var code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        var start: UnsafeMutableRawPointer?
        if code == SQLITE_OK, let file, let map = file.pointee.pMethods?.pointee.xShmMap {
            code = map(file, 0, Self.pageBytes, 0, &start)
        }
        guard code == SQLITE_OK, let start else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "no log to read")
        }
        self.start = start
    }

    /// How many frames of the log are of transactions that were committed.
    var frames: UInt32 { start.load(fromByteOffset: 16, as: UInt32.self) }

    /// Has SQLite read the log anew when the next transaction begins.
    ///
    /// Readers in the middle of one have a copy of the header.
    ///
    /// - Returns: How many frames it counted until now.
    func discard() -> UInt32 {
        let counted = frames
        for header in 0..<2 {
            start.storeBytes(of: 0, toByteOffset: header * Self.headerBytes + 12, as: UInt8.self)
        }
        return counted
    }

    private static let pageBytes: Int32 = 32 << 10
    private static let headerBytes = 48
}
