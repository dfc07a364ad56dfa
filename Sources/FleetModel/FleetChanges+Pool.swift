public import CausalTime
import DeltaCRDT
import ReplicaModel

extension FleetChanges {
    /// The size in which reservations are made, so that a device need not write for every packet.
    public static var reservationBlock: ByteCount { ByteCount(1 << 20) }

    /// Adds a grant to the pool; all rights to it are this device's at first.
    ///
    /// - Throws: ``FleetError/invalidAmount(_:)``.
    public func grant(
        _ bytes: ByteCount, from: WallTime, until: WallTime
    ) throws -> Grant {
        guard bytes > .zero, bytes.bytes <= UInt64(Int64.max) else {
            throw FleetError.invalidAmount("a grant has 1 to 2^63 - 1 bytes")
        }
        guard from < until else {
            throw FleetError.invalidAmount("a grant has to end after it begins")
        }
        // Unique without randomness: grants are never removed, so a writer sees ever more of them.
        let known = try view.grantsWithRights().count
        var name = ByteWriter(try cells.writer().bytes)
        name.varint(UInt64(known))
        let hash = StableHash.hash128(name.bytes)
        let grant = Grant(
            id: GrantID(high: hash.0, low: hash.1), bytes: bytes, minter: cells.device,
            validFrom: from, validUntil: until)
        try fact(grant, FleetSchema.Grants.bytes, .integer(Int64(bytes.bytes)))
        try fact(grant, FleetSchema.Grants.minter, .bytes(cells.device.bytes))
        try fact(grant, FleetSchema.Grants.validFrom, .integer(from.milliseconds))
        try fact(grant, FleetSchema.Grants.validUntil, .integer(until.milliseconds))
        return grant
    }

    private func fact(_ grant: Grant, _ field: FieldID, _ value: CellValue) throws {
        try cells.put(
            CellDraft(
                key: FleetSchema.control(FleetSchema.Grants.collection, grant.id.bytes, field),
                kind: .fact, value: value.encoded))
    }

    /// Brings every device as close to its share of each valid grant as this device's own rights
    /// allow: it hands on, and takes nothing back.
    ///
    /// - Parameter shares: Sum to the whole; devices that are not named have a share of nothing.
    /// - Returns: How much was handed to each device.
    /// - Throws: ``FleetError/noGrant``, ``FleetError/invalidShares(_:)``.
    public func allocate(
        _ shares: [(key: DeviceID, share: Share)]
    ) throws -> [DeviceID: ByteCount] {
        let valid = try view.grantsWithRights().filter { $0.grant.isValid(at: cells.now) }
        guard !valid.isEmpty else { throw FleetError.noGrant }
        guard Set(shares.map(\.key)).count == shares.count else {
            throw FleetError.invalidShares("a device is named twice")
        }
        var given: [DeviceID: ByteCount] = [:]
        for status in valid {
            let targets: [(key: DeviceID, bytes: ByteCount)]
            do {
                targets = try Share.split(total: status.grant.bytes, shares: shares)
            } catch {
                throw FleetError.invalidShares("\(error)")
            }
            for (device, target) in targets where device != cells.device {
                let rights = status.rights
                let held =
                    ByteCount(rights.received(by: device))
                    .subtracting(ByteCount(rights.transferred(by: device))) ?? .zero
                let missing = target.subtracting(held) ?? .zero
                let spare = try available(of: status.grant)
                let part = min(missing, spare)
                try transfer(part, of: status.grant, to: device)
                given[device] = (given[device] ?? .zero).addingClamped(part)
            }
        }
        return given
    }

    /// Hands rights to one grant from this device to another.
    ///
    /// - Throws: ``FleetError/insufficientRights(requested:available:)``.
    public func transfer(_ bytes: ByteCount, of grant: Grant, to device: DeviceID) throws {
        let available = try available(of: grant)
        guard bytes <= available else {
            throw FleetError.insufficientRights(requested: bytes, available: available)
        }
        guard device != cells.device else { return }
        try raise(
            FleetSchema.control(
                FleetSchema.Transfers.collection, grant.id.bytes + device.bytes,
                FleetSchema.Transfers.bytes), by: bytes)
    }

    /// Reserves at least `bytes` for this device, from the grants that end first.
    ///
    /// The amount is rounded up to whole blocks (``reservationBlock``) where the rights allow that.
    /// Once the transaction is durable the bytes may be used, whatever else happens in the fleet.
    ///
    /// - Returns: How much was reserved, at least `bytes`.
    /// - Throws: ``FleetError/insufficientRights(requested:available:)``, ``FleetError/noGrant``.
    public func reserve(_ bytes: ByteCount) throws -> ByteCount {
        guard bytes > .zero else {
            throw FleetError.invalidAmount("a reservation has at least 1 byte")
        }
        let valid = try view.grantsWithRights().filter { $0.grant.isValid(at: cells.now) }
        guard !valid.isEmpty else { throw FleetError.noGrant }
        let holdings = valid.map { ByteCount($0.rights.available(to: cells.device)) }
        let available = holdings.reduce(ByteCount.zero) { $0.addingClamped($1) }
        guard bytes <= available else {
            throw FleetError.insufficientRights(requested: bytes, available: available)
        }
        let reserved: ByteCount = min(available, bytes.roundedUp(to: Self.reservationBlock))
        var rest: ByteCount = reserved
        for (status, held) in zip(valid, holdings) {
            let part = min(rest, held)
            try raise(
                FleetSchema.control(
                    FleetSchema.Reservations.collection, status.grant.id.bytes,
                    FleetSchema.Reservations.bytes), by: part)
            rest = rest.subtracting(part) ?? ByteCount.zero
        }
        return reserved
    }

    /// What this device may still give of a grant, writes of this transaction included.
    private func available(of grant: Grant) throws -> ByteCount {
        let status = try view.grantsWithRights().first { $0.grant.id == grant.id }
        return ByteCount(status?.rights.available(to: cells.device) ?? 0)
    }
}

extension ByteCount {
    /// The next multiple of `block`, or this count if that would not fit.
    func roundedUp(to block: ByteCount) -> ByteCount {
        let rest = bytes % block.bytes
        return rest == 0 ? self : adding(ByteCount(block.bytes - rest)) ?? self
    }
}
