import CausalTime
import ReplicaModel
import SyncEngine

/// Writes the cells of one chunk: what is foretold by the models into a range code, text beside it
/// for the compressed stream.
struct CellEncoder {
    private var code = RangeEncoder()
    /// The ends of rows.
    private var rows: [UInt8] = []
    /// Items and values, those of one shape together: they resemble each other.
    private var texts: [[UInt8]]
    private var previous: LastCell
    private var place: Int?

    init(after last: LastCell, shapes: Int) {
        previous = last
        texts = Array(repeating: [], count: shapes)
        place = nil
    }

    /// The range code of all cells.
    mutating func finish() -> [UInt8] { code.finish() }

    /// What belongs into the compressed stream, but for contexts.
    var text: [UInt8] { rows + texts.joined() }

    mutating func encode(_ cell: Cell, in segment: inout SegmentContext) {
        let shape = CellShape(of: cell)
        let before = place
        let own = encode(shape, &segment.models)
        encode(row: cell.key.row, isLater: before.map { own > $0 } ?? false, &segment.models)
        let writer = segment.index(of: cell.dot.writer) ?? 0
        if segment.writers.count > 1 {
            segment.models.writer.encode(UInt64(writer), to: &code)
        }
        encode(
            cell.dot.sequence, of: writer, through: segment.writers[writer].sequence,
            count: segment.counts[writer], &segment.models)
        if cell.kind.isStamped {
            encode(cell.timestamp, of: cell.dot, clock: segment.clock, &segment.models)
        }
        if cell.kind.isStamped || shape.hasLife {
            segment.models.contents[own].life.encode(cell.causalLength, to: &code)
        }
        encodeContent(of: cell, shape, own, &segment.models.contents[own])
        previous = LastCell(shape: shape, row: cell.key.row)
    }

    // MARK: Parts

    private mutating func encode(_ shape: CellShape, _ models: inout CellModels) -> Int {
        let known = models.shapes.firstIndex(of: shape)
        let own = known ?? models.shapes.count
        models.successor[after: place].encode(UInt64(own), to: &code)
        if known == nil { describe(shape, &models) }
        place = own
        return own
    }

    private mutating func describe(_ shape: CellShape, _ models: inout CellModels) {
        let before = models.shapes.last
        let otherCollection = shape.collection != before?.collection
        code.encode(otherCollection, &models.otherCollection)
        if otherCollection {
            models.collection.encode(UInt64(shape.collection.rawValue), to: &code)
        }
        models.field.encode(UInt64(shape.field.rawValue), to: &code)
        let otherKind = shape.kind != before?.kind || shape.form != before?.form
        code.encode(otherKind, &models.otherKind)
        if otherKind {
            models.kind.encode(UInt64(shape.kind.rawValue), to: &code)
            models.form.encode(UInt64(shape.form), to: &code)
        }
        models.add(shape)
        texts.append([])
    }

    private mutating func encode(row: [UInt8], isLater: Bool, _ models: inout CellModels) {
        let isSame = row == previous.row
        code.encode(isSame, &models.sameRow[isLater ? 1 : 0])
        guard !isSame else { return }
        let isNext = ValueText.next(after: previous.row) == row
        code.encode(isNext, &models.nextRow)
        guard !isNext else { return }
        let shared = zip(previous.row, row).prefix { $0 == $1 }.count
        models.shared.encode(UInt64(shared), to: &code)
        models.suffix.encode(UInt64(row.count - shared), to: &code)
        rows += row[shared...]
    }

    /// `count` writes of the writer may have been claimed, the last of which is `claimed`.
    private mutating func encode(
        _ sequence: UInt64, of writer: Int, through claimed: UInt64, count: UInt64,
        _ models: inout CellModels
    ) {
        let last = models.lastSequences[writer]
        let gap = last.map { sequence &- $0 &- 1 } ?? .max
        if last != nil { code.encode(gap < CellModels.nearMax, &models.isNear) }
        if gap < CellModels.nearMax {
            models.gap.encode(gap, to: &code)
        } else {
            code.encode(claimed - sequence, of: count)
        }
        models.lastSequences[writer] = sequence
    }

