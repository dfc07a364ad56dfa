import CausalTime
import ReplicaModel
import SyncEngine

extension SegmentContext {
    /// Reads the cells of a chunk.
    mutating func readCells(
        in lane: Lane, after last: inout LastCell, by side: SyncSession.Role,
        limits: SessionLimits, writers table: inout WriterTable, from body: inout BodyParts,
        atMost budget: Int
    ) throws(BodyFault) -> [Cell] {
        let count = try body.plain.count(atMost: limits.chunkCellsMax, of: "cells in a chunk")
        guard count > 0 else { return [] }
        let length = try body.plain.count(
            atMost: body.plain.remaining, of: "bytes of range code")
        let code = try body.plain.raw(length)
        var left = budget
        let plans = try plans(count, from: code, atMost: &left, body.plain)
        let cells = try body.readText { text throws(BodyFault) in
            try assemble(
                plans, in: lane, after: last, by: side, limits: limits, writers: &table,
                from: &text, atMost: &left)
        }
        guard zip(cells, cells.dropFirst()).allSatisfy({ $0.key < $1.key }) else {
            throw body.plain.fault("the cells of a chunk are not ascending")
        }
        if let final = cells.last {
            last = LastCell(shape: CellShape(of: final), row: final.key.row)
        }
        return cells
    }

    private mutating func plans(
        _ count: Int, from code: [UInt8], atMost left: inout Int, _ reader: BodyReader
    ) throws(BodyFault) -> [CellPlan] {
        var decoder = CellDecoder(code)
        var plans: [CellPlan] = []
        for _ in 0..<count {
            let plan = try decoder.next(in: &self, reader)
            left -= plan.bytesMin
            guard left >= 0 else { throw Self.bomb(reader) }
            plans.append(plan)
        }
        return plans
    }

    private static func bomb(_ reader: BodyReader) -> BodyFault {
        reader.fault("a few bytes that stand for too much", code: .tooLarge)
    }

    private mutating func assemble(
        _ plans: [CellPlan], in lane: Lane, after last: LastCell, by side: SyncSession.Role,
        limits: SessionLimits, writers table: inout WriterTable, from text: inout BodyReader,
        atMost left: inout Int
    ) throws(BodyFault) -> [Cell] {
        var assembler = CellAssembler(after: last, text: text, plans)
        var cells: [Cell] = []
        cells.reserveCapacity(plans.count)
        for plan in plans {
            let cell = try assembler.cell(plan, in: lane, &models)
            left -= cell.key.row.count + cell.value.count
            guard left >= 0 else { throw Self.bomb(text) }
            cells.append(cell)
        }
        text = assembler.rest
        for index in cells.indices where cells[index].kind.hasContext {
            cells[index] = cells[index].with(
                context: try table.readVector(by: side, limits: limits, from: &text))
        }
        return cells
    }

    /// The write of the writer at a place, so many before the last that is claimed.
    func dot(of place: UInt64, back: UInt64, _ reader: BodyReader) throws(BodyFault) -> Dot {
        guard place < UInt64(writers.count) else {
            throw reader.fault("a writer that the claim does not raise")
        }
        return try writers[Int(place)].dot(back: back, of: counts[Int(place)], reader)
    }
}

extension VersionVector.Entry {
    /// The write so many before the last that is claimed; `count` writes may have been.
    func dot(back: UInt64, of count: UInt64, _ reader: BodyReader) throws(BodyFault) -> Dot {
        guard back < count else { throw reader.fault("a write that the segment builds on") }
        return Dot(writer: writer, sequence: sequence - back)
    }
}

extension CellPlan {
    /// What the cell counts for limits, without row and value.
    fileprivate var bytesMin: Int { 32 + itemLength }
}

/// Brings the text of a chunk together with what the range code says.
///
/// The ends of rows come first, then for each shape the items and values of its cells.
private struct CellAssembler {
    private var rows: BodyReader
    private var texts: [BodyReader]
    /// What follows the text.
    let rest: BodyReader
    private var row: [UInt8]

    init(after last: LastCell, text: BodyReader, _ plans: [CellPlan]) {
        row = last.row
        var lengths = [Int](repeating: 0, count: (plans.map(\.place).max() ?? 0) + 1)
        var rowBytes = 0
        for plan in plans {
            if case .other(_, let suffix) = plan.row { rowBytes += suffix }
            lengths[plan.place] += plan.itemLength
            if case .text(_, let length) = plan.value { lengths[plan.place] += length }
        }
        rows = text
        var next = text
        next.skip(rowBytes)
        texts = []
        for length in lengths {
            texts.append(next)
            next.skip(length)
        }
        rest = next
    }

    mutating func cell(
        _ plan: CellPlan, in lane: Lane, _ models: inout CellModels
    ) throws(BodyFault) -> Cell {
        try advanceRow(plan.row)
        let item = try texts[plan.place].raw(plan.itemLength)
        let value: [UInt8]
        switch plan.value {
        case .whole(let bytes): value = bytes
        case .known(let index): value = models.contents[plan.place].known.values[index]
        case .text(let tag, let length):
            value = tag + (try texts[plan.place].raw(length))
            models.contents[plan.place].known.add(value)
        }
        let shape = plan.shape
        return Cell(
            key: CellKey(
                lane: lane, collection: shape.collection, row: row, field: shape.field,
                item: item, owner: shape.kind.isOwned ? plan.dot.writer : nil),
            kind: shape.kind, dot: plan.dot, timestamp: plan.timestamp,
            causalLength: plan.causalLength, value: value)
    }

    private mutating func advanceRow(_ step: CellPlan.Row) throws(BodyFault) {
        switch step {
        case .same: break
        case .next:
            guard let next = ValueText.next(after: row) else {
                throw rows.fault("the row after one that has none")
            }
            row = next
        case .other(let shared, let suffix):
            guard shared <= row.count else {
                throw rows.fault("a row that shares more than there is")
            }
            guard shared + suffix <= CellKey.rowBytesMax else {
                throw rows.fault(
                    "a row of more than \(CellKey.rowBytesMax) bytes", code: .tooLarge)
            }
            row = row[..<shared] + (try rows.raw(suffix))
        }
    }
}
