public import CausalTime
import Foundation
internal import GRDB
public import ReplicaModel

/// Something that a person should look at: a sign that two copies of one replica are in use, or
/// that a replica has been damaged.
///
/// Of copies nothing was lost: both copies' writes are kept, and the copy that notices goes on
/// under another name. The other one should be made a device of its own. Of a damaged replica what
/// others still held has come back; look at the disk.
public struct ReplicaAlarm: Hashable, Sendable {
    /// What was noticed.
    public enum Code: String, Hashable, Sendable {
        /// A peer has writes under this device's name that this replica did not make.
        case ownWritesUnknown
        /// One write has two contents.
        case twoContents
        /// A peer had seen the same as this replica, and held something else: one of the two had
        /// been damaged. What both held has been joined.
        case diverged
    }

    /// What.
    public let code: Code
    /// When, by the replica's clock.
    public let at: WallTime
    /// The lane.
    public let lane: Lane
    /// The write.
    public let dot: Dot
    /// One line for people.
    public let detail: String
}

/// The `alarm` table, a ring of the newest.
struct Alarms {
    /// How many are kept.
    static let countMax = 64

    let db: Database
    let path: String

    func add(_ alarm: ReplicaAlarm, writer: Int64) throws {
        // A clone that goes on and on is one thing to look at, not one for each of its writes.
        let known = try Bool.fetchOne(
            db.cachedStatement(
                sql: "SELECT 1 FROM alarm WHERE code = ? AND lane = ? AND writer = ?"),
            arguments: [alarm.code.rawValue, Int64(alarm.lane.rawValue), writer])
        guard known == nil else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO alarm (code, at, lane, writer, sequence, detail)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            alarm.code.rawValue, alarm.at.milliseconds, Int64(alarm.lane.rawValue), writer,
            Int64(bitPattern: alarm.dot.sequence), alarm.detail,
        ])
        try db.cachedStatement(sql: "DELETE FROM alarm WHERE id <= ?")
            .execute(arguments: [db.lastInsertedRowID - Int64(Self.countMax)])
    }

    /// The newest first.
    func all(writers: WriterNames) throws -> [ReplicaAlarm] {
        try Row.fetchAll(
            db, sql: "SELECT code, at, lane, writer, sequence, detail FROM alarm ORDER BY id DESC"
        ).map { row in
            guard let code = ReplicaAlarm.Code(rawValue: try row.decode(String.self, atIndex: 0)),
                let lane = UInt8(exactly: try row.decode(Int64.self, atIndex: 2)),
                let writer = writers[try row.decode(Int64.self, atIndex: 3)]
            else {
                throw StoreError(.damaged, "\(path): an alarm is not one that any version raises")
            }
            return ReplicaAlarm(
                code: code, at: WallTime(milliseconds: try row.decode(Int64.self, atIndex: 1)),
                lane: Lane(rawValue: lane),
                dot: Dot(
                    writer: writer,
                    sequence: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 4))),
                detail: try row.decode(String.self, atIndex: 5))
        }
    }
}

extension StoreTransaction {
    /// Keeps an alarm, unless there is one like it.
    func raise(
        _ code: ReplicaAlarm.Code, at dot: Dot, in lane: Lane, _ detail: String
    ) throws {
        try Alarms(db: db, path: path).add(
            ReplicaAlarm(
                code: code, at: state.clock.latest.wallTime, lane: lane, dot: dot, detail: detail),
            writer: number(of: dot.writer))
    }
}

extension StoreSnapshot {
    /// Signs that a copy of a replica is in use or that one was damaged, the newest first.
    ///
    /// At most 64 are kept.
    public func alarms() throws -> [ReplicaAlarm] {
        try Alarms(db: db, path: path).all(writers: state.writers)
    }
}