    private mutating func encode(
        _ timestamp: HybridTimestamp, of dot: Dot, clock: HybridTimestamp,
        _ models: inout CellModels
    ) {
        code.encode(timestamp.epoch != clock.epoch, &models.otherEpoch)
        if timestamp.epoch != clock.epoch {
            models.epoch.encode(UInt64(timestamp.epoch), to: &code)
        }
        let forecast = models.stamps.forecast(of: dot)
        models.error[forecast.context].encode(
            HybridTimestamp.difference(from: forecast.milliseconds, to: timestamp.milliseconds),
            to: &code)
        let logical = forecast.logical(at: timestamp.milliseconds)
        models.logical[logical.context].encode(
            HybridTimestamp.difference(from: logical.value, to: timestamp.logical), to: &code)
        models.stamps.learn(dot, timestamp)
    }

    private mutating func encodeContent(
        of cell: Cell, _ shape: CellShape, _ own: Int, _ models: inout ContentModels
    ) {
        if shape.hasItem {
            models.itemLength.encode(UInt64(cell.key.item.count), to: &code)
            texts[own] += cell.key.item
        }
        if cell.kind == .counter { models.amount.encode(cell.amount, to: &code) }
        guard cell.kind.hasCountedValue else { return }
        let value = cell.value
        if let integer = ValueText.integer(value) {
            encode(integer, &models)
        } else if let place = models.known.place(of: value) {
            models.form.encode(ValueForm.known.rawValue, to: &code)
            models.index.encode(UInt64(place), to: &code)
        } else if let digits = ValueText.digits(value) {
            encode(digits, &models)
        } else {
            let isText = value.first == ValueText.textTag
            models.form.encode(
                (isText ? ValueForm.text : .other).rawValue, to: &code)
            let kept = isText ? value.dropFirst() : value[...]
            models.length.encode(UInt64(kept.count), to: &code)
            texts[own] += kept
            models.known.add(value)
        }
    }

    private mutating func encode(_ integer: UInt64, _ models: inout ContentModels) {
        let difference = Int64(bitPattern: integer &- models.lastInteger).zigzag
        let isNearer = difference.leadingZeroBitCount > integer.leadingZeroBitCount + 4
        models.form.encode(
            (isNearer ? ValueForm.difference : .integer).rawValue, to: &code)
        if isNearer {
            models.difference.encode(difference, to: &code)
        } else {
            models.integer.encode(integer, to: &code)
        }
        models.lastInteger = integer
    }

    private mutating func encode(_ digits: [UInt8], _ models: inout ContentModels) {
        models.form.encode(ValueForm.digits.rawValue, to: &code)
        models.length.encode(UInt64(digits.count), to: &code)
        let shared = zip(models.lastDigits, digits).prefix { $0 == $1 }.count
        models.sharedDigits.encode(UInt64(shared), to: &code)
        ValueText.encode(digits: digits[shared...], to: &code)
        models.lastDigits = digits
    }
}

extension SegmentContext {
    /// Writes cells that ``fault(in:lane:limits:)`` has found nothing wrong with: their number and
    /// the range code to `out`, the rest to `text`.
    mutating func write(
        _ cells: [Cell], after last: inout LastCell, by side: SyncSession.Role,
        limits: SessionLimits, writers table: inout WriterTable, to out: inout ByteWriter,
        text: inout ByteWriter
    ) throws(BodyFault) {
        out.varint(UInt64(cells.count))
        guard let final = cells.last else { return }
        var encoder = CellEncoder(after: last, shapes: models.shapes.count)
        for cell in cells { encoder.encode(cell, in: &self) }
        out.counted(encoder.finish())
        text.raw(encoder.text)
        for cell in cells where cell.kind.hasContext {
            try table.write(cell.context, by: side, limits: limits, to: &text)
        }
        last = LastCell(shape: CellShape(of: final), row: final.key.row)
    }
}

extension MergeKind {
    /// Whether the value is sent as bytes.
    ///
    /// A counter's is sent as a number, a row has none.
    var hasCountedValue: Bool { self != .counter && self != .vector && !isRow }
}
