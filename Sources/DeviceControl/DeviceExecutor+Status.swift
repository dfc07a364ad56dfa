import Caravan
import CausalTime
import FleetModel
import ReplicaModel
import SyncTransport

extension DeviceExecutor {
    /// How the device is.
    func status() async throws -> DeviceStatus {
        let summary = try await replica.summary()
        let (device, fleet) = (replica.device, replica.fleet)
        let running = service?.status()
        return try await replica.read { view in
            let members = try view.members()
            let own = members.first { $0.device == device }
            return DeviceStatus(
                fleet: fleet.description, device: device.description, name: own?.name ?? "",
                deviceClass: own?.deviceClass.rawValue ?? "", digest: summary.digest.description,
                vectors: summary.vectors.described, members: members.count,
                profiles: try view.profiles().count, pool: try view.poolDescription(at: .now),
                service: running.map { ServiceDescription($0, names: MemberNames(members)) })
        }
    }
}

extension ServiceDescription {
    init(_ status: SyncStatus, names: MemberNames) {
        self.init(
            listening: status.listening?.description ?? "",
            connections: status.connections.map { ConnectionDescription($0, names: names) },
            bytesSent: status.bytesSent, bytesReceived: status.bytesReceived,
            messagesSent: status.messagesSent, messagesReceived: status.messagesReceived,
            sessions: status.sessions)
    }
}

extension ConnectionDescription {
    init(_ connection: SyncStatus.Connection, names: MemberNames) {
        self.init(
            address: connection.address, device: connection.device?.description,
            name: connection.device.map(names.name), state: connection.state.rawValue,
            lastSync: connection.lastSync?.milliseconds,
            problem: connection.problem)
    }
}

extension LaneVectors {
    /// By lane name, then by writer.
    fileprivate var described: [String: [String: UInt64]] {
        Lane.all.reduce(into: [:]) { lanes, lane in
            lanes[lane.description] = self[lane].entries.reduce(into: [:]) {
                $0[$1.writer.description] = $1.sequence
            }
        }
    }
}

/// What people call the members.
struct MemberNames {
    private let names: [DeviceID: String]
    private let ambiguous: Set<String>

    init(_ members: [Member]) {
        names = members.reduce(into: [:]) { $0[$1.device] = $1.name }
        let counts = members.reduce(into: [String: Int]()) { $0[$1.name, default: 0] += 1 }
        ambiguous = Set(counts.filter { $0.value > 1 }.keys)
    }

    /// A member's name; its identifier if it has none, or one that others have too.
    func name(of device: DeviceID) -> String {
        guard let name = names[device], !name.isEmpty, !ambiguous.contains(name) else {
            return device.description
        }
        return name
    }
}

extension FleetView {
    func memberNames() throws -> MemberNames { MemberNames(try members()) }

    func profileDescriptions() throws -> [ProfileDescription] {
        try profiles().map { profile in
            ProfileDescription(
                iccid: profile.iccid.digits,
                fields: profile.fields.reduce(into: [:]) { $0[$1.key.name] = $1.value })
        }
    }

    func usageDescriptions() throws -> [UsageDescription] {
        let names = try memberNames()
        return try usage().map { record in
            UsageDescription(
                period: record.key.period, device: record.key.device.description,
                name: names.name(of: record.key.device),
                iccid: record.key.iccid, epoch: record.key.epoch, country: record.key.country,
                received: record.amount.received.bytes, sent: record.amount.sent.bytes)
        }
    }

    func poolDescription(at now: WallTime) throws -> PoolDescription {
        let pool = try pool(at: now)
        let names = try memberNames()
        return PoolDescription(
            period: pool.period, granted: pool.granted.bytes, reserved: pool.reserved.bytes,
            used: pool.used.bytes, overrun: pool.overrun.bytes,
            grants: pool.grants.map { status in
                GrantDescription(
                    grant: status.grant.id.description, bytes: status.grant.bytes.bytes,
                    validFrom: status.grant.validFrom.milliseconds,
                    validUntil: status.grant.validUntil.milliseconds)
            },
            devices: pool.devices.map { allowance in
                AllowanceDescription(
                    device: allowance.device.description, name: names.name(of: allowance.device),
                    granted: allowance.granted.bytes, reserved: allowance.reserved.bytes,
                    available: allowance.available.bytes, used: allowance.used.bytes)
            },
            parts: pool.grants.flatMap { status in
                pool.devices.compactMap { PartDescription(of: $0.device, status, names) }
            })
    }
}

extension PartDescription {
    /// Nothing if there is neither a lease nor a closing nor an open request.
    fileprivate init?(of device: DeviceID, _ status: GrantStatus, _ names: MemberNames) {
        let lease = status.lease(of: device)
        let missing = status.missing(for: device)
        let isClosed = status.isClosed(by: device)
        guard lease != nil || missing > .zero || isClosed else { return nil }
        self.init(
            grant: status.grant.id.description, device: device.description,
            name: names.name(of: device), leaseUntil: lease?.until.milliseconds,
            topUpBelow: lease?.topUpBelow.bytes, missing: missing.bytes, isClosed: isClosed)
    }
}
