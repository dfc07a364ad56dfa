/// A state that only moves on.
///
/// Where states branch, the rank says which branch wins should both be taken at once.
///
/// ```swift
/// enum Enrolment: Int, LatticeState {
///     case pending, approved, denied  // denied wins over approved
///     var rank: UInt64 { UInt64(rawValue) }
/// }
/// ```
public protocol LatticeState: CellConvertible {
    /// The place in the order; states of one rank are kept as whoever was first wrote them.
    var rank: UInt64 { get }
}

/// A state that only moves on: of two the one of the greater rank stays.
///
/// One cell. It needs no clock and no context.
///
/// Source: N. Conway et al., "Logic and Lattices for Distributed Programming" (SoCC 2012).
public struct Lattice<S: LatticeState>: FieldType {
    /// `Lattice` of what.
    public static var name: String { "Lattice<\(S.valueType.rawValue)>" }
    /// A maximum.
    public static var kind: MergeKind { .maximum }
    /// Rank and state.
    public static var content: FieldDescription.Content { .ranked(S.valueType) }

    /// Makes the type.
    public init() {}

    /// The state; nothing if none was reached, or one that is not known here.
    public func value(of cells: [Cell], by devices: Devices) -> S? {
        cells.first.flatMap { S(encoded: $0.content) }
    }
}

extension CellWriting {
    /// Moves a state on; one that is as far already stays.
    ///
    /// - Returns: Whether the state has moved.
    /// - Throws: ``SchemaError`` (`noSuchRow`, `tooLong`).
    @discardableResult
    public func advance<C, S>(
        _ field: Field<C, Lattice<S>>, of key: C.Key, to state: S
    ) throws -> Bool {
        let place = try place(of: field, key)
        if let current = place.cells.first, current.amount >= state.rank { return false }
        var value = ByteWriter()
        value.varint(state.rank)
        value.raw(state.cellValue.encoded)
        try put(value.bytes, in: place)
        return true
    }
}
