public import CausalTime

/// What each device says of itself: every device has a value of its own in the field, which it
/// alone can set.
///
/// One cell for each writer that the device has been, of which the frontier leaves the latest. A
/// value that another device forges is stored under that device's writer and does not count.
public struct SingleWriter<V: CellConvertible>: FieldType {
    /// `SingleWriter` of what.
    public static var name: String { "SingleWriter<\(V.valueType.rawValue)>" }
    /// Siblings.
    public static var kind: MergeKind { .sibling }
    /// The device.
    public static var item: FieldDescription.Item { .device }
    /// The value.
    public static var content: FieldDescription.Content { .value(V.valueType) }
    /// It is the device that counts.
    public static var dependsOnDevices: Bool { true }

    /// Makes the type.
    public init() {}

    /// The value of each device that has set one.
    public func value(of cells: [Cell], by devices: Devices) -> [DeviceID: V] {
        var values: [DeviceID: V] = [:]
        for (item, group) in Dictionary(grouping: cells, by: \.key.item) {
            guard let device = DeviceID(bytes: item) else { continue }
            let own = Siblings(group.filter { devices[$0.dot.writer] == device })
            if let value = own.visible.first.flatMap({ V(encoded: $0.value) }) {
                values[device] = value
            }
        }
        return values
    }
}

extension CellWriting {
    /// Sets what this device says of itself.
    ///
    /// - Throws: ``SchemaError`` (`noSuchRow`, `tooLong`).
    public func set<C, V>(
        _ field: Field<C, SingleWriter<V>>, of key: C.Key, to value: V
    ) throws {
        try put(value.cellValue.encoded, in: place(of: field, key), item: device.bytes)
    }
}
