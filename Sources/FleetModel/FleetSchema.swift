import CausalTime
import ReplicaModel

/// Where the travel domain keeps its data: the only place where names meet numbers.
///
/// Numbers are stored and sent; none is ever used again for another meaning.
enum FleetSchema {
    /// A row per device of the fleet, keyed by its 16 bytes.
    enum Members {
        static let collection = CollectionID(rawValue: 8)
        static let name = FieldID(rawValue: 1)
        static let deviceClass = FieldID(rawValue: 2)
    }

    /// A row of facts per grant, keyed by its 16 bytes.
    enum Grants {
        static let collection = CollectionID(rawValue: 9)
        static let bytes = FieldID(rawValue: 1)
        static let minter = FieldID(rawValue: 2)
        static let validFrom = FieldID(rawValue: 3)
        static let validUntil = FieldID(rawValue: 4)
    }

    /// What a device receives of a grant: keyed by grant and receiver.
    ///
    /// Cumulative rights handed on, a counter of each writer; the end of the receiver's lease, the
    /// latest in milliseconds, and the threshold below which it asks for more; and how much in all
    /// it would like to have received.
    enum Transfers {
        static let collection = CollectionID(rawValue: 10)
        static let bytes = FieldID(rawValue: 1)
        static let leaseUntil = FieldID(rawValue: 2)
        static let topUpBelow = FieldID(rawValue: 3)
        static let wanted = FieldID(rawValue: 4)
    }

    /// Cumulative reservations: keyed by grant, a counter of each writer.
    enum Reservations {
        static let collection = CollectionID(rawValue: 11)
        static let bytes = FieldID(rawValue: 1)
    }

    /// One row with the empty key.
    enum Plan {
        static let collection = CollectionID(rawValue: 12)
        static let period = FieldID(rawValue: 1)
    }

    /// Parts of a grant that their devices have closed: keyed by grant and device, a counter of
    /// each writer that says what the device had handed on and reserved.
    enum Closings {
        static let collection = CollectionID(rawValue: 13)
        static let outflow = FieldID(rawValue: 1)
    }

    /// A row per eSIM profile, keyed by its ICCID as given.
    enum Profiles {
        static let collection = CollectionID(rawValue: 16)
    }

    /// Measured traffic: keyed by ``UsageKey``, two counters of each writer.
    enum Usage {
        static let collection = CollectionID(rawValue: 24)
        static let received = FieldID(rawValue: 1)
        static let sent = FieldID(rawValue: 2)
    }

    static func control(
        _ collection: CollectionID, _ row: [UInt8], _ field: FieldID
    ) -> CellKey {
        CellKey(lane: .control, collection: collection, row: row, field: field)
    }

    /// A field of the row of a grant and a device.
    static func part(
        _ collection: CollectionID, of grant: GrantID, _ device: DeviceID, _ field: FieldID
    ) -> CellKey {
        control(collection, grant.bytes + device.bytes, field)
    }

    static func profile(_ iccid: ICCID, _ field: FieldID) -> CellKey {
        CellKey(
            lane: .settings, collection: Profiles.collection, row: Array(iccid.digits.utf8),
            field: field)
    }

    static func usage(_ row: [UInt8], _ field: FieldID) -> CellKey {
        CellKey(lane: .usage, collection: Usage.collection, row: row, field: field)
    }
}
