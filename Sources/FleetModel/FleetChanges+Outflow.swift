import CausalTime
import DeltaCRDT
import ReplicaModel

/// A way in which rights leave a device.
enum RightsOutflow {
    case transfer(ByteCount, to: DeviceID)
    case reservation(ByteCount)
    case closing
}

extension FleetChanges {
    /// Lets rights to a grant leave this device: the one place through which every transfer, every
    /// reservation and every closing passes.
    ///
    /// What the rules of ``RightsMatrix`` refuse is refused before anything is written; nothing at
    /// all is not written either. A device that may have forgotten what it spent spends nothing:
    /// see `CellWriting.useRights(in:)`.
    ///
    /// - Parameters:
    ///   - outflow: What happens to how much.
    ///   - status: The grant as it stands in this transaction; it is brought up to date.
    ///   - time: When it happens, as ``FleetView/time(at:)`` says.
    /// - Throws: ``FleetError``, and what writing cells throws.
    func release(
        _ outflow: RightsOutflow, of status: inout GrantStatus, at time: WallTime
    ) throws {
        if let refusal = refusal(of: outflow, status, at: time) { throw refusal }
        let key: CellKey
        let id = status.grant.id
        switch outflow {
        case .transfer(let bytes, let receiver):
            guard bytes > .zero, receiver != device else { return }
            key = FleetSchema.part(
                FleetSchema.Transfers.collection, of: id, receiver, FleetSchema.Transfers.bytes)
        case .reservation(let bytes):
            guard bytes > .zero else { return }
            key = FleetSchema.control(
                FleetSchema.Reservations.collection, id.bytes, FleetSchema.Reservations.bytes)
        case .closing:
            key = FleetSchema.part(
                FleetSchema.Closings.collection, of: id, device, FleetSchema.Closings.outflow)
        }
        try cells.useRights(in: .control)
        let entry = try record(outflow, of: &status, by: try cells.writer(), at: time)
        var amount = ByteWriter()
        amount.varint(entry)
        try cells.put(CellDraft(key: key, kind: .counter, value: amount.bytes))
    }

    /// Carries an outflow out in the matrix, and says what its entry is now.
    private func record(
        _ outflow: RightsOutflow, of status: inout GrantStatus, by writer: WriterID,
        at time: WallTime
    ) throws -> UInt64 {
        do throws(RightsMatrix.Refusal) {
            switch outflow {
            case .transfer(let bytes, let receiver):
                let entry = RightsMatrix.Transfer(writer: writer, from: device, to: receiver)
                try status.rights.transfer(bytes.bytes, entry, at: time)
                return status.rights.transfers[entry] ?? 0
            case .reservation(let bytes):
                let entry = RightsMatrix.Reservation(writer: writer, device: device)
                try status.rights.reserve(bytes.bytes, entry, at: time)
                return status.rights.reservations[entry] ?? 0
            case .closing:
                let entry = RightsMatrix.Closing(writer: writer, device: device)
                try status.rights.close(entry)
                return status.rights.closings[entry] ?? 0
            }
        } catch {
            throw FleetError(error, of: device)
        }
    }

    private func refusal(
        of outflow: RightsOutflow, _ status: GrantStatus, at time: WallTime
    ) -> FleetError? {
        let bytes: ByteCount
        switch outflow {
        case .transfer(let amount, _), .reservation(let amount): bytes = amount
        case .closing: return status.grant.minter == device ? .minterCannotClose : nil
        }
        guard time < status.grant.validUntil else { return .noGrant }
        return status.rights.refusal(of: bytes.bytes, by: device, at: time)
            .map { FleetError($0, of: device) }
    }

    /// The grants that are valid and of which this device may use what it holds.
    ///
    /// - Throws: ``FleetError/noGrant`` if none is valid, ``FleetError/leaseEnded`` or
    ///   ``FleetError/closed(_:)`` if this device may use none of them.
    func usableGrants(at time: WallTime) throws -> [GrantStatus] {
        let valid = try view.grantsWithRights().filter { $0.grant.isValid(at: time) }
        guard let first = valid.first else { throw FleetError.noGrant }
        let usable = valid.filter { $0.rights.refusal(of: 0, by: device, at: time) == nil }
        if usable.isEmpty, let refusal = first.rights.refusal(of: 0, by: device, at: time) {
            throw FleetError(refusal, of: device)
        }
        return usable
    }

    /// A grant as it stands in this transaction.
    ///
    /// - Throws: ``FleetError/noGrant`` if it is not known here.
    func status(of grant: Grant) throws -> GrantStatus {
        guard let status = try view.grantsWithRights().first(where: { $0.grant.id == grant.id })
        else { throw FleetError.noGrant }
        return status
    }

    /// Hands rights on, and gives the receiver a lease on them.
    func handOn(
        _ bytes: ByteCount, of status: inout GrantStatus, to receiver: DeviceID,
        _ lease: Lease? = nil, at time: WallTime
    ) throws {
        guard !status.rights.isClosed(receiver) else { throw FleetError.closed(receiver) }
        try release(.transfer(bytes, to: receiver), of: &status, at: time)
        if let lease, receiver != device, receiver != status.grant.minter {
            try give(lease, of: &status, to: receiver, at: time)
        }
    }
}
