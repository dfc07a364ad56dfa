public import CausalTime
import PlantedBugs
public import ReplicaModel

/// Changes the travel domain within one transaction.
///
/// Everything that is refused throws ``FleetError`` and has changed nothing by itself; throw it on,
/// so that the whole transaction is undone.
public struct FleetChanges<Cells: CellWriting> {
    /// The cells of the transaction: an app's own collections are written through them.
    public let cells: Cells

    /// Changes `cells`.
    public init(_ cells: Cells) { self.cells = cells }

    /// The device whose replica this is.
    public var device: DeviceID { cells.device }

    /// The same cells, to be read.
    public var view: FleetView<Cells> { FleetView(cells) }

    // MARK: Members

    /// Makes this device a member under a name, or renames it.
    public func joinFleet(name: String, deviceClass: DeviceClass) throws {
        let row = cells.device.bytes
        let members = FleetSchema.Members.collection
        guard !name.isEmpty, name.utf8.count <= 64 else {
            throw FleetError.invalidField("a device's name has 1 to 64 bytes")
        }
        try cells.admit(cells.device)
        let length = try revive(FleetSchema.control(members, row, .row))
        try set(
            FleetSchema.control(members, row, FleetSchema.Members.name), .text(name), length)
        try set(
            FleetSchema.control(members, row, FleetSchema.Members.deviceClass),
            .text(deviceClass.rawValue), length)
    }

    // MARK: Profiles

    /// Adds a profile, or brings a removed one back with these fields only.
    ///
    /// - Throws: ``FleetError/profileExists(_:)``, ``FleetError/invalidField(_:)``.
    public func addProfile(_ iccid: ICCID, _ fields: [ProfileField: String] = [:]) throws {
        let key = FleetSchema.profile(iccid, .row)
        if let row = try cells.cell(at: key), !row.causalLength.isMultiple(of: 2),
            !PlantedBug.profileAddedTwice.isPlanted
        {
            throw FleetError.profileExists(iccid)
        }
        let length = try revive(key)
        for field in ProfileField.allCases {
            guard let text = fields[field] else { continue }
            try set(iccid, field, text, length)
        }
    }

    /// Sets one field; the later of two edits wins on every replica.
    ///
    /// - Throws: ``FleetError/unknownProfile(_:)``, ``FleetError/invalidField(_:)``.
    public func setProfile(_ iccid: ICCID, _ field: ProfileField, to text: String) throws {
        try set(iccid, field, text, livingLength(of: iccid))
    }

    /// Removes a profile with its fields.
    ///
    /// Edits that other devices made without knowing are kept there and here as lost values.
    ///
    /// - Throws: ``FleetError/unknownProfile(_:)``.
    public func removeProfile(_ iccid: ICCID) throws {
        let length = try livingLength(of: iccid)
        try cells.put(
            CellDraft(
                key: FleetSchema.profile(iccid, .row), kind: .row, causalLength: length + 1))
    }

    private func livingLength(of iccid: ICCID) throws -> UInt64 {
        guard let row = try cells.cell(at: FleetSchema.profile(iccid, .row)),
            !row.causalLength.isMultiple(of: 2)
        else { throw FleetError.unknownProfile(iccid) }
        return row.causalLength
    }

    private func set(
        _ iccid: ICCID, _ field: ProfileField, _ text: String, _ length: UInt64
    ) throws {
        try field.check(text)
        let value: CellValue = field == .roaming ? .bool(text == "true") : .text(text)
        try set(FleetSchema.profile(iccid, FieldID(rawValue: field.rawValue)), value, length)
    }

    // MARK: Usage

    /// Sets the billing period in which usage is counted from now on.
    public func setPeriod(_ period: String) throws {
        guard !period.isEmpty, period.utf8.count <= UsageKey.textBytesMax else {
            throw FleetError.invalidField("a period has 1 to \(UsageKey.textBytesMax) bytes")
        }
        try set(
            FleetSchema.control(FleetSchema.Plan.collection, [], FleetSchema.Plan.period),
            .text(period), 0)
    }

    /// Records traffic that this device has measured.
    ///
    /// A measurement is a fact: it is never refused for lack of rights.
    ///
    /// - Parameters:
    ///   - amount: How much more than at the last call.
    ///   - iccid: The profile that carried it, or empty.
    ///   - epoch: The life of the modem's counter.
    ///   - country: The visited country, or empty.
    /// - Throws: ``FleetError/invalidField(_:)``, ``FleetError/invalidAmount(_:)``.
    public func recordUsage(
        _ amount: UsageAmount, iccid: String = "", epoch: UInt64 = 0, country: String = ""
    ) throws {
        for text in [iccid, country] where text.utf8.count > UsageKey.textBytesMax {
            throw FleetError.invalidField("'\(text.prefix(20))…' is too long")
        }
        let key = UsageKey(
            period: PlantedBug.periodNeverEnds.isPlanted ? "1" : try view.period(),
            device: cells.device, iccid: iccid, epoch: epoch,
            country: country)
        let row = key.encoded
        for (field, bytes) in [
            (FleetSchema.Usage.received, amount.received), (FleetSchema.Usage.sent, amount.sent),
        ] where bytes > .zero {
            try raise(FleetSchema.usage(row, field), by: bytes)
        }
    }

    // MARK: Cells

    /// Makes a row live and returns its causal length; a live one stays as it is.
    private func revive(_ key: CellKey) throws -> UInt64 {
        let length = try cells.cell(at: key)?.causalLength ?? 0
        guard length.isMultiple(of: 2) else { return length }
        try cells.put(CellDraft(key: key, kind: .row, causalLength: length + 1))
        return length + 1
    }

    private func set(_ key: CellKey, _ value: CellValue, _ length: UInt64) throws {
        try cells.put(
            CellDraft(key: key, kind: .register, causalLength: length, value: value.encoded))
    }

    /// Adds to this writer's own counter of a key.
    private func raise(_ key: CellKey, by amount: ByteCount) throws {
        guard amount > .zero else { return }
        let own = CellKey(
            lane: key.lane, collection: key.collection, row: key.row, field: key.field,
            owner: try cells.writer())
        let current = try cells.cell(at: own)?.amount ?? 0
        guard let sum = ByteCount(current).adding(amount) else {
            throw FleetError.invalidAmount("the counter would exceed 2^64 - 1 bytes")
        }
        var value = ByteWriter()
        value.varint(sum.bytes)
        try cells.put(CellDraft(key: key, kind: .counter, value: value.bytes))
    }
}
