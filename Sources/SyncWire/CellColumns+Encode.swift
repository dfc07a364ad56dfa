import CausalTime
import ReplicaModel
import SyncEngine

extension SegmentContext {
    /// Writes cells that ``fault(in:lane:limits:)`` has found nothing wrong with.
    func write(
        _ cells: [Cell], after last: inout LastCell, by side: SyncSession.Role,
        limits: SessionLimits, writers: inout WriterTable, to out: inout ByteWriter
    ) throws(BodyFault) {
        out.varint(UInt64(cells.count))
        guard let final = cells.last else { return }
        writeShapes(of: cells, after: last, to: &out)
        writeRows(of: cells, after: last.row, to: &out)
        writeDots(of: cells, to: &out)
        writeStamps(of: cells.filter(\.kind.isStamped), to: &out)
        writeContents(of: cells, to: &out)
        let items = cells.map(\.key.item).filter { !$0.isEmpty }
        IntegerColumn.write(items.map { UInt64($0.count) }, to: &out)
        for item in items { out.raw(item) }
        IntegerColumn.write(
            cells.filter { CellShape(of: $0).hasLife }.map(\.causalLength), to: &out)
        for cell in cells where cell.kind.hasContext {
            try writers.write(cell.context, by: side, limits: limits, to: &out)
        }
        last = LastCell(shape: CellShape(of: final), row: final.key.row)
    }

    private func writeShapes(
        of cells: [Cell], after last: LastCell, to out: inout ByteWriter
    ) {
        var shapes: [CellShape] = []
        var places: [CellShape: UInt64] = [:]
        let indexes = cells.map { cell -> UInt64 in
            let shape = CellShape(of: cell)
            if let place = places[shape] { return place }
            let place = UInt64(shapes.count)
            places[shape] = place
            shapes.append(shape)
            return place
        }
        if shapes.count == 1, shapes[0] == last.shape {
            out.varint(0)
            return
        }
        out.varint(UInt64(shapes.count))
        for shape in shapes {
            out.varint(UInt64(shape.collection.rawValue))
            out.varint(UInt64(shape.field.rawValue))
            out.byte(shape.kind.rawValue | (shape.form == 0 ? 0 : CellShape.hasForm))
            if shape.form != 0 { out.byte(shape.form) }
        }
        if shapes.count > 1 { IntegerColumn.write(indexes, to: &out) }
    }

    private func writeRows(of cells: [Cell], after row: [UInt8], to out: inout ByteWriter) {
        var previous = row
        for cell in cells {
            let row = cell.key.row
            guard row != previous else {
                out.varint(0)
                continue
            }
            let shared = zip(previous, row).prefix { $0 == $1 }.count
            out.varint(UInt64(shared) + 1)
            out.counted(Array(row[shared...]))
            previous = row
        }
    }

    private func writeDots(of cells: [Cell], to out: inout ByteWriter) {
        let writers = cells.map { index(of: $0.dot.writer) ?? 0 }
        if claim.count > 1 { IntegerColumn.write(writers.map(UInt64.init), to: &out) }
        IntegerColumn.write(
            zip(cells, writers).map { claim[$1].sequence - $0.dot.sequence }, to: &out)
    }

    private func writeStamps(of cells: [Cell], to out: inout ByteWriter) {
        var previous = clock
        let differences = cells.map { cell in
            defer { previous = cell.timestamp.milliseconds }
            return HybridTimestamp.difference(from: previous, to: cell.timestamp.milliseconds)
        }
        IntegerColumn.write(cells.map { UInt64($0.timestamp.epoch) }, to: &out)
        IntegerColumn.write(differences, to: &out)
        IntegerColumn.write(cells.map(\.timestamp.logical), to: &out)
        IntegerColumn.write(cells.map(\.causalLength), to: &out)
    }

    private func writeContents(of cells: [Cell], to out: inout ByteWriter) {
        IntegerColumn.write(
            cells.filter { $0.kind == .counter }.map(\.amount), to: &out)
        let valued = cells.filter(\.kind.hasCountedValue)
        IntegerColumn.write(valued.map { UInt64($0.value.count) }, to: &out)
        for cell in valued { out.raw(cell.value) }
    }
}

extension MergeKind {
    /// Whether the value is sent as a length and bytes.
    ///
    /// A counter's is sent as a number, a row has none.
    var hasCountedValue: Bool { self != .counter && self != .vector && !isRow }
}
