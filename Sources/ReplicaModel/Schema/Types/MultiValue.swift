/// A value that anyone may set, of which writes that did not know of each other are all kept.
///
/// One cell of each writer that has set it, of which the frontier leaves those that count. See
/// ``Siblings`` for what counts, and the sources.
public struct MultiValue<V: CellConvertible>: FieldType {
    /// `MultiValue` of what.
    public static var name: String { "MultiValue<\(V.valueType.rawValue)>" }
    /// Siblings.
    public static var kind: MergeKind { .sibling }
    /// The value.
    public static var content: FieldDescription.Content { .value(V.valueType) }

    /// Makes the type.
    public init() {}

    /// What was set and not replaced by anyone who knew of it.
    public func value(of cells: [Cell], by devices: Devices) -> ConcurrentValues<V> {
        ConcurrentValues(all: Siblings(cells).visible.compactMap { V(encoded: $0.value) })
    }
}

/// The values of a ``MultiValue`` field.
public struct ConcurrentValues<V: Hashable & Sendable>: Hashable, Sendable {
    /// All of them, the latest first.
    public let all: [V]

    /// The one to go by: the latest, the same on every replica that has seen the same.
    public var effective: V? { all.first }
    /// Whether people set different values without knowing of each other.
    public var isConflict: Bool { Set(all).count > 1 }
}

extension CellWriting {
    /// Sets a field, in place of everything that this replica has seen there.
    ///
    /// - Throws: ``SchemaError`` (`noSuchRow`, `tooLong`).
    public func set<C, V>(
        _ field: Field<C, MultiValue<V>>, of key: C.Key, to value: V
    ) throws {
        try put(value.cellValue.encoded, in: place(of: field, key))
    }

    /// Empties a field of everything that this replica has seen there; what it has not seen stays.
    ///
    /// - Throws: ``SchemaError`` with the code `noSuchRow`.
    public func clear<C, V>(_ field: Field<C, MultiValue<V>>, of key: C.Key) throws {
        let place = try place(of: field, key)
        guard !Siblings(place.cells).visible.isEmpty else { return }
        try put([], in: place)
    }
}
