public import CausalTime
import DeltaCRDT
import ReplicaModel

extension FleetChanges {
    /// Asks the fleet for rights, so that this device can reserve `bytes` in all.
    ///
    /// What is missing is noted as a wish of each valid grant, first where others are known to hold
    /// rights; it replaces the wish before. Whoever holds more than this device answers when it
    /// hears of it, see ``answerRequests(at:)``. To ask again for the same changes nothing.
    ///
    /// - Parameter bytes: How much this device would like to be able to reserve.
    /// - Returns: How much of that is missing, in whole blocks; nothing if it is there.
    /// - Throws: ``FleetError/noGrant``, ``FleetError/leaseEnded``, ``FleetError/closed(_:)``,
    ///   ``FleetError/invalidAmount(_:)``.
    public func requestRights(_ bytes: ByteCount) throws -> ByteCount {
        guard bytes > .zero else {
            throw FleetError.invalidAmount("a request is for at least 1 byte")
        }
        let time = view.time(at: cells.now)
        var usable = try usableGrants(at: time)
        let available = usable.reduce(ByteCount.zero) {
            $0.addingClamped($1.usable(by: device, at: time))
        }
        let missing = (bytes.subtracting(available) ?? .zero)
            .roundedUp(to: Self.reservationBlock)
        var rest = missing
        for index in usable.indices {
            // Whoever holds rights that are not known here may hold them of the grant that lasts.
            let isLast = index == usable.indices.last
            let part = isLast ? rest : min(rest, heldByOthers(of: usable[index], at: time))
            try want(part, of: &usable[index])
            rest = rest.subtracting(part) ?? .zero
        }
        return missing
    }

    /// Answers what other devices have asked for, and asks for more where this device's lease says
    /// so.
    ///
    /// It is part of a replica's upkeep. A device that holds more of a grant than one that asks for
    /// it hands on as much as is missing, but never so much that it becomes the poorer one, nor so
    /// much that it would have to ask itself. Those who ask are brought to one level, see
    /// `WaterFilling`. Only members whose lease has not ended are answered.
    ///
    /// It writes nothing when there is nothing to do, and it comes to an end whatever devices know
    /// of each other: a wish is for a sum of all that was ever received, so every byte that is
    /// given diminishes it for good, and giving makes nobody ask. Two devices that answer at once
    /// may give too much between them, which is harmless: rights only move.
    ///
    /// - Parameter now: The device's clock; by default that of the transaction.
    /// - Returns: Whether anything was written.
    /// - Throws: What reading and writing cells throws, and no ``FleetError``.
    @discardableResult
    public func answerRequests(at now: WallTime? = nil) throws -> Bool {
        let time = view.time(at: max(now ?? cells.now, cells.now))
        let isConcerned = try cells.cells(of: FleetSchema.Transfers.collection, in: .control)
            .contains { $0.key.field != FleetSchema.Transfers.bytes }
        guard isConcerned else { return false }
        let membership = try Membership(cells)
        var hasWritten = false
        for var status in try view.grantsWithRights()
        where status.grant.isValid(at: time)
            && status.rights.refusal(of: 0, by: device, at: time) == nil
        {
            if try topUp(&status) { hasWritten = true }
            if try answer(membership, about: &status, at: time) { hasWritten = true }
        }
        return hasWritten
    }

    /// What others hold of a grant and may hand on.
    private func heldByOthers(of status: GrantStatus, at time: WallTime) -> ByteCount {
        status.rights.devices.reduce(.zero) {
            $1 == device ? $0 : $0.addingClamped(status.usable(by: $1, at: time))
        }
    }

    /// Notes that this device would like to receive so much more of a grant than it has received.
    ///
    /// - Returns: Whether that is new.
    @discardableResult
    private func want(_ more: ByteCount, of status: inout GrantStatus) throws -> Bool {
        let received = ByteCount(status.rights.received(by: device))
        let wanted = min(received.addingClamped(more), ByteCount(UInt64(Int64.max)))
        let former = status.wanted[device] ?? .zero
        // A wish that has come true is as good as none.
        guard max(former, received) != max(wanted, received) else { return false }
        try note(
            wanted,
            at: FleetSchema.part(
                FleetSchema.Transfers.collection, of: status.grant.id, device,
                FleetSchema.Transfers.wanted))
        status.wanted[device] = wanted
        return true
    }

    /// Asks for twice the threshold of this device's lease once less than that is left, and once
    /// what it has asked for before would not be enough either.
    private func topUp(_ status: inout GrantStatus) throws -> Bool {
        guard let threshold = status.lease(of: device)?.topUpBelow, threshold > .zero else {
            return false
        }
        let available = ByteCount(status.rights.available(to: device))
        let asked = status.missing(for: device)
        guard available.addingClamped(asked) < threshold else { return false }
        let missing = threshold.addingClamped(threshold).subtracting(available) ?? .zero
        return try want(missing.roundedUp(to: Self.reservationBlock), of: &status)
    }

    /// Hands on what others ask for of a grant.
    private func answer(
        _ membership: Membership, about status: inout GrantStatus, at time: WallTime
    ) throws -> Bool {
        let rights = status.rights
        let askers = status.wanted.keys.compactMap { asker -> WaterFilling.Asker? in
            let missing = status.missing(for: asker)
            guard missing > .zero, asker != device, membership.contains(asker),
                rights.refusal(of: 0, by: asker, at: time) == nil
            else { return nil }
            return WaterFilling.Asker(
                device: asker, available: rights.available(to: asker), missing: missing.bytes)
        }
        let filling = WaterFilling(
            available: rights.available(to: device),
            kept: status.lease(of: device)?.topUpBelow.bytes ?? 0,
            askers: askers.sorted { $0.device < $1.device }, block: Self.reservationBlock.bytes)
        // Who may have forgotten what it gave gives nothing.
        guard !filling.gifts.isEmpty, !cells.areRightsFrozen else { return false }
        var hasWritten = false
        for gift in filling.gifts {
            do {
                try handOn(ByteCount(gift.bytes), of: &status, to: gift.device, at: time)
            } catch is FleetError {
                // Upkeep must not stand in the way of the transaction that it is a part of.
                return hasWritten
            }
            hasWritten = true
        }
        return hasWritten
    }
}
