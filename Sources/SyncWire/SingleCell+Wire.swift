import CausalTime
import ReplicaModel
import SyncEngine

/// A chunk of one cell, as most pushes are: no columns, and what is usual costs nothing.
extension SegmentContext {
    /// Writes a cell that ``fault(in:lane:limits:)`` has found nothing wrong with.
    mutating func writeSingle(
        _ cell: Cell, after last: inout LastCell, by side: SyncSession.Role,
        limits: SessionLimits, writers table: inout WriterTable, to out: inout ByteWriter,
        text: inout ByteWriter
    ) throws(BodyFault) {
        let shape = CellShape(of: cell)
        let detail = detail(of: cell, shape, after: last)
        out.byte(detail)
        if detail & SingleCell.isSameShape == 0 { shape.write(to: &out) }
        if detail & SingleCell.isSameRow == 0 { last.writeRow(cell.key.row, to: &out) }
        if detail & SingleCell.isLatest == 0 {
            let place = index(of: cell.dot.writer) ?? 0
            if writers.count > 1 { out.varint(UInt64(place)) }
            out.varint(writers[place].sequence - cell.dot.sequence)
        }
        if cell.kind.isStamped {
            if detail & SingleCell.isAtClock == 0 { cell.timestamp.write(to: &out, in: self) }
            models.stamps.learn(cell.dot, cell.timestamp)
        }
        if detail >> SingleCell.lifeShift & SingleCell.lifeMask == SingleCell.lifeFollows {
            out.varint(cell.causalLength)
        }
        if shape.hasItem { out.counted(cell.key.item) }
        if cell.kind.hasContext {
            try table.write(cell.context, by: side, limits: limits, to: &out)
        }
        // Nothing comes after the value, so it needs no length.
        if cell.kind == .counter { out.varint(cell.amount) }
        if cell.kind.hasCountedValue {
            let isTagged = detail & (SingleCell.isInteger | SingleCell.isText) == 0
            text.raw(isTagged ? cell.value : Array(cell.value.dropFirst()))
        }
        last = LastCell(shape: shape, row: cell.key.row)
    }

    private func detail(of cell: Cell, _ shape: CellShape, after last: LastCell) -> UInt8 {
        var detail: UInt8 = 0
        if cell.kind.isStamped, cell.timestamp == clock { detail |= SingleCell.isAtClock }
        if cell.kind.isStamped || shape.hasLife {
            let life = cell.causalLength > 1 ? SingleCell.lifeFollows : UInt8(cell.causalLength)
            detail |= life << SingleCell.lifeShift
        }
        if cell.dot == latest { detail |= SingleCell.isLatest }
        if last.shape != nil, cell.key.row == last.row { detail |= SingleCell.isSameRow }
        if shape == last.shape { detail |= SingleCell.isSameShape }
        guard cell.kind.hasCountedValue else { return detail }
        if cell.value.first == ValueText.integerTag { detail |= SingleCell.isInteger }
        if cell.value.first == ValueText.textTag { detail |= SingleCell.isText }
        return detail
    }

    /// The latest write of the first writer.
    private var latest: Dot? {
        writers.first.map { Dot(writer: $0.writer, sequence: $0.sequence) }
    }

    /// Reads what ``writeSingle(_:after:by:limits:writers:to:)`` wrote.
    mutating func readSingle(
        in lane: Lane, after last: inout LastCell, by side: SyncSession.Role,
        limits: SessionLimits, writers table: inout WriterTable, from body: inout BodyParts
    ) throws(BodyFault) -> Cell {
        var reader = body.plain
        let detail = try reader.byte()
        let shape = try readShape(detail, after: last, from: &reader)
        let row = try readRow(detail, after: last, from: &reader)
        let dot = try readDot(detail, from: &reader)
        var timestamp = HybridTimestamp.zero
        if shape.kind.isStamped {
            timestamp =
                detail & SingleCell.isAtClock != 0
                ? clock : try HybridTimestamp(in: self, from: &reader)
            models.stamps.learn(dot, timestamp)
        } else if detail & SingleCell.isAtClock != 0 {
            throw reader.fault("a timestamp of a \(shape.kind)")
        }
        let causalLength = try readLife(detail, shape, from: &reader)
        var item: [UInt8] = []
        if shape.hasItem {
            let length = try reader.count(
                atMost: CellKey.itemBytesMax, of: "bytes in an item")
            guard length > 0 else { throw reader.fault("an item without bytes") }
            item = try reader.raw(length)
        }
        let context =
            shape.kind.hasContext
            ? try table.readVector(by: side, limits: limits, from: &reader) : VersionVector()
        body.plain = reader
        let tag = try Self.tag(detail, shape.kind, reader)
        let value =
            try tag + readValue(shape.kind, bytesMax: Cell.valueBytesMax - tag.count, from: &body)
        last = LastCell(shape: shape, row: row)
        return Cell(
            key: CellKey(
                lane: lane, collection: shape.collection, row: row, field: shape.field,
                item: item, owner: shape.kind.isOwned ? dot.writer : nil),
            kind: shape.kind, dot: dot, timestamp: timestamp, causalLength: causalLength,
            context: context, value: value)
    }

