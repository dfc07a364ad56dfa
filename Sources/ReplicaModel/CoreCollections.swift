public import CausalTime

/// Collections that the core itself keeps, whatever the domain. Domains number theirs from
/// ``CollectionID/firstOfDomain``.
extension CollectionID {
    /// Which device a writer belongs to: a row per writer, field 1 is the device's 16 bytes.
    ///
    /// A writer's first write introduces it here.
    public static let writers = CollectionID(rawValue: 1)

    /// The devices of the fleet: a row per device, live while it is a member.
    ///
    /// The causal length of the row counts how often the device came and went.
    public static let membership = CollectionID(rawValue: 2)

    /// Vectors that were proposed as a point up to which all may forget; see ``Forgetting``.
    public static let cuts = CollectionID(rawValue: 3)

    /// Which cut each device has reached.
    public static let acknowledgements = CollectionID(rawValue: 4)

    /// Beginnings of rows that are settled and may be forgotten, in the lane of those rows.
    public static let closures = CollectionID(rawValue: 5)

    /// The lowest number that a domain may use.
    public static let firstOfDomain = CollectionID(rawValue: 8)
}

extension CellKey {
    /// The cell that says which device `writer` belongs to.
    public static func introduction(of writer: WriterID) -> CellKey {
        CellKey(
            lane: .control, collection: .writers, row: writer.bytes, field: FieldID(rawValue: 1))
    }
}

extension CellReading {
    /// Which device each known writer belongs to.
    ///
    /// Linear in the number of writers.
    public func devicesOfWriters() throws -> [WriterID: DeviceID] {
        var devices: [WriterID: DeviceID] = [:]
        for cell in try cells(of: .writers, in: .control) {
            if let writer = WriterID(bytes: cell.key.row),
                case .bytes(let bytes)? = CellValue(encoded: cell.value),
                let device = DeviceID(bytes: bytes)
            {
                devices[writer] = device
            }
        }
        return devices
    }
}
