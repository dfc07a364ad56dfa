/// A right that one holder at a time has, handed on between two without asking anyone else.
///
/// Whoever holds it may offer it to another. An offer is final: the offerer stops using the right
/// in the very transaction that makes the offer, and only the other one decides, by accepting or
/// declining. Should holder or offer be lost, an authority overrides: it says who holds the right
/// from now on, under its term and a number. Of all that was written the greatest (life, term,
/// number, generation, phase) counts. Two authorities that override at once under one term and
/// number leave the right contested: nobody may use it until it is overridden again.
///
/// One cell of each writer that took part, of which the frontier leaves the latest.
public struct Exclusive<H: CellConvertible>: FieldType {
    /// `Exclusive` of whom.
    public static var name: String { "Exclusive<\(H.valueType.rawValue)>" }
    /// Siblings.
    public static var kind: MergeKind { .sibling }
    /// The state of the right.
    public static var content: FieldDescription.Content { .right(holder: H.valueType) }

    /// Makes the type.
    public init() {}

    /// Who has the right.
    public func value(of cells: [Cell], by devices: Devices) -> ExclusiveStatus<H> {
        let states = Siblings(cells).visible.compactMap {
            ExclusiveState<H>(encoded: $0.value, life: $0.causalLength)
        }
        let greatest = states.map(\.token).max()
        var standing: [ExclusiveState<H>] = []
        for state in states where state.token == greatest && !standing.contains(state) {
            standing.append(state)
        }
        return ExclusiveStatus(states: standing)
    }
}

/// Names a stretch of time in which a right was with one holder; later ones are greater.
///
/// Whoever guards a resource refuses a token that is less than one it has seen.
public struct FencingToken: Hashable, Comparable, Sendable {
    /// The causal length of the row: whoever deletes a row and restores it begins anew, and the
    /// right's former stretches must not come again.
    public let life: UInt64
    /// The term of the authority that overrode last.
    public let term: UInt64
    /// How often it has overridden under that term.
    public let number: UInt64
    /// How often the right was handed on since.
    public let generation: UInt64
    /// Whether it is on offer.
    public let isOffered: Bool

    /// Compares life, term, number, generation and phase.
    public static func < (left: FencingToken, right: FencingToken) -> Bool {
        (left.life, left.term, left.number, left.generation, left.isOffered ? 1 : 0)
            < (right.life, right.term, right.number, right.generation, right.isOffered ? 1 : 0)
    }
}

/// What was written of a right.
public struct ExclusiveState<H: CellConvertible>: Hashable, Sendable {
    /// Its place among all that was written.
    public let token: FencingToken
    /// Who holds the right, or has offered it.
    public let holder: H
    /// To whom it is offered.
    public let offeredTo: H?

    var encoded: [UInt8] {
        var out = ByteWriter()
        out.varint(token.term)
        out.varint(token.number)
        out.varint(token.generation)
        out.counted(holder.cellValue.encoded)
        if let offeredTo { out.counted(offeredTo.cellValue.encoded) }
        return CellValue.bytes(out.bytes).encoded
    }

    init(
        life: UInt64, term: UInt64, number: UInt64, generation: UInt64, holder: H,
        offeredTo: H? = nil
    ) {
        token = FencingToken(
            life: life, term: term, number: number, generation: generation,
            isOffered: offeredTo != nil)
        self.holder = holder
        self.offeredTo = offeredTo
    }

    /// Reads what was written in a life of its row.
    init?(encoded bytes: [UInt8], life: UInt64) {
        guard case .bytes(let bytes)? = CellValue(encoded: bytes) else { return nil }
        var reader = ByteReader(bytes)
        do {
            let (term, number) = (try reader.varint(), try reader.varint())
            let generation = try reader.varint()
            let limit = Cell.valueBytesMax
            let holder = H(encoded: try reader.counted(atMost: limit, of: "bytes of a holder"))
            var other: H?
            if reader.remaining > 0 {
                other = H(encoded: try reader.counted(atMost: limit, of: "bytes of a holder"))
                guard other != nil else { return nil }
            }
            try reader.end()
            guard let holder else { return nil }
            self.init(
                life: life, term: term, number: number, generation: generation, holder: holder,
                offeredTo: other)
        } catch {
            return nil
        }
    }
}

/// Who has a right, as far as a replica knows.
public struct ExclusiveStatus<H: CellConvertible>: Hashable, Sendable {
    /// What stands: nothing before the right was first given, one state, or several that contest.
    public let states: [ExclusiveState<H>]

