import CausalTime
import ReplicaModel
import SyncEngine

extension SegmentContext {
    /// Reads the cells of a chunk.
    func readCells(
        in lane: Lane, after last: inout LastCell, by side: SyncSession.Role,
        limits: SessionLimits, writers: inout WriterTable, from reader: inout BodyReader
    ) throws(BodyFault) -> [Cell] {
        let count = try reader.count(atMost: limits.chunkCellsMax, of: "cells in a chunk")
        guard count > 0 else { return [] }
        // Every cell takes a byte in the column of rows at least.
        guard count <= reader.remaining else {
            throw reader.fault("\(count) cells in \(reader.remaining) bytes")
        }
        let shapes = try readShapes(count, after: last, from: &reader)
        let rows = try readRows(count, after: last.row, from: &reader)
        let dots = try readDots(count, from: &reader)
        let stamps = try readStamps(of: shapes, from: &reader)
        let values = try readValues(of: shapes, from: &reader)
        let items = try readItems(of: shapes, from: &reader)
        let lives = try readLives(of: shapes, from: &reader)
        let contexts = try readContexts(
            of: shapes, by: side, limits: limits, writers: &writers, from: &reader)
        let cells = (0..<count).map { index in
            let shape = shapes[index]
            return Cell(
                key: CellKey(
                    lane: lane, collection: shape.collection, row: rows[index],
                    field: shape.field, item: items[index],
                    owner: shape.kind.isOwned ? dots[index].writer : nil),
                kind: shape.kind, dot: dots[index], timestamp: stamps[index].timestamp,
                causalLength: shape.hasLife ? lives[index] : stamps[index].causalLength,
                context: contexts[index], value: values[index])
        }
        guard zip(cells, cells.dropFirst()).allSatisfy({ $0.key < $1.key }) else {
            throw reader.fault("the cells of a chunk are not ascending")
        }
        last = LastCell(shape: shapes[count - 1], row: rows[count - 1])
        return cells
    }

    private func readShapes(
        _ count: Int, after last: LastCell, from reader: inout BodyReader
    ) throws(BodyFault) -> [CellShape] {
        let distinct = try reader.varint(atMost: UInt64(count), of: "a number of shapes")
        if distinct == 0 {
            guard let shape = last.shape else {
                throw reader.fault("the shape of an earlier cell, where there is none")
            }
            return Array(repeating: shape, count: count)
        }
        var shapes: [CellShape] = []
        for _ in 0..<distinct { shapes.append(try readShape(from: &reader)) }
        if distinct == 1 { return Array(repeating: shapes[0], count: count) }
        let indexes = try IntegerColumn.read(count, from: &reader)
        guard indexes.allSatisfy({ $0 < distinct }) else {
            throw reader.fault("a shape that the chunk does not name")
        }
        return indexes.map { shapes[Int($0)] }
    }

    private func readShape(from reader: inout BodyReader) throws(BodyFault) -> CellShape {
        let numberMax = UInt64(UInt32.max)
        let collection = try reader.varint(atMost: numberMax, of: "a collection")
        let field = try reader.varint(atMost: numberMax, of: "a field")
        let byte = try reader.byte()
        guard let kind = MergeKind(rawValue: byte & ~CellShape.hasForm) else {
            throw reader.fault("cell kind \(byte) is unknown")
        }
        guard kind.isRow == (field == 0) else {
            throw reader.fault("a \(kind) as field \(field); field 0 is the row, and no other is")
        }
        var shape = CellShape(
            collection: CollectionID(rawValue: UInt32(collection)),
            field: FieldID(rawValue: UInt32(field)), kind: kind)
        if byte & CellShape.hasForm != 0 {
            let form = try reader.byte()
            shape.hasItem = form & CellShape.itemBit != 0
            shape.hasLife = form & CellShape.lifeBit != 0
            guard form != 0, form == shape.form, !shape.hasItem || !kind.isRow,
                !shape.hasLife || !kind.isStamped
            else { throw reader.fault("form \(form) of a \(kind)") }
        }
        return shape
    }

