public import CausalTime
import Foundation
internal import GRDB
public import ReplicaModel

/// A value that another write displaced on this replica, kept for people to see and restore.
public struct LostValue: Hashable, Sendable {
    /// Why a value is not the cell's.
    public enum Reason: String, Sendable {
        /// Another device's write of the same field is later.
        case outranked
        /// It had been the field's value here until a later write of another device arrived.
        case replaced
        /// Its row had been deleted.
        case rowDeleted = "row deleted"
    }

    /// Why.
    public let reason: Reason
    /// The field.
    public let key: CellKey
    /// The write that lost.
    public let dot: Dot
    /// When that write happened.
    public let timestamp: HybridTimestamp
    /// What it had written.
    public let value: [UInt8]
}

/// The `lost` table, a ring of the newest values.
struct LostValues {
    /// How many values are kept.
    static let countMax = 256

    let db: Database

    func add(_ cell: Cell, reason: LostValue.Reason, writer: Int64) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO lost (reason, lane, collection, row, field, writer, sequence, epoch,
                  ticks, causal_length, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            reason.rawValue, Int64(cell.key.lane.rawValue), Int64(cell.key.collection.rawValue),
            Data(cell.key.row), Int64(cell.key.field.rawValue), writer,
            Int64(bitPattern: cell.dot.sequence), Int64(cell.timestamp.epoch),
            Int64(bitPattern: cell.timestamp.ticks), Int64(bitPattern: cell.causalLength),
            Data(cell.value),
        ])
        try db.cachedStatement(sql: "DELETE FROM lost WHERE id <= ?")
            .execute(arguments: [db.lastInsertedRowID - Int64(Self.countMax)])
    }

    /// The newest first.
    func all(writers: WriterNames) throws -> [LostValue] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT reason, lane, collection, row, field, writer, sequence, epoch, ticks, value
                FROM lost ORDER BY id DESC
                """)
        return rows.compactMap { row in
            guard let reason = LostValue.Reason(rawValue: row[0]), let writer = writers[row[5]],
                let lane = UInt8(exactly: row[1] as Int64),
                let collection = UInt32(exactly: row[2] as Int64),
                let field = UInt32(exactly: row[4] as Int64),
                let epoch = UInt32(exactly: row[7] as Int64)
            else { return nil }
            return LostValue(
                reason: reason,
                key: CellKey(
                    lane: Lane(rawValue: lane), collection: CollectionID(rawValue: collection),
                    row: Array(row[3] as Data), field: FieldID(rawValue: field)),
                dot: Dot(writer: writer, sequence: UInt64(bitPattern: row[6] as Int64)),
                timestamp: HybridTimestamp(
                    epoch: epoch, ticks: UInt64(bitPattern: row[8] as Int64)),
                value: Array(row[9] as Data))
        }
    }
}
