package import Caravan
import CausalTime
import FleetModel
import Foundation
import ReplicaModel
import SyncTransport

/// Carries out commands on a replica that this process holds.
package struct DeviceExecutor: Sendable {
    let replica: Replica
    /// The service that exchanges the replica, if it is being served.
    let service: SyncService?

    /// Makes an executor.
    package init(replica: Replica, service: SyncService? = nil) {
        self.replica = replica
        self.service = service
    }

    /// Carries out a command; unless the reply is a failure, its effect is durable.
    package func execute(_ command: DeviceCommand) async -> DeviceReply {
        do { return try await perform(command) } catch { return .failed(DeviceFailure(error)) }
    }

    private func perform(_ command: DeviceCommand) async throws -> DeviceReply {
        switch command {
        case .status: return .status(try await status())
        case .profileAdd(let iccid, let fields): return try await addProfile(iccid, fields)
        case .profileSet(let iccid, let field, let value):
            return try await editProfile(iccid, [field: value])
        case .profileEdit(let iccid, let fields): return try await editProfile(iccid, fields)
        case .profileRemove(let iccid):
            let iccid = try ICCID(iccid)
            try await replica.write { try $0.removeProfile(iccid) }
            return .done
        case .profileList: return .profiles(try await replica.read { try $0.profileDescriptions() })
        case .poolGrant(let bytes, let seconds): return try await grant(bytes, seconds)
        case .poolAllocate(let shares, let lease): return try await allocate(shares, lease)
        case .poolRequest(let bytes):
            return .requested(bytes: try await replica.requestRights(ByteCount(bytes)).bytes)
        case .poolClose(let grant): return try await closePart(of: grant)
        case .poolShow: return .pool(try await replica.read { try $0.poolDescription(at: .now) })
        case .usageRecord(let measurement): return try await record(measurement)
        case .usageList: return .usage(try await replica.read { try $0.usageDescriptions() })
        case .reserve(let bytes): return try await reserve(bytes)
        case .sync(let address, let budget): return try await sync(address, budget)
        }
    }

    // MARK: Profiles

    private func addProfile(
        _ iccid: String, _ fields: [String: String]
    ) async throws -> DeviceReply {
        let iccid = try ICCID(iccid)
        let fields = try Self.profileFields(fields)
        try await replica.write { try $0.addProfile(iccid, fields) }
        return .done
    }

    private func editProfile(
        _ iccid: String, _ fields: [String: String]
    ) async throws -> DeviceReply {
        let iccid = try ICCID(iccid)
        let fields = try Self.profileFields(fields)
        try await replica.write { fleet in
            for field in ProfileField.allCases {
                if let value = fields[field] { try fleet.setProfile(iccid, field, to: value) }
            }
        }
        return .done
    }

    private static func profileFields(
        _ fields: [String: String]
    ) throws -> [ProfileField: String] {
        var typed: [ProfileField: String] = [:]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            typed[try ProfileField(named: name)] = value
        }
        return typed
    }

    // MARK: Usage

    private func record(_ measurement: DeviceCommand.UsageMeasurement) async throws -> DeviceReply {
        let iccid = measurement.iccid.isEmpty ? "" : try ICCID(measurement.iccid).digits
        let country = measurement.country
        guard country.isEmpty || country.utf8.count == 2 && country.utf8.allSatisfy(\.isUppercase)
        else {
            throw DeviceFailure.mistake("'\(country)' is no country code such as CH")
        }
        try await replica.write { fleet in
            try fleet.recordUsage(
                UsageAmount(
                    received: ByteCount(measurement.received), sent: ByteCount(measurement.sent)),
                iccid: iccid, epoch: measurement.epoch, country: country)
        }
        return .done
    }

    // MARK: Exchange

    private func sync(_ address: String, _ budget: UInt64?) async throws -> DeviceReply {
        let address = try SyncAddress(parsing: address)
        let service = service ?? SyncService(replica: replica)
        let outcome = try await service.sync(
            with: address, byteBudget: budget.map { Int(clamping: $0) })
        let names = try await replica.read { try $0.memberNames() }
        return .synchronized(
            SyncDescription(
                peer: outcome.peer.description, name: names.name(of: outcome.peer),
                bytesSent: outcome.bytesSent,
                bytesReceived: outcome.bytesReceived, cellsReceived: outcome.cellsReceived,
                digest: outcome.digest.description))
    }
}

extension UInt8 {
    fileprivate var isUppercase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}

extension WallTime {
    /// What the system's clock shows.
    static var now: WallTime {
        WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