    /// What stands, unless it is contested.
    public var state: ExclusiveState<H>? { states.count == 1 ? states[0] : nil }
    /// Whether two authorities said different things at once.
    public var isContested: Bool { states.count > 1 }
    /// The greatest token that is known.
    public var token: FencingToken? { states.first?.token }

    /// Whether `holder` may use the right: it holds it, and has not offered it.
    public func isActive(_ holder: H) -> Bool {
        guard let state else { return false }
        return state.holder == holder && state.offeredTo == nil
    }
}

extension CellReading {
    /// Whether `holder`, which is on this device, may use a right.
    ///
    /// Not while the replica may lack what it has done with it; see
    /// ``CellReading/areRightsFrozen``.
    public func mayUse<C, H>(
        _ field: Field<C, Exclusive<H>>, of key: C.Key, as holder: H
    ) throws -> Bool {
        try !areRightsFrozen && value(field, of: key).isActive(holder)
    }
}

extension CellWriting {
    /// Offers a right to another holder; from then on only that one can decide.
    ///
    /// - Throws: ``SchemaError``: `notHolder` unless `holder` may use the right; `noSuchRow`.
    public func offer<C, H>(
        _ field: Field<C, Exclusive<H>>, of key: C.Key, from holder: H, to other: H
    ) throws {
        let place = try place(of: field, key)
        let status = field.value(of: place.cells, by: [:])
        guard status.isActive(holder), let state = status.state, other != holder else {
            throw SchemaError(
                .notHolder, "'\(place.name)' is not held by \(holder), or is offered or contested")
        }
        try write(
            ExclusiveState(
                life: place.causalLength, term: state.token.term, number: state.token.number,
                generation: state.token.generation, holder: holder, offeredTo: other), in: place)
    }

    /// Accepts an offer: from now on `holder` has the right.
    ///
    /// - Throws: ``SchemaError``: `notOffered` unless it is offered to `holder`; `noSuchRow`.
    public func accept<C, H>(
        _ field: Field<C, Exclusive<H>>, of key: C.Key, as holder: H
    ) throws {
        try answer(field, key, as: holder) { _ in holder }
    }

    /// Declines an offer: who offered has the right again.
    ///
    /// - Throws: ``SchemaError``: `notOffered` unless it is offered to `holder`; `noSuchRow`.
    public func decline<C, H>(
        _ field: Field<C, Exclusive<H>>, of key: C.Key, as holder: H
    ) throws {
        try answer(field, key, as: holder) { $0.holder }
    }

    /// Says who has a right from now on, whatever was before: for whoever has the authority.
    ///
    /// Unless the former holder knows of it, or its lease has ended (see
    /// ``ExclusiveLease/hasEnded(at:)``), it may go on using the right for a while: say so to
    /// whoever asks for the override. What guards the resource tells them apart by the token.
    ///
    /// - Parameters:
    ///   - field: The field.
    ///   - key: The row.
    ///   - holder: Who has the right from now on.
    ///   - term: Which authority says so; a later authority has a greater term.
    /// - Returns: The token of the new stretch.
    /// - Throws: ``SchemaError``: `outranked` if a greater term has overridden; `noSuchRow`.
    @discardableResult
    public func override<C, H>(
        _ field: Field<C, Exclusive<H>>, of key: C.Key, to holder: H, term: UInt64
    ) throws -> FencingToken {
        let place = try place(of: field, key)
        let former = field.value(of: place.cells, by: [:]).token
        if let former, former.term > term {
            throw SchemaError(
                .outranked, "'\(place.name)' was overridden under term \(former.term)")
        }
        let isSameTerm = former?.term == term
        let state = ExclusiveState(
            life: place.causalLength, term: term,
            number: isSameTerm ? (former?.number ?? 0) + 1 : 0, generation: 0, holder: holder)
        try write(state, in: place)
        return state.token
    }

    private func answer<C, H>(
        _ field: Field<C, Exclusive<H>>, _ key: C.Key, as holder: H,
        _ next: (ExclusiveState<H>) -> H
    ) throws {
        let place = try place(of: field, key)
        guard let state = field.value(of: place.cells, by: [:]).state, state.offeredTo == holder
        else {
            throw SchemaError(.notOffered, "'\(place.name)' is not offered to \(holder)")
        }
        try write(
            ExclusiveState(
                life: place.causalLength, term: state.token.term, number: state.token.number,
                generation: state.token.generation + 1, holder: next(state)), in: place)
    }

    private func write<H>(
        _ state: ExclusiveState<H>, in place: FieldPlace<Exclusive<H>>
    ) throws {
        try useRights(in: place.key.lane)
        try put(state.encoded, in: place)
    }
}
