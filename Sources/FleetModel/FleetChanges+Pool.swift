public import CausalTime
import DeltaCRDT
import PlantedBugs
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
    /// A device that has closed its part of a grant gets nothing of it.
    ///
    /// - Parameters:
    ///   - shares: Sum to the whole; devices that are not named have a share of nothing.
    ///   - lease: Given to every device that is named, or extended; without one a device's lease
    ///     stays as it is.
    /// - Returns: How much was handed to each device.
    /// - Throws: ``FleetError/noGrant``, ``FleetError/invalidShares(_:)``,
    ///   ``FleetError/invalidLease(_:)``, ``FleetError/leaseEnded``, ``FleetError/closed(_:)``.
    public func allocate(
        _ shares: [(key: DeviceID, share: Share)], lease: Lease? = nil
    ) throws -> [DeviceID: ByteCount] {
        let time = view.time(at: cells.now)
        var usable = try usableGrants(at: time)
        guard Set(shares.map(\.key)).count == shares.count else {
            throw FleetError.invalidShares("a device is named twice")
        }
        var given: [DeviceID: ByteCount] = [:]
        for index in usable.indices {
            let targets: [(key: DeviceID, bytes: ByteCount)]
            do {
                targets = try Share.split(total: usable[index].grant.bytes, shares: shares)
            } catch {
                throw FleetError.invalidShares("\(error)")
            }
            for (receiver, target) in targets where receiver != device {
                let part = part(of: usable[index], for: receiver, upTo: target, at: time)
                given[receiver] = (given[receiver] ?? .zero).addingClamped(part)
                guard !usable[index].rights.isClosed(receiver) else { continue }
                try handOn(part, of: &usable[index], to: receiver, lease, at: time)
            }
        }
        return given
    }

    /// What a device lacks of its target, as far as this device can give it.
    private func part(
        of status: GrantStatus, for receiver: DeviceID, upTo target: ByteCount, at time: WallTime
    ) -> ByteCount {
        let rights = status.rights
        guard !rights.isClosed(receiver) else { return .zero }
        let held = rights.received(by: receiver)
            .subtractingClamped(rights.transferred(by: receiver))
        let missing = target.subtracting(ByteCount(held)) ?? .zero
        return min(missing, status.usable(by: device, at: time))
    }

    /// Hands rights to one grant from this device to another.
    ///
    /// - Parameters:
    ///   - bytes: How many.
    ///   - grant: Which grant.
    ///   - device: Who receives them.
    ///   - lease: For how long the receiver may use its rights to the grant; a lease that it has
    ///     stays if it ends later. Without one nothing changes: the receiver's lease if it has one,
    ///     otherwise the end of the grant.
    /// - Throws: ``FleetError/insufficientRights(requested:available:)``,
    ///   ``FleetError/noGrant``, ``FleetError/leaseEnded``, ``FleetError/closed(_:)``,
    ///   ``FleetError/invalidLease(_:)``.
    public func transfer(
        _ bytes: ByteCount, of grant: Grant, to device: DeviceID, lease: Lease? = nil
    ) throws {
        var status = try status(of: grant)
        try handOn(bytes, of: &status, to: device, lease, at: view.time(at: cells.now))
    }

    /// Reserves at least `bytes` for this device, from the grants that end first.
    ///
    /// The amount is rounded up to whole blocks (``reservationBlock``) where the rights allow that.
    /// Once the transaction is durable the bytes may be used, whatever else happens in the fleet.
    ///
    /// - Returns: How much was reserved, at least `bytes`.
    /// - Throws: ``FleetError/insufficientRights(requested:available:)``, ``FleetError/noGrant``,
    ///   ``FleetError/leaseEnded``, ``FleetError/closed(_:)``.
    public func reserve(_ bytes: ByteCount) throws -> ByteCount {
        guard bytes > .zero else {
            throw FleetError.invalidAmount("a reservation has at least 1 byte")
        }
        let time = view.time(at: cells.now)
        var usable = try usableGrants(at: time)
        let holdings = usable.map { $0.usable(by: device, at: time) }
        let available = holdings.reduce(ByteCount.zero) { $0.addingClamped($1) }
        guard bytes <= available else {
            throw FleetError.insufficientRights(requested: bytes, available: available)
        }
        let reserved = min(available, bytes.roundedUp(to: Self.reservationBlock))
        var rest = reserved
        for (index, held) in holdings.enumerated() {
            let part = min(rest, held)
            try release(.reservation(part), of: &usable[index], at: time)
            rest = rest.subtracting(part) ?? .zero
        }
        return PlantedBug.reservationMisreported.isPlanted ? bytes : reserved
    }
}

extension ByteCount {
    /// The next multiple of `block`, or this count if that would not fit.
    func roundedUp(to block: ByteCount) -> ByteCount {
        let rest = bytes % block.bytes
        return rest == 0 ? self : adding(ByteCount(block.bytes - rest)) ?? self
    }
}
