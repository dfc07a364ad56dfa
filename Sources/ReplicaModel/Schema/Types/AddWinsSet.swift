/// A set to which anyone may add and from which anyone may remove; of an addition and a removal
/// that did not know of each other, the addition stays.
///
/// One cell of each writer for each element; a removal takes away what its author had seen, and
/// its cell goes once every member has seen it.
///
/// Source: A. Bieniusa et al., "An Optimized Conflict-free Replicated Set" (2012). Differences: see
/// ``Siblings``.
public struct AddWinsSet<E: CellConvertible>: FieldType {
    /// `AddWinsSet` of what.
    public static var name: String { "AddWinsSet<\(E.valueType.rawValue)>" }
    /// Siblings.
    public static var kind: MergeKind { .sibling }
    /// The element.
    public static var item: FieldDescription.Item { .element(E.valueType) }
    /// That it is there.
    public static var content: FieldDescription.Content { .mark }

    /// Makes the type.
    public init() {}

    /// The elements.
    public func value(of cells: [Cell], by devices: Devices) -> Set<E> {
        Set(
            Dictionary(grouping: cells, by: \.key.item).compactMap { item, group in
                Siblings(group).visible.isEmpty ? nil : E(encoded: item)
            })
    }
}

extension CellWriting {
    /// Adds an element; adding one that is there makes it outlast removals that are on their way.
    ///
    /// - Throws: ``SchemaError`` (`noSuchRow`, `tooLong`).
    public func add<C, E>(
        _ element: E, to field: Field<C, AddWinsSet<E>>, of key: C.Key
    ) throws {
        try put(
            CellValue.bool(true).encoded, in: place(of: field, key),
            item: element.cellValue.encoded)
    }

    /// Removes an element as far as this replica has seen it added; one that is not there stays
    /// out.
    ///
    /// - Throws: ``SchemaError`` with the code `noSuchRow`.
    public func remove<C, E>(
        _ element: E, from field: Field<C, AddWinsSet<E>>, of key: C.Key
    ) throws {
        let place = try place(of: field, key)
        let item = element.cellValue.encoded
        guard !Siblings(place.cells(of: item)).visible.isEmpty else { return }
        try put([], in: place, item: item)
    }
}
