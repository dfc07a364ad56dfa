import CausalTime
import ReplicaModel
import SyncEngine

/// Reads the range code of one chunk; text is filled in afterwards by ``CellAssembler``.
struct CellDecoder {
    private var code: RangeDecoder
    private var place: Int?

    init(_ code: [UInt8]) { self.code = RangeDecoder(code) }

    mutating func next(
        in segment: inout SegmentContext, _ reader: BodyReader
    ) throws(BodyFault) -> CellPlan {
        let before = place
        let own = try shape(&segment.models, reader)
        let shape = segment.models.shapes[own]
        let row = try row(isLater: before.map { own > $0 } ?? false, &segment.models, reader)
        let dot = try dot(
            ofOneOf: segment.writers, segment.counts, &segment.models, reader)
        var plan = CellPlan(place: own, shape: shape, row: row, dot: dot)
        if shape.kind.isStamped {
            plan.timestamp = try timestamp(
                of: dot, clock: segment.clock, &segment.models, reader)
        }
        if shape.kind.isStamped || shape.hasLife {
            plan.causalLength = segment.models.contents[own].life.decode(from: &code)
            guard plan.causalLength <= Cell.causalLengthMax else {
                throw reader.fault("a causal length too great", code: .tooLarge)
            }
            guard shape.kind.isStamped || plan.causalLength > 0 else {
                throw reader.fault("a causal length of 0")
            }
        }
        try content(of: &plan, &segment.models.contents[own], reader)
        return plan
    }

    // MARK: Parts

    private mutating func shape(
        _ models: inout CellModels, _ reader: BodyReader
    ) throws(BodyFault) -> Int {
        let own = models.successor[after: place].decode(from: &code)
        if own == UInt64(models.shapes.count) {
            let new = try description(&models, reader)
            guard models.shapes.count < CellModels.shapesMax, !models.shapes.contains(new) else {
                throw reader.fault("a shape that has come before, or too many")
            }
            models.add(new)
        }
        guard own < UInt64(models.shapes.count) else {
            throw reader.fault("a shape that has not come")
        }
        place = Int(own)
        return Int(own)
    }

    private mutating func description(
        _ models: inout CellModels, _ reader: BodyReader
    ) throws(BodyFault) -> CellShape {
        let before = models.shapes.last
        var collection = UInt64(before?.collection.rawValue ?? 0)
        if code.bit(&models.otherCollection) { collection = models.collection.decode(from: &code) }
        let field = models.field.decode(from: &code)
        var kind = UInt64(before?.kind.rawValue ?? 0)
        var form = UInt64(before?.form ?? 0)
        if code.bit(&models.otherKind) {
            kind = models.kind.decode(from: &code)
            form = models.form.decode(from: &code)
        }
        return try CellShape(
            collection: collection, field: field, kind: kind, form: form, reader)
    }

    private mutating func row(
        isLater: Bool, _ models: inout CellModels, _ reader: BodyReader
    ) throws(BodyFault) -> CellPlan.Row {
        if code.bit(&models.sameRow[isLater ? 1 : 0]) { return .same }
        if code.bit(&models.nextRow) { return .next }
        let shared = models.shared.decode(from: &code)
        let suffix = models.suffix.decode(from: &code)
        guard shared <= UInt64(CellKey.rowBytesMax), suffix <= UInt64(CellKey.rowBytesMax) else {
            throw reader.fault(
                "a row of more than \(CellKey.rowBytesMax) bytes", code: .tooLarge)
        }
        return .other(shared: Int(shared), suffix: Int(suffix))
    }

    /// Not the segment itself, which would be copied while its models change.
    private mutating func dot(
        ofOneOf writers: [VersionVector.Entry], _ counts: [UInt64], _ models: inout CellModels,
        _ reader: BodyReader
    ) throws(BodyFault) -> Dot {
        guard !writers.isEmpty else { throw reader.fault("cells under an empty claim") }
        let place = writers.count > 1 ? models.writer.decode(from: &code) : 0
        guard place < UInt64(writers.count) else {
            throw reader.fault("a writer that the claim does not raise")
        }
        let index = Int(place)
        let claimed = writers[index]
        let dot: Dot
        if let last = models.lastSequences[index], code.bit(&models.isNear) {
            let gap = models.gap.decode(from: &code)
            guard last < claimed.sequence, gap < claimed.sequence - last else {
                throw reader.fault("a sequence beyond the claim")
            }
            dot = Dot(writer: claimed.writer, sequence: last + 1 + gap)
        } else {
            dot = try claimed.dot(back: code.value(of: counts[index]), of: counts[index], reader)
        }
        models.lastSequences[index] = dot.sequence
        return dot
    }

