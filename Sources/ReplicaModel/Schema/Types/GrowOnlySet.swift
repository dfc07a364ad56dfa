/// A set of facts: anyone may add, nobody can remove.
///
/// One cell for each element, whoever adds it and how often.
///
/// Source: M. Shapiro et al., "A Comprehensive Study of Convergent and Commutative Replicated Data
/// Types" (2011), G-Set.
public struct GrowOnlySet<E: CellConvertible>: FieldType {
    /// `GrowOnlySet` of what.
    public static var name: String { "GrowOnlySet<\(E.valueType.rawValue)>" }
    /// Facts.
    public static var kind: MergeKind { .fact }
    /// The element.
    public static var item: FieldDescription.Item { .element(E.valueType) }
    /// That it is there.
    public static var content: FieldDescription.Content { .mark }

    /// Makes the type.
    public init() {}

    /// The elements.
    public func value(of cells: [Cell], by devices: Devices) -> Set<E> {
        Set(cells.compactMap { E(encoded: $0.key.item) })
    }
}

extension CellWriting {
    /// Adds an element; one that is there costs nothing.
    ///
    /// - Throws: ``SchemaError`` (`noSuchRow`, `tooLong`).
    public func add<C, E>(
        _ element: E, to field: Field<C, GrowOnlySet<E>>, of key: C.Key
    ) throws {
        let place = try place(of: field, key)
        let item = element.cellValue.encoded
        guard place.cells(of: item).isEmpty else { return }
        try put(CellValue.bool(true).encoded, in: place, item: item)
    }
}
