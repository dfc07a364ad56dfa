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
    /// Of which kind the field was for that write.
    public let kind: MergeKind
    /// Which life of its row the write belongs to; 0 if the row needs none.
    public let causalLength: UInt64
    /// The write that lost.
    public let dot: Dot
    /// When that write happened.
    public let timestamp: HybridTimestamp
    /// What it had written.
    public let value: [UInt8]
}

/// The `lost` table, a ring of the newest values.
struct LostValues {
    /// How many values are kept unless the replica is told otherwise.
    static let countMax = 256

    let db: Database
    let path: String

    func add(
        _ cell: Cell, reason: LostValue.Reason, writer: Int64, keeping count: Int
    ) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO lost (reason, lane, collection, row, field, item, writer, sequence,
                  epoch, ticks, causal_length, value, kind)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            reason.rawValue, Int64(cell.key.lane.rawValue), Int64(cell.key.collection.rawValue),
            Data(cell.key.row), Int64(cell.key.field.rawValue), Data(cell.key.item), writer,
            Int64(bitPattern: cell.dot.sequence), Int64(cell.timestamp.epoch),
            Int64(bitPattern: cell.timestamp.ticks), Int64(bitPattern: cell.causalLength),
            Data(cell.value), Int64(cell.kind.rawValue),
        ])
        try db.cachedStatement(sql: "DELETE FROM lost WHERE id <= ?")
            .execute(arguments: [db.lastInsertedRowID - Int64(count)])
    }

    /// The newest first.
    func all(writers: WriterNames) throws -> [LostValue] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT reason, lane, collection, row, field, writer, sequence, epoch, ticks, value,
                  item, kind, causal_length FROM lost ORDER BY id DESC
                """)
        return try rows.map { try value($0, writers) }
    }

    private func value(_ row: Row, _ writers: WriterNames) throws -> LostValue {
        guard let reason = LostValue.Reason(rawValue: try row.decode(String.self, atIndex: 0)),
            let lane = UInt8(exactly: try row.decode(Int64.self, atIndex: 1)),
            let collection = UInt32(exactly: try row.decode(Int64.self, atIndex: 2)),
            let field = UInt32(exactly: try row.decode(Int64.self, atIndex: 4)),
            let writer = writers[try row.decode(Int64.self, atIndex: 5)],
            let epoch = UInt32(exactly: try row.decode(Int64.self, atIndex: 7)),
            let kind = UInt8(exactly: try row.decode(Int64.self, atIndex: 11))
                .flatMap(MergeKind.init(rawValue:))
        else {
            throw StoreError(
                .damaged, "\(path): a lost value is not one that any version writes")
        }
        return LostValue(
            reason: reason,
            key: CellKey(
                lane: Lane(rawValue: lane), collection: CollectionID(rawValue: collection),
                row: Array(try row.decode(Data.self, atIndex: 3)), field: FieldID(rawValue: field),
                item: Array(try row.decode(Data.self, atIndex: 10))),
            kind: kind,
            causalLength: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 12)),
            dot: Dot(
                writer: writer,
                sequence: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 6))),
            timestamp: HybridTimestamp(
                epoch: epoch, ticks: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 8))),
            value: Array(try row.decode(Data.self, atIndex: 9)))
    }
}
