internal import GRDB
internal import GRDBSQLite

/// Makes the log of a replica that is being written to longer than it is, before that is needed.
///
/// A commit that makes a file longer waits for what the file system notes of the file as well as
/// for the pages themselves, which takes almost twice as long as writing over what is there. So
/// the log grows in steps, by zeros, which SQLite takes for its end. A replica that is hardly
/// written to gets none, and none gets more than a log has anyway before it is folded and written
/// over from its beginning.
///
/// Only for databases with a log of that kind.
struct LogRoom {
    /// After how many pages SQLite folds the log.
    static let pagesMax = 2000
    /// A page and what stands before it in the log.
    private static let frameBytes: Int64 = 4096 + 24
    /// The log may be a few pages longer: it is folded after a commit.
    private static let bytesMax = Int64(pagesMax + 48) * frameBytes
    /// What is written at once; SQLite writes up to 128 KB so.
    private static let blockBytes = 16 * frameBytes
    private static let blocksMax: Int64 = 16
    private static let zeros = [UInt8](repeating: 0, count: Int(blockBytes))

    /// How many pages the connection may write in all before another look at the log.
    private var pagesBeforeLook: Int32 = 0

    /// Sees to it that the pages of the present transaction, if they are few, have room.
    ///
    /// To be called within a transaction that writes, so that nobody else changes the log. It fails
    /// silently: without room SQLite makes the log longer by itself, or says why it cannot.
    mutating func provide(on db: Database) {
        var (written, highest): (Int32, Int32) = (0, 0)
        let connection = db.sqliteConnection
        sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_WRITE, &written, &highest, 0)
        guard written >= pagesBeforeLook else { return }
        guard let log = Self.log(of: connection), let methods = log.pointee.pMethods else { return }
        var size: Int64 = 0
        guard methods.pointee.xFileSize(log, &size) == SQLITE_OK, size < Self.bytesMax else {
            pagesBeforeLook = .max
            return
        }
        guard size >= Self.blockBytes else {
            pagesBeforeLook = written + 8
            return
        }
        let blocks = min(size / Self.blockBytes, Self.blocksMax)
        for block in 0..<blocks {
            guard
                methods.pointee.xWrite(
                    log, Self.zeros, Int32(Self.blockBytes), size + block * Self.blockBytes)
                    == SQLITE_OK
            else {
                pagesBeforeLook = .max
                return
            }
        }
        // Some are left for the transaction that is going on.
        pagesBeforeLook = written + Int32(blocks * Self.blockBytes / Self.frameBytes) - 8
    }

    private static func log(of connection: OpaquePointer?) -> UnsafeMutablePointer<sqlite3_file>? {
        var log: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
        return code == SQLITE_OK ? log : nil
    }
}
