public import CausalTime
import DeltaCRDT
import ReplicaModel

extension FleetView {
    /// The shared data: what was granted, who holds the rights, and what was used.
    ///
    /// - Parameter now: Decides which grants and leases have ended; see `time(at:)`.
    /// - Returns: The pool as far as this replica knows.
    /// - Throws: What reading the cells throws.
    public func pool(at now: WallTime) throws -> PoolStatus {
        let grants = try grantsWithRights()
        let period = try period()
        let used = try usage(in: period)
        let time = time(at: now)
        var devices = Set(used.keys)
        devices.formUnion(try members().map(\.device))
        for status in grants { devices.formUnion(status.rights.devices) }
        return PoolStatus(
            period: period, grants: grants,
            devices: devices.sorted().map { device in
                Self.allowance(of: device, grants, used: used[device] ?? .zero, at: time)
            })
    }

    /// The time by which the ends of grants and leases are judged: `now`, or the time of the latest
    /// write that is known here if that is later.
    ///
    /// So a clock that is set back gives no grant and no lease a longer life than the fleet has
    /// seen it have.
    func time(at now: WallTime) -> WallTime { max(now, cells.latestTimestamp.wallTime) }

    private static func allowance(
        of device: DeviceID, _ grants: [GrantStatus], used: ByteCount, at time: WallTime
    ) -> DeviceAllowance {
        var granted: UInt64 = 0
        var reserved: UInt64 = 0
        var available: ByteCount = .zero
        for status in grants {
            let rights = status.rights
            let gone = rights.transferred(by: device).addingClamped(rights.returned(by: device))
            granted = granted.addingClamped(
                rights.received(by: device).subtractingClamped(gone))
            reserved = reserved.addingClamped(rights.reserved(by: device))
            available = available.addingClamped(status.usable(by: device, at: time))
        }
        return DeviceAllowance(
            device: device, granted: ByteCount(granted), reserved: ByteCount(reserved),
            available: available, used: used)
    }

    /// The grants, each with its rights matrix, ascending by end, start and name.
    ///
    /// That is the order in which they are drawn on.
    func grantsWithRights() throws -> [GrantStatus] {
        var grants: [[UInt8]: GrantStatus] = [:]
        for row in try rows(of: FleetSchema.Grants.collection, in: .control) {
            grants[row.key] = Self.grant(row).map { GrantStatus($0) }
        }
        guard !grants.isEmpty else { return [] }
        let devices = try cells.devicesOfWriters()
        for cell in try cells.cells(of: FleetSchema.Transfers.collection, in: .control) {
            grants[Array(cell.key.row.prefix(16))]?
                .take(receipt: cell, by: devices[cell.dot.writer])
        }
        for cell in try cells.cells(of: FleetSchema.Reservations.collection, in: .control) {
            grants[cell.key.row]?.take(reservation: cell, by: devices[cell.dot.writer])
        }
        for cell in try cells.cells(of: FleetSchema.Closings.collection, in: .control) {
            grants[Array(cell.key.row.prefix(16))]?
                .take(closing: cell, by: devices[cell.dot.writer])
        }
        return grants.values.sorted {
            ($0.grant.validUntil, $0.grant.validFrom, $0.grant.id)
                < ($1.grant.validUntil, $1.grant.validFrom, $1.grant.id)
        }
    }

    /// A grant whose facts are all there; they are written together, so they arrive together.
    private static func grant(_ row: Row) -> Grant? {
        guard let id = GrantID(bytes: row.key),
            let bytes = row[FleetSchema.Grants.bytes]?.integer,
            let minter = row[FleetSchema.Grants.minter]?.identifierBytes.flatMap({
                DeviceID(bytes: $0)
            }),
            let from = row[FleetSchema.Grants.validFrom]?.integer,
            let until = row[FleetSchema.Grants.validUntil]?.integer
        else { return nil }
        return Grant(
            id: id, bytes: ByteCount(UInt64(clamping: bytes)), minter: minter,
            validFrom: WallTime(milliseconds: from), validUntil: WallTime(milliseconds: until))
    }
}

extension RightsMatrix {
    /// Every device that appears.
    var devices: Set<DeviceID> {
        var devices: Set<DeviceID> = [minter]
        for transfer in transfers.keys {
            devices.insert(transfer.from)
            devices.insert(transfer.to)
        }
        for reservation in reservations.keys { devices.insert(reservation.device) }
        for closing in closings.keys { devices.insert(closing.device) }
        return devices
    }
}
