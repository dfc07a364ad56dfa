public import CausalTime

/// Collections that the core itself keeps, whatever the domain. Domains number theirs from
/// ``CollectionID/firstOfDomain``.
extension CollectionID {
    /// Which device a writer belongs to: a row per writer, field 1 is the device's 16 bytes.
    ///
    /// A writer's first write introduces it here.
    public static let writers = CollectionID(rawValue: 1)

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