    private func readRows(
        _ count: Int, after row: [UInt8], from reader: inout BodyReader
    ) throws(BodyFault) -> [[UInt8]] {
        var rows: [[UInt8]] = []
        var row = row
        for _ in 0..<count {
            let shared = try reader.varint(
                atMost: UInt64(row.count) + 1, of: "bytes shared with the row before, plus one,")
            if shared > 0 {
                let length = try reader.count(
                    atMost: CellKey.rowBytesMax - (Int(shared) - 1), of: "bytes in a row's suffix")
                let suffix = try reader.raw(length)
                row = row[..<(Int(shared) - 1)] + suffix
            }
            rows.append(row)
        }
        return rows
    }

    private func readDots(
        _ count: Int, from reader: inout BodyReader
    ) throws(BodyFault) -> [Dot] {
        guard !claim.isEmpty else { throw reader.fault("cells under an empty claim") }
        var writers = [UInt64](repeating: 0, count: count)
        if claim.count > 1 { writers = try IntegerColumn.read(count, from: &reader) }
        let backwards = try IntegerColumn.read(count, from: &reader)
        var dots: [Dot] = []
        for (writer, back) in zip(writers, backwards) {
            guard writer < UInt64(claim.count) else {
                throw reader.fault("a writer that the claim does not name")
            }
            let entry = claim[Int(writer)]
            guard back < entry.sequence else { throw reader.fault("a sequence below 1") }
            dots.append(Dot(writer: entry.writer, sequence: entry.sequence - back))
        }
        return dots
    }

    private struct Stamp {
        var timestamp = HybridTimestamp.zero
        var causalLength: UInt64 = 0
    }

    /// One stamp for every cell; those of cells that are not stamped are zero.
    private func readStamps(
        of shapes: [CellShape], from reader: inout BodyReader
    ) throws(BodyFault) -> [Stamp] {
        var stamps = [Stamp](repeating: Stamp(), count: shapes.count)
        let stamped = shapes.indices.filter { shapes[$0].kind.isStamped }
        let epochs = try IntegerColumn.read(stamped.count, from: &reader)
        let differences = try IntegerColumn.read(stamped.count, from: &reader)
        let logicals = try IntegerColumn.read(stamped.count, from: &reader)
        let lengths = try IntegerColumn.read(stamped.count, from: &reader)
        var milliseconds = clock
        for (column, index) in stamped.enumerated() {
            guard let epoch = UInt32(exactly: epochs[column]), logicals[column] <= 0xffff else {
                throw reader.fault("a timestamp out of range")
            }
            guard lengths[column] <= Cell.causalLengthMax else {
                throw reader.fault("a causal length too great", code: .tooLarge)
            }
            milliseconds = try HybridTimestamp.milliseconds(
                milliseconds, plus: differences[column], reader)
            stamps[index] = Stamp(
                timestamp: HybridTimestamp(
                    epoch: epoch, milliseconds: milliseconds, logical: logicals[column]),
                causalLength: lengths[column])
        }
        return stamps
    }

    /// One value for every cell; that of a row is empty.
    private func readValues(
        of shapes: [CellShape], from reader: inout BodyReader
    ) throws(BodyFault) -> [[UInt8]] {
        var values = [[UInt8]](repeating: [], count: shapes.count)
        let counters = shapes.indices.filter { shapes[$0].kind == .counter }
        let amounts = try IntegerColumn.read(counters.count, from: &reader)
        for (index, amount) in zip(counters, amounts) {
            var value = ByteWriter()
            value.varint(amount)
            values[index] = value.bytes
        }
        let valued = shapes.indices.filter { shapes[$0].kind.hasCountedValue }
        let lengths = try IntegerColumn.read(valued.count, from: &reader)
        for (index, length) in zip(valued, lengths) {
            guard length <= UInt64(Cell.valueBytesMax) else {
                throw reader.fault(
                    "a value of more than \(Cell.valueBytesMax) bytes", code: .tooLarge)
            }
            values[index] = try reader.raw(Int(length))
        }
        return values
    }
}