    private func readShape(
        _ detail: UInt8, after last: LastCell, from reader: inout BodyReader
    ) throws(BodyFault) -> CellShape {
        guard detail & SingleCell.isSameShape != 0 else { return try CellShape(from: &reader) }
        guard let shape = last.shape else {
            throw reader.fault("the shape of an earlier cell, where there is none")
        }
        return shape
    }

    private func readRow(
        _ detail: UInt8, after last: LastCell, from reader: inout BodyReader
    ) throws(BodyFault) -> [UInt8] {
        guard detail & SingleCell.isSameRow != 0 else { return try last.readRow(from: &reader) }
        guard last.shape != nil else {
            throw reader.fault("the row of an earlier cell, where there is none")
        }
        return last.row
    }

    private func readDot(
        _ detail: UInt8, from reader: inout BodyReader
    ) throws(BodyFault) -> Dot {
        guard detail & SingleCell.isLatest == 0 else {
            guard let latest else { throw reader.fault("a cell under an empty claim") }
            return latest
        }
        let place = writers.count > 1 ? try reader.varint() : 0
        return try dot(of: place, back: try reader.varint(), reader)
    }

    private func readLife(
        _ detail: UInt8, _ shape: CellShape, from reader: inout BodyReader
    ) throws(BodyFault) -> UInt64 {
        let life = detail >> SingleCell.lifeShift & SingleCell.lifeMask
        guard life <= SingleCell.lifeFollows else {
            throw reader.fault("a causal length of no kind")
        }
        let length = life == SingleCell.lifeFollows ? try reader.varint() : UInt64(life)
        guard length <= Cell.causalLengthMax else {
            throw reader.fault("a causal length too great", code: .tooLarge)
        }
        guard shape.kind.isStamped || shape.hasLife == (length > 0) else {
            throw reader.fault("a causal length of \(length) of a \(shape.kind)")
        }
        return length
    }

    /// What was left out of the value.
    private static func tag(
        _ detail: UInt8, _ kind: MergeKind, _ reader: BodyReader
    ) throws(BodyFault) -> [UInt8] {
        switch detail & (SingleCell.isInteger | SingleCell.isText) {
        case 0: return []
        case SingleCell.isInteger where kind.hasCountedValue: return [ValueText.integerTag]
        case SingleCell.isText where kind.hasCountedValue: return [ValueText.textTag]
        default: throw reader.fault("a value of two types, or of a \(kind)")
        }
    }

    private func readValue(
        _ kind: MergeKind, bytesMax: Int, from body: inout BodyParts
    ) throws(BodyFault) -> [UInt8] {
        if kind == .counter {
            var value = ByteWriter()
            value.varint(try body.plain.varint())
            return value.bytes
        }
        guard kind.hasCountedValue else { return [] }
        return try body.readText { text throws(BodyFault) in
            guard text.remaining <= bytesMax else {
                throw text.fault(
                    "a value of more than \(Cell.valueBytesMax) bytes", code: .tooLarge)
            }
            return try text.raw(text.remaining)
        }
    }
}

extension LastCell {
    /// Writes a row as what it does not share with this cell's.
    func writeRow(_ row: [UInt8], to out: inout ByteWriter) {
        let shared = zip(self.row, row).prefix { $0 == $1 }.count
        if !self.row.isEmpty { out.varint(UInt64(shared)) }
        out.counted(Array(row[shared...]))
    }

    /// Reads what ``writeRow(_:to:)`` wrote.
    func readRow(from reader: inout BodyReader) throws(BodyFault) -> [UInt8] {
        let shared =
            row.isEmpty
            ? 0 : try reader.varint(atMost: UInt64(row.count), of: "bytes shared with a row")
        let length = try reader.count(
            atMost: CellKey.rowBytesMax - Int(shared), of: "bytes in a row's suffix")
        return row[..<Int(shared)] + (try reader.raw(length))
    }
}

extension HybridTimestamp {
    /// Writes a timestamp of a single cell: how far it is from the segment's clock.
    fileprivate func write(to out: inout ByteWriter, in segment: SegmentContext) {
        out.varint(Self.difference(from: segment.clock.milliseconds, to: milliseconds))
        out.varint(UInt64(epoch))
        out.varint(logical)
    }

    fileprivate init(
        in segment: SegmentContext, from reader: inout BodyReader
    ) throws(BodyFault) {
        try self.init(after: segment.clock, isPlain: false, from: &reader)
    }
}
