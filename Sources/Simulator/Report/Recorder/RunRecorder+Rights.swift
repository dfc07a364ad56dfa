import CausalTime
import DeltaCRDT
import FleetModel
import ReplicaModel

/// Rights on their way: the write by which one device handed them to another.
struct PendingHandover {
    let place: Int
    let to: Int
    let dot: Dot
}

/// Who handed rights of which grant to whom.
struct RightsEntry: Hashable {
    let grant: String
    let from: Int
    let to: Int
}

extension RunRecorder {
    private static var pendingMax: Int { 512 }

    /// A device has handed rights to another one, by a write in the control lane.
    func handed(_ bytes: UInt64, from: Int, to: Int, by dot: Dot, at now: Int) {
        guard isShown, bytes > 0 else { return }
        handoversSeen += 1
        guard handovers.count < limits.handovers else { return }
        pendingHandovers.append(PendingHandover(place: handovers.count, to: to, dot: dot))
        handovers.append(
            ReportDocument.Handover(from: from, to: to, sent: now, arrived: nil, bytes: bytes))
        if pendingHandovers.count > Self.pendingMax { pendingHandovers.removeFirst() }
    }

    /// A device may have learned of rights that it was handed.
    func arrive(_ device: Int, _ seen: LaneVectors, at now: Int) {
        guard !pendingHandovers.isEmpty else { return }
        pendingHandovers.removeAll { pending in
            guard pending.to == device, seen[.control].contains(pending.dot) else { return false }
            handovers[pending.place].arrived = now
            return true
        }
    }

    /// Compares what a device has handed on with what was known of it.
    func compareRights(
        _ grants: [GrantStatus], of device: Int, devices: [DeviceID], by dot: Dot, at now: Int
    ) {
        for status in grants {
            let given = status.rights.transfers.filter { $0.key.from == devices[device] }
            for (transfer, bytes) in given.sorted(by: { $0.key.to < $1.key.to }) {
                guard let to = devices.firstIndex(of: transfer.to) else { continue }
                let entry = RightsEntry(
                    grant: status.grant.id.description, from: device, to: to)
                let known = rightsKnown[entry] ?? 0
                guard bytes > known else { continue }
                rightsKnown[entry] = bytes
                handed(bytes - known, from: device, to: to, by: dot, at: now)
            }
        }
    }

    var handoverOmission: ReportDocument.Omission? {
        guard handovers.count < handoversSeen else { return nil }
        return ReportDocument.Omission(
            what: "rights handed on", shown: handovers.count, of: handoversSeen)
    }
}
