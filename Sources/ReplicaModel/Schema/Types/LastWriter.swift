/// A value that anyone may set; the later write wins, on every replica.
///
/// One cell. What loses against a write from elsewhere is kept as a lost value where it happens;
/// see `LastWriterRegister` for the order and its source.
public struct LastWriter<V: CellConvertible>: FieldType {
    /// `LastWriter` of what.
    public static var name: String { "LastWriter<\(V.valueType.rawValue)>" }
    /// A register.
    public static var kind: MergeKind { .register }
    /// The value.
    public static var content: FieldDescription.Content { .value(V.valueType) }

    /// Makes the type.
    public init() {}

    /// The value; nothing if it was never set, or to something that is none here.
    public func value(of cells: [Cell], by devices: Devices) -> V? {
        cells.first.flatMap { V(encoded: $0.value) }
    }
}

extension CellWriting {
    /// Sets a field.
    ///
    /// - Throws: ``SchemaError`` (`noSuchRow`, `tooLong`).
    public func set<C, V>(
        _ field: Field<C, LastWriter<V>>, of key: C.Key, to value: V
    ) throws {
        try put(value.cellValue.encoded, in: place(of: field, key))
    }
}
