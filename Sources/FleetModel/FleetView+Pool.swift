public import CausalTime
import DeltaCRDT
import ReplicaModel

extension FleetView {
    /// The shared data: what was granted, who holds the rights, and what was used.
    ///
    /// - Parameter now: Decides which grants count as available.
    /// - Returns: The pool as far as this replica knows.
    /// - Throws: What reading the cells throws.
    public func pool(at now: WallTime) throws -> PoolStatus {
        let grants = try grantsWithRights()
        let period = try period()
        let used = try usage(in: period)
        var devices = Set(used.keys)
        devices.formUnion(try members().map(\.device))
        for status in grants { devices.formUnion(status.rights.devices) }
        return PoolStatus(
            period: period, grants: grants,
            devices: devices.sorted().map { device in
                Self.allowance(of: device, grants, used: used[device] ?? .zero, at: now)
            })
    }

    private static func allowance(
        of device: DeviceID, _ grants: [GrantStatus], used: ByteCount, at now: WallTime
    ) -> DeviceAllowance {
        var granted: UInt64 = 0
        var reserved: UInt64 = 0
        var available: UInt64 = 0
        for status in grants {
            let rights = status.rights
            let received = rights.received(by: device)
            granted = granted.addingClamped(
                received - min(received, rights.transferred(by: device)))
            reserved = reserved.addingClamped(rights.reserved(by: device))
            if status.grant.isValid(at: now) {
                available = available.addingClamped(rights.available(to: device))
            }
        }
        return DeviceAllowance(
            device: device, granted: ByteCount(granted), reserved: ByteCount(reserved),
            available: ByteCount(available), used: used)
    }

    /// The grants, each with its rights matrix, ascending by end, start and name.
    ///
    /// That is the order in which they are drawn on.
    func grantsWithRights() throws -> [GrantStatus] {
        var matrices: [[UInt8]: (Grant, RightsMatrix)] = [:]
        for row in try rows(of: FleetSchema.Grants.collection, in: .control) {
            guard let grant = Self.grant(row) else { continue }
            matrices[row.key] = (
                grant, RightsMatrix(granted: grant.bytes.bytes, minter: grant.minter)
            )
        }
        let devices = try cells.devicesOfWriters()
        for cell in try cells.cells(of: FleetSchema.Transfers.collection, in: .control) {
            let grant = Array(cell.key.row.prefix(16))
            guard let from = devices[cell.dot.writer],
                let to = DeviceID(bytes: cell.key.row.dropFirst(16))
            else { continue }
            matrices[grant]?.1.merge(
                cell.amount, for: .init(writer: cell.dot.writer, from: from, to: to))
        }
        for cell in try cells.cells(of: FleetSchema.Reservations.collection, in: .control) {
            guard let device = devices[cell.dot.writer] else { continue }
            matrices[cell.key.row]?.1.merge(
                cell.amount, for: .init(writer: cell.dot.writer, device: device))
        }
        return matrices.values.map(GrantStatus.init(grant:rights:)).sorted {
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
        return devices
    }
}