    private mutating func timestamp(
        of dot: Dot, clock: HybridTimestamp, _ models: inout CellModels, _ reader: BodyReader
    ) throws(BodyFault) -> HybridTimestamp {
        let epoch =
            code.bit(&models.otherEpoch)
            ? models.epoch.decode(from: &code) : UInt64(clock.epoch)
        let forecast = models.stamps.forecast(of: dot)
        let milliseconds = try HybridTimestamp.milliseconds(
            forecast.milliseconds, plus: models.error[forecast.context].decode(from: &code),
            reader)
        let foretold = forecast.logical(at: milliseconds)
        let difference = models.logical[foretold.context].decode(from: &code)
        let logical = foretold.value &+ UInt64(bitPattern: difference.unzigzag)
        guard let epoch = UInt32(exactly: epoch), logical <= 0xffff else {
            throw reader.fault("a timestamp out of range")
        }
        let timestamp = HybridTimestamp(
            epoch: epoch, milliseconds: milliseconds, logical: logical)
        models.stamps.learn(dot, timestamp)
        return timestamp
    }

    private mutating func content(
        of plan: inout CellPlan, _ models: inout ContentModels, _ reader: BodyReader
    ) throws(BodyFault) {
        if plan.shape.hasItem {
            let length = models.itemLength.decode(from: &code)
            guard length <= UInt64(CellKey.itemBytesMax) else {
                throw reader.fault(
                    "an item of more than \(CellKey.itemBytesMax) bytes", code: .tooLarge)
            }
            guard length > 0 else { throw reader.fault("an item without bytes") }
            plan.itemLength = Int(length)
        }
        if plan.shape.kind == .counter {
            var value = ByteWriter()
            value.varint(models.amount.decode(from: &code))
            plan.value = .whole(value.bytes)
        }
        guard plan.shape.kind.hasCountedValue else { return }
        switch ValueForm(rawValue: models.form.decode(from: &code)) {
        case .known:
            let index = models.index.decode(from: &code)
            guard index < UInt64(models.announced) else {
                throw reader.fault("a value that has not come")
            }
            plan.value = .known(Int(index))
        case .integer:
            models.lastInteger = models.integer.decode(from: &code)
            plan.value = .whole(ValueText.value(ofInteger: models.lastInteger))
        case .difference:
            let difference = models.difference.decode(from: &code)
            models.lastInteger &+= UInt64(bitPattern: difference.unzigzag)
            plan.value = .whole(ValueText.value(ofInteger: models.lastInteger))
        case .digits: plan.value = .whole(try digits(&models, reader))
        case .text: plan.value = try text(tag: [ValueText.textTag], &models, reader)
        case .other: plan.value = try text(tag: [], &models, reader)
        case nil: throw reader.fault("a value of no form")
        }
    }

    private mutating func digits(
        _ models: inout ContentModels, _ reader: BodyReader
    ) throws(BodyFault) -> [UInt8] {
        let length = models.length.decode(from: &code)
        let shared = models.sharedDigits.decode(from: &code)
        guard length <= UInt64(ValueText.digitsMax), shared <= length,
            shared <= UInt64(models.lastDigits.count),
            let rest = ValueText.digits(Int(length - shared), from: &code)
        else { throw reader.fault("digits that are none") }
        models.lastDigits = models.lastDigits[..<Int(shared)] + rest
        return [ValueText.textTag] + models.lastDigits
    }

    private mutating func text(
        tag: [UInt8], _ models: inout ContentModels, _ reader: BodyReader
    ) throws(BodyFault) -> CellPlan.Value {
        let length = models.length.decode(from: &code)
        guard length <= UInt64(Cell.valueBytesMax - tag.count) else {
            throw reader.fault(
                "a value of more than \(Cell.valueBytesMax) bytes", code: .tooLarge)
        }
        if KnownValues.remembers(length: tag.count + Int(length), after: models.announced) {
            models.announced += 1
        }
        return .text(tag: tag, length: Int(length))
    }
}

/// A cell of which the text is still missing.
struct CellPlan {
    enum Row {
        case same
        case next
        case other(shared: Int, suffix: Int)
    }

    enum Value {
        case whole([UInt8])
        case known(Int)
        case text(tag: [UInt8], length: Int)
    }

    let place: Int
    let shape: CellShape
    let row: Row
    let dot: Dot
    var timestamp = HybridTimestamp.zero
    var causalLength: UInt64 = 0
    var itemLength = 0
    var value = Value.whole([])
}
