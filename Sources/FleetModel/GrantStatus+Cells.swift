import CausalTime
import DeltaCRDT
import ReplicaModel

/// Cells become rights: each is taken in only if it is what its place says, and for the device that
/// its writer belongs to.
extension GrantStatus {
    /// Takes in a cell about what a device receives of the grant.
    mutating func take(receipt cell: Cell, by author: DeviceID?) {
        guard let receiver = DeviceID(bytes: cell.key.row.dropFirst(16)) else { return }
        switch (cell.key.field, cell.kind) {
        case (FleetSchema.Transfers.bytes, .counter):
            guard let author else { return }
            rights.merge(
                cell.amount, for: .init(writer: cell.dot.writer, from: author, to: receiver))
        case (FleetSchema.Transfers.leaseUntil, .maximum):
            rights.merge(
                leaseUntil: WallTime(milliseconds: Int64(clamping: cell.amount)), of: receiver)
        case (FleetSchema.Transfers.topUpBelow, .register): topUps[receiver] = cell.byteCount
        case (FleetSchema.Transfers.wanted, .register): wanted[receiver] = cell.byteCount
        default: return
        }
    }

    /// Takes in a cell about what a device has reserved of the grant.
    mutating func take(reservation cell: Cell, by author: DeviceID?) {
        guard cell.key.field == FleetSchema.Reservations.bytes, cell.kind == .counter,
            let author
        else { return }
        rights.merge(
            cell.amount, for: RightsMatrix.Reservation(writer: cell.dot.writer, device: author))
    }

    /// Takes in a closing, if its writer belongs to the device whose part it closes.
    mutating func take(closing cell: Cell, by author: DeviceID?) {
        guard cell.key.field == FleetSchema.Closings.outflow, cell.kind == .counter,
            let author, author == DeviceID(bytes: cell.key.row.dropFirst(16))
        else { return }
        rights.merge(
            cell.amount, for: RightsMatrix.Closing(writer: cell.dot.writer, device: author))
    }
}

extension Cell {
    /// The number of bytes that a register says; nothing if it says something else.
    fileprivate var byteCount: ByteCount? {
        guard let integer = CellValue(encoded: value)?.integer, integer >= 0 else { return nil }
        return ByteCount(UInt64(integer))
    }
}
