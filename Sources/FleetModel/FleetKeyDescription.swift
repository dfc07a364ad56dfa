public import CausalTime
public import ReplicaModel

/// The place of a cell in the words of the travel domain, for people who look into a replica.
///
/// It reads any key, those of unknown collections and malformed rows included: what has no name is
/// described by its number and its bytes. Texts are as stored; escape them before they are printed.
public struct FleetKeyDescription: Hashable, Sendable {
    /// How the value of a cell is to be read.
    public enum Meaning: Hashable, Sendable {
        /// As it is.
        case plain
        /// A number of bytes.
        case byteCount
        /// Milliseconds since 1970 (UTC).
        case wallTime
        /// The 16 bytes of a device's identifier.
        case device
    }

    /// The collection, as in `profiles`.
    public let collection: String
    /// The row, as in `profile 89490200001234567890`.
    public let row: String
    /// The field, as in `nickname`.
    public let field: String
    /// How a value of the field is to be read.
    public let meaning: Meaning

    /// Describes a key.
    ///
    /// - Parameters:
    ///   - key: Any key.
    ///   - names: What people call the devices; others appear by the start of their identifiers.
    public init(_ key: CellKey, names: [DeviceID: String] = [:]) {
        collection = Self.name(of: key.collection)
        row = Self.row(key, names) ?? collection + " " + CellValue.bytes(key.row).description
        let known = key.field == .row ? nil : Self.field(key)
        field = known?.name ?? (key.field == .row ? "existence" : "field \(key.field.rawValue)")
        meaning = known?.meaning ?? .plain
    }

    /// Row and field in one phrase.
    public var phrase: String { row + " " + field }

    /// The name of a collection, or its number if it has none.
    public static func name(of collection: CollectionID) -> String {
        switch collection {
        case .writers: "writers"
        case .membership: "membership"
        case .cuts: "cuts"
        case .acknowledgements: "acknowledgements"
        case .closures: "closures"
        case FleetSchema.Members.collection: "members"
        case FleetSchema.Grants.collection: "grants"
        case FleetSchema.Transfers.collection: "transfers"
        case FleetSchema.Reservations.collection: "reservations"
        case FleetSchema.Plan.collection: "plan"
        case FleetSchema.Closings.collection: "closings"
        case FleetSchema.Profiles.collection: "profiles"
        case FleetSchema.Usage.collection: "usage"
        default: "collection \(collection.rawValue)"
        }
    }

    private static func row(_ key: CellKey, _ names: [DeviceID: String]) -> String? {
        func name(_ bytes: some Collection<UInt8>) -> String? {
            DeviceID(bytes: bytes).map { names[$0] ?? $0.abbreviated }
        }
        func grant(_ bytes: some Collection<UInt8>) -> String? {
            GrantID(bytes: bytes).map { "grant " + $0.abbreviated }
        }
        switch key.collection {
        case .writers: return WriterID(bytes: key.row).map { "writer " + $0.abbreviated }
        case .membership: return name(key.row).map { "membership of " + $0 }
        case .cuts: return RowID(bytes: key.row).map { "cut \($0)" }
        case .acknowledgements: return name(key.row).map { "acknowledgements of " + $0 }
        case FleetSchema.Members.collection: return name(key.row).map { "member " + $0 }
        case FleetSchema.Grants.collection, FleetSchema.Reservations.collection:
            return grant(key.row)
        case FleetSchema.Transfers.collection, FleetSchema.Closings.collection:
            guard let grant = grant(key.row.prefix(16)), let name = name(key.row.dropFirst(16))
            else { return nil }
            let isClosing = key.collection == FleetSchema.Closings.collection
            return grant + (isClosing ? " closed by " : " to ") + name
        case FleetSchema.Plan.collection: return key.row.isEmpty ? "plan" : nil
        case FleetSchema.Profiles.collection:
            return String(validating: key.row, as: UTF8.self).map { "profile " + $0 }
        case FleetSchema.Usage.collection:
            return UsageKey(encoded: key.row).map { "usage of " + $0.phrase(names) }
        default: return nil
        }
    }

    private static func field(_ key: CellKey) -> (name: String, meaning: Meaning)? {
        switch (key.collection, key.field) {
        case (.writers, FieldID(rawValue: 1)): ("device", .device)
        case (.cuts, _), (.acknowledgements, _):
            Lane.all.first { $0.cutField == key.field }.map { ("of \($0)", .plain) }
        case (FleetSchema.Members.collection, FleetSchema.Members.name): ("name", .plain)
        case (FleetSchema.Members.collection, FleetSchema.Members.deviceClass): ("class", .plain)
        case (FleetSchema.Grants.collection, FleetSchema.Grants.bytes): ("bytes", .byteCount)
        case (FleetSchema.Grants.collection, FleetSchema.Grants.minter): ("minted to", .device)
        case (FleetSchema.Grants.collection, FleetSchema.Grants.validFrom):
            ("valid from", .wallTime)
        case (FleetSchema.Grants.collection, FleetSchema.Grants.validUntil):
            ("valid until", .wallTime)
        case (FleetSchema.Transfers.collection, FleetSchema.Transfers.bytes):
            ("handed on", .byteCount)
        case (FleetSchema.Transfers.collection, FleetSchema.Transfers.leaseUntil):
            ("lease until", .wallTime)
        case (FleetSchema.Transfers.collection, FleetSchema.Transfers.topUpBelow):
            ("topped up below", .byteCount)
        case (FleetSchema.Transfers.collection, FleetSchema.Transfers.wanted):
            ("wanted", .byteCount)
        case (FleetSchema.Reservations.collection, FleetSchema.Reservations.bytes):
            ("reserved", .byteCount)
        case (FleetSchema.Closings.collection, FleetSchema.Closings.outflow):
            ("outflow", .byteCount)
        case (FleetSchema.Plan.collection, FleetSchema.Plan.period): ("period", .plain)
        case (FleetSchema.Profiles.collection, _):
            ProfileField(rawValue: key.field.rawValue).map { ($0.name, .plain) }
        case (FleetSchema.Usage.collection, FleetSchema.Usage.received): ("received", .byteCount)
        case (FleetSchema.Usage.collection, FleetSchema.Usage.sent): ("sent", .byteCount)
        default: nil
        }
    }
}

extension UsageKey {
    fileprivate func phrase(_ names: [DeviceID: String]) -> String {
        var parts = [(names[device] ?? device.abbreviated) + " in period " + period]
        if !iccid.isEmpty { parts.append("profile " + iccid) }
        if !country.isEmpty { parts.append(country) }
        if epoch != 0 { parts.append("counter life \(epoch)") }
        return parts.joined(separator: ", ")
    }
}
