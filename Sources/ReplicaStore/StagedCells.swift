import CausalTime
import Foundation
internal import GRDB
import ReplicaModel

/// The table `staged`: parts of segments that arrived before a cut.
///
/// Nothing of it is visible. A row is one chunk, with exactly the writes that it carried, in a form
/// that depends on nothing else; one that is damaged is dropped, because it can be sent again.
struct StagedCells {
    let db: Database

    /// How many bytes are kept; beyond that the oldest chunks go.
    static let bytesMax = 64 << 20

    /// A chunk.
    struct Chunk {
        let id: Int64
        let lane: Lane
        let claim: VersionVector
        let cells: [Cell]
    }

    func add(_ cells: [Cell], of lane: Lane, claim: VersionVector) throws {
        let bytes = Self.encoded(cells, claim: claim)
        try db.cachedStatement(sql: "INSERT INTO staged (lane, chunk) VALUES (?, ?)")
            .execute(arguments: [Int64(lane.rawValue), Data(bytes)])
        let size = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT sum(length(chunk)) FROM staged"))
        if size ?? 0 > Self.bytesMax {
            try db.execute(sql: "DELETE FROM staged WHERE id = (SELECT min(id) FROM staged)")
        }
    }

    /// The chunks of a lane, or of all, the oldest first; those that cannot be read are left out.
    func chunks(of lane: Lane? = nil) throws -> [Chunk] {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT id, lane, chunk FROM staged WHERE lane = coalesce(?, lane) ORDER BY id",
            arguments: [lane.map { Int64($0.rawValue) }])
        return try rows.compactMap { row in
            let lane = Lane(
                rawValue: UInt8(truncatingIfNeeded: try row.decode(Int64.self, atIndex: 1)))
            let bytes = Array(try row.decode(Data.self, atIndex: 2))
            guard let (claim, cells) = Self.decoded(bytes, lane: lane) else { return nil }
            return Chunk(
                id: try row.decode(Int64.self, atIndex: 0), lane: lane, claim: claim, cells: cells)
        }
    }

    /// Whether anything is staged.
    func isHoldingAny() throws -> Bool {
        try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM staged)")) ?? false
    }

    /// All writes that are staged.
    func dots() throws -> [Lane: DotSet] {
        var dots: [Lane: [Dot]] = [:]
        for chunk in try chunks() { dots[chunk.lane, default: []] += chunk.cells.map(\.dot) }
        return dots.mapValues { DotSet($0) }
    }

    /// Drops the chunks that say nothing new, those whose sender had not seen the frontier, which
    /// may hold what has been forgotten, and those that are damaged.
    func tidy(_ lane: Lane, seen: VersionVector, frontier: VersionVector) throws {
        let rows = try Row.fetchAll(
            db, sql: "SELECT id, chunk FROM staged WHERE lane = ?",
            arguments: [Int64(lane.rawValue)])
        for row in rows {
            let claim = Self.claim(of: Array(try row.decode(Data.self, atIndex: 1)))
            if let claim, !seen.dominates(claim), claim.dominates(frontier) { continue }
            try db.cachedStatement(sql: "DELETE FROM staged WHERE id = ?")
                .execute(arguments: [try row.decode(Int64.self, atIndex: 0)])
        }
    }

    // MARK: Bytes

    private static func encoded(_ cells: [Cell], claim: VersionVector) -> [UInt8] {
        var out = ByteWriter(reserving: cells.count * 48)
        claim.write(to: &out)
        out.varint(UInt64(cells.count))
        for cell in cells {
            out.varint(UInt64(cell.key.collection.rawValue))
            out.counted(cell.key.row)
            out.varint(UInt64(cell.key.field.rawValue))
            out.counted(cell.key.item)
            out.byte(cell.kind.rawValue)
            out.fixed64(cell.dot.writer.high)
            out.fixed64(cell.dot.writer.low)
            out.varint(cell.dot.sequence)
            out.varint(UInt64(cell.timestamp.epoch))
            out.varint(cell.timestamp.ticks)
            out.varint(cell.causalLength)
            cell.context.write(to: &out)
            out.counted(cell.value)
        }
        out.fixed64(StableHash.hash64(out.bytes))
        return out.bytes
    }

    /// What precedes the hash; nothing if that is not its hash.
    private static func content(of bytes: [UInt8]) -> ByteReader? {
        guard bytes.count > 8 else { return nil }
        let content = Array(bytes.dropLast(8))
        var end = ByteReader(Array(bytes.suffix(8)))
        do {
            return try end.fixed64() == StableHash.hash64(content) ? ByteReader(content) : nil
        } catch {
            return nil
        }
    }

    /// The claim of a chunk; nothing if it is damaged.
    private static func claim(of bytes: [UInt8]) -> VersionVector? {
        guard var reader = content(of: bytes) else { return nil }
        do { return try VersionVector(from: &reader) } catch { return nil }
    }

    private static func decoded(
        _ bytes: [UInt8], lane: Lane
    ) -> (claim: VersionVector, cells: [Cell])? {
        guard var reader = content(of: bytes) else { return nil }
        do {
            let claim = try VersionVector(from: &reader)
            let count = try reader.count(atMost: reader.remaining, of: "cells")
            var cells: [Cell] = []
            for _ in 0..<count { cells.append(try cell(in: lane, from: &reader)) }
            guard reader.remaining == 0 else { return nil }
            return (claim, cells)
        } catch {
            return nil
        }
    }

    private static func cell(
        in lane: Lane, from reader: inout ByteReader
    ) throws(ByteReader.Fault) -> Cell {
        let collection = UInt32(truncatingIfNeeded: try reader.varint())
        let row = try reader.counted(atMost: CellKey.rowBytesMax, of: "bytes in a row")
        let field = UInt32(truncatingIfNeeded: try reader.varint())
        let item = try reader.counted(atMost: CellKey.itemBytesMax, of: "bytes in an item")
        guard let kind = MergeKind(rawValue: try reader.byte()) else {
            throw reader.fault("a kind of cell")
        }
        let writer = WriterID(high: try reader.fixed64(), low: try reader.fixed64())
        let dot = Dot(writer: writer, sequence: try reader.varint())
        let epoch = UInt32(truncatingIfNeeded: try reader.varint())
        let timestamp = HybridTimestamp(epoch: epoch, ticks: try reader.varint())
        let causalLength = try reader.varint()
        let context = try VersionVector(from: &reader)
        return Cell(
            key: CellKey(
                lane: lane, collection: CollectionID(rawValue: collection), row: row,
                field: FieldID(rawValue: field), item: item, owner: kind.isOwned ? writer : nil),
            kind: kind, dot: dot, timestamp: timestamp, causalLength: causalLength,
            context: context,
            value: try reader.counted(atMost: Cell.valueBytesMax, of: "bytes in a value"))
    }
}
