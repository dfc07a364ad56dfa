import CausalTime
package import Foundation
import ReplicaStore

/// Looks into replicas.
///
/// Principles:
/// - It never writes: not to the database, not beside it. A replica may be looked into while a
///   process serves it, and one that is closed keeps every byte.
/// - It decodes as much as possible of a damaged file, and says what it could not read.
/// - It hides nothing: what has no name in the travel domain is shown by its numbers and bytes, and
///   text from other devices is escaped, not dropped.
/// - It judges nothing by itself: digests, rules and merging are those of the product.
/// - A reader that stops reading, as `head` does, is no failure.
package enum Inspection {
    /// What is in a replica.
    ///
    /// - Parameters:
    ///   - store: The folder of a replica, or its database file.
    ///   - now: Decides which grants may be drawn on.
    /// - Returns: Everything that could be read, and what is wrong with it.
    /// - Throws: `StoreError` if there is no replica that can be read at all.
    package static func summary(of store: String, at now: Date) throws -> ReplicaReport {
        try ReplicaReport(ReplicaImage(of: store), at: WallTime(now))
    }

    /// How two replicas differ, and what will come of it when they meet.
    ///
    /// - Parameters:
    ///   - left: The folder of a replica, or its database file.
    ///   - right: The other one.
    ///   - now: Decides which grants may be drawn on.
    /// - Returns: The differences, for domain and cells.
    /// - Throws: `StoreError` if one of them is no replica that can be read at all.
    package static func difference(
        between left: String, and right: String, at now: Date
    ) throws -> ReplicaDifference {
        try ReplicaDifference(ReplicaImage(of: left), ReplicaImage(of: right), at: WallTime(now))
    }

    /// The database of a replica that is named by its folder or by the database itself.
    static func databasePath(of store: String) -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: store, isDirectory: &isFolder),
            isFolder.boolValue
        else { return store }
        return (store as NSString).appendingPathComponent("replica.sqlite")
    }

    /// Whether an error is a mistake in what was asked for, rather than a failure.
    package static func isMistake(_ error: any Error) -> Bool {
        guard let error = error as? StoreError else { return false }
        return [.notFound, .notAReplica, .newerSchema].contains(error.code)
    }
}

extension WallTime {
    /// The wall time of a date.
    fileprivate init(_ date: Date) {
        self.init(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
    }
}
