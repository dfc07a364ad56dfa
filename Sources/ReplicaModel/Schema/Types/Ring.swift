public import CausalTime

/// The latest entries of a log that every device keeps for itself.
///
/// As many cells for each device as the ring has places: a new entry takes the place of the
/// device's oldest one, so nothing is ever deleted and nothing grows.
public struct Ring<V: CellConvertible>: FieldType {
    /// `Ring` of what.
    public static var name: String { "Ring<\(V.valueType.rawValue)>" }
    /// Siblings.
    public static var kind: MergeKind { .sibling }
    /// The device and the place.
    public static var item: FieldDescription.Item { .place }
    /// The entry.
    public static var content: FieldDescription.Content { .value(V.valueType) }
    /// It is the device that counts.
    public static var dependsOnDevices: Bool { true }

    /// How many entries of a device are kept, at least 1.
    public let capacity: Int

    /// Makes a ring of 64 places.
    public init() { self.init(capacity: 64) }

    /// Makes a ring; a ring without places has one.
    public init(capacity: Int) { self.capacity = max(1, capacity) }

    /// The entries of each device, the oldest first.
    public func value(of cells: [Cell], by devices: Devices) -> [DeviceID: [V]] {
        var entries: [DeviceID: [Cell]] = [:]
        for (item, group) in Dictionary(grouping: cells, by: \.key.item) {
            guard let device = DeviceID(bytes: item.prefix(16)) else { continue }
            let own = Siblings(group.filter { devices[$0.dot.writer] == device })
            if let cell = own.visible.first { entries[device, default: []].append(cell) }
        }
        return entries.mapValues { cells in
            cells.sorted { $0.order < $1.order }.compactMap { V(encoded: $0.value) }
        }
    }
}

extension CellWriting {
    /// Adds an entry to this device's log, in the place of its oldest one if the ring is full.
    ///
    /// - Throws: ``SchemaError`` (`noSuchRow`, `tooLong`).
    public func append<C, V>(
        _ entry: V, to field: Field<C, Ring<V>>, of key: C.Key
    ) throws {
        let place = try place(of: field, key)
        var latest: [[UInt8]: Cell] = [:]
        for cell in place.cells where cell.key.item.starts(with: device.bytes) {
            if let held = latest[cell.key.item], held.order > cell.order { continue }
            latest[cell.key.item] = cell
        }
        var item = ByteWriter(device.bytes)
        if latest.count >= field.type.capacity,
            let oldest = latest.values.min(by: { $0.order < $1.order })
        {
            item = ByteWriter(oldest.key.item)
        } else {
            item.varint(UInt64(latest.count))
        }
        try put(entry.cellValue.encoded, in: place, item: item.bytes)
    }
}
