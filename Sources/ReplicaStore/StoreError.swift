import Foundation
internal import GRDB

/// Why a replica could not be opened, read or written.
///
/// Nothing has changed, unless the code is ``Code/inDoubt``, and nothing is lost.
///
/// Two errors are equal if their codes are; texts and paths are for people.
public struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of error.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// There is no replica at the path.
        public static let notFound = Code("notFound")
        /// There is one already.
        public static let alreadyExists = Code("alreadyExists")
        /// The file is something else than a replica.
        public static let notAReplica = Code("notAReplica")
        /// A later version of the software made the replica.
        public static let newerSchema = Code("newerSchema")
        /// Another process has the replica open.
        public static let inUse = Code("inUse")
        /// The file is damaged.
        ///
        /// It is left as it is.
        public static let damaged = Code("damaged")
        /// The disk is full; the transaction was undone.
        public static let diskFull = Code("diskFull")
        /// The disk or the file system failed, or the file may not be read or written.
        public static let inputOutput = Code("inputOutput")
        /// The disk failed at the end of a commit, or was full, and then again when the commit was
        /// to be taken back.
        ///
        /// What the transaction wrote may be there, though it was not acknowledged. Nothing can be
        /// read or written until the disk works; then read before you try again.
        public static let inDoubt = Code("inDoubt")
        /// The continuity mark cannot be written.
        public static let markNotWritable = Code("markNotWritable")
        /// What only this device may spend is frozen: the replica does not know all that it has
        /// spent.
        public static let rightsFrozen = Code("rightsFrozen")
        /// A segment's base has not been seen here.
        public static let baseNotSeen = Code("baseNotSeen")
        /// A segment comes from a replica that has not seen what every member has, and has to take
        /// a snapshot before it sends anything.
        public static let behindFrontier = Code("behindFrontier")
        /// A cell is not what the rules allow: two contents for one dot, or a write that loses to
        /// what the writer itself has seen.
        public static let ruleBroken = Code("ruleBroken")
        /// The SQL is not a query, or is wrong.
        public static let invalidQuery = Code("invalidQuery")
        /// SQLite refused for a reason that has no code of its own.
        public static let sqlite = Code("sqlite")
    }

    /// The kind.
    public let code: Code
    /// What happened, where, and what to do about it, on one line.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// Compares the codes only.
    public static func == (left: StoreError, right: StoreError) -> Bool { left.code == right.code }
}

extension StoreError {
    /// Why something could not be read, for a list of such reasons: without the path.
    static func reason(for error: any Error, at path: String) -> String {
        if let error = error as? DatabaseError, let message = error.message { return message }
        let text = "\(translating(error, at: path))"
        return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
    }

    private static func diskFull(at path: String) -> StoreError {
        StoreError(.diskFull, "\(path): the disk is full; nothing was written, free some space")
    }

    /// Whether not even the smallest file that SQLite makes beside a database would fit.
    private static func isDiskFull(at path: String) -> Bool {
        var information = statvfs()
        guard statvfs((path as NSString).deletingLastPathComponent + "/.", &information) == 0 else {
            return false
        }
        let indexBytes = 32 << 10
        return UInt64(information.f_bavail) * UInt64(information.f_frsize) < UInt64(indexBytes)
    }

    /// What an error of the database means here; errors of the caller pass through unchanged.
    static func translating(_ error: any Error, at path: String) -> any Error {
        if error is RowDecodingError || error is PreparedStatement.TypeMismatch {
            return StoreError(
                .damaged,
                "\(path): the file is damaged (a column of another type); "
                    + "it was left as it is")
        }
        if let error = error as? CocoaError {
            return StoreError(.inputOutput, "\(path): \(error.localizedDescription)")
        }
        guard let error = error as? DatabaseError else { return error }
        let reason = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        return switch error.resultCode {
        case .SQLITE_FULL: diskFull(at: path)
        // What SQLite cannot make room for beside the database, it reports as a failed disk.
        case .SQLITE_IOERR where isDiskFull(at: path): diskFull(at: path)
        case .SQLITE_NOTADB:
            StoreError(.notAReplica, "\(path): not a replica (no SQLite database)")
        case .SQLITE_CORRUPT:
            StoreError(
                .damaged, "\(path): the file is damaged (\(reason)); it was left as it is")
        case .SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            StoreError(.inputOutput, "\(path): \(reason)")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            StoreError(.inUse, "\(path): in use by another process")
        // Every statement here is a constant: if one has no meaning, the tables are not ours.
        case .SQLITE_ERROR:
            StoreError(
                .damaged,
                "\(path): the file does not hold a replica's tables (\(reason)); "
                    + "it was left as it is")
        case .SQLITE_CONSTRAINT:
            StoreError(.ruleBroken, "\(path): two writes claim one place (\(reason))")
        default: StoreError(.sqlite, "\(path): \(reason)")
        }
    }
}
