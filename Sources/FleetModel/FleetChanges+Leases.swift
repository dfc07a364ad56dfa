public import CausalTime
import DeltaCRDT
import ReplicaModel

extension FleetChanges {
    /// Extends the lease of a device to which this one has handed rights, or gives it its first.
    ///
    /// A lease that ends later stays; the threshold becomes that of `lease` in any case.
    ///
    /// - Parameters:
    ///   - lease: For how long the device may use its rights, and below what it asks for more.
    ///   - grant: The grant that the rights are to.
    ///   - receiver: The device.
    /// - Throws: ``FleetError/invalidLease(_:)``, ``FleetError/closed(_:)``,
    ///   ``FleetError/noGrant``.
    public func renew(_ lease: Lease, of grant: Grant, for receiver: DeviceID) throws {
        var status = try status(of: grant)
        guard receiver != status.grant.minter else {
            throw FleetError.invalidLease("the device that a grant was minted to needs no lease")
        }
        guard device == status.grant.minter || status.rights.hasHandedOn(from: device, to: receiver)
        else {
            throw FleetError.invalidLease("a lease is renewed by who has handed on rights")
        }
        for party in [device, receiver] where status.rights.isClosed(party) {
            throw FleetError.closed(party)
        }
        try give(lease, of: &status, to: receiver, at: view.time(at: cells.now))
    }

    /// Closes this device's part of a grant for good: the way to give rights back.
    ///
    /// From then on it never reserves or hands on rights to the grant again, and all that it holds
    /// or still receives counts as the minter's, wherever that is known. It is possible also when
    /// the lease or the grant has ended. Closing again changes nothing.
    ///
    /// - Throws: ``FleetError/minterCannotClose``, ``FleetError/noGrant``.
    public func closePart(of grant: Grant) throws {
        var status = try status(of: grant)
        guard !status.rights.isClosed(device) else { return }
        try release(.closing, of: &status, at: view.time(at: cells.now))
    }

    /// Writes what is new about a lease.
    func give(
        _ lease: Lease, of status: inout GrantStatus, to receiver: DeviceID, at time: WallTime
    ) throws {
        guard time < lease.until else {
            throw FleetError.invalidLease("a lease has to end in the future")
        }
        let former = status.lease(of: receiver)
        func key(_ field: FieldID) -> CellKey {
            FleetSchema.part(
                FleetSchema.Transfers.collection, of: status.grant.id, receiver, field)
        }
        if former.map({ $0.until < lease.until }) ?? true {
            let end = lease.until.milliseconds
            var value = ByteWriter()
            value.varint(UInt64(clamping: end))
            value.raw(CellValue.integer(end).encoded)
            try cells.put(
                CellDraft(
                    key: key(FleetSchema.Transfers.leaseUntil), kind: .maximum, value: value.bytes))
            status.rights.merge(leaseUntil: lease.until, of: receiver)
        }
        if status.topUps[receiver] ?? .zero != lease.topUpBelow {
            try note(lease.topUpBelow, at: key(FleetSchema.Transfers.topUpBelow))
            status.topUps[receiver] = lease.topUpBelow
        }
    }

    /// Sets a register to a number of bytes.
    func note(_ bytes: ByteCount, at key: CellKey) throws {
        let value = CellValue.integer(Int64(clamping: bytes.bytes))
        try cells.put(CellDraft(key: key, kind: .register, value: value.encoded))
    }
}

extension RightsMatrix {
    /// Whether one device has handed rights to another.
    fileprivate func hasHandedOn(from giver: DeviceID, to receiver: DeviceID) -> Bool {
        transfers.keys.contains { $0.from == giver && $0.to == receiver }
    }
}
