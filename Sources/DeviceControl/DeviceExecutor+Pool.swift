import Caravan
import CausalTime
import FleetModel

extension DeviceExecutor {
    func grant(_ bytes: UInt64, _ seconds: Double) async throws -> DeviceReply {
        let from = WallTime.now
        let until = try Self.end(of: seconds, from: from)
        let grant = try await replica.write { fleet in
            try fleet.grant(ByteCount(bytes), from: from, until: until)
        }
        return .granted(grant: grant.id.description, bytes: grant.bytes.bytes)
    }

    func allocate(
        _ shares: [DeviceCommand.DeviceShare], _ terms: DeviceCommand.LeaseTerms?
    ) async throws -> DeviceReply {
        let lease = try terms.map { terms in
            Lease(
                until: try Self.end(of: terms.seconds, from: .now),
                topUpBelow: ByteCount(terms.topUpBelow))
        }
        return try await replica.write { fleet in
            let shares = try shares.map { share in
                guard let part = Share(basisPoints: share.basisPoints) else {
                    throw DeviceFailure.mistake("the share of '\(share.device)' is not 0% to 100%")
                }
                return (key: try fleet.view.member(named: share.device).device, share: part)
            }
            let given = try fleet.allocate(shares, lease: lease)
            let names = try fleet.view.memberNames()
            return .allocated(
                given.reduce(into: [:]) { $0[names.name(of: $1.key)] = $1.value.bytes })
        }
    }

    func reserve(_ bytes: UInt64) async throws -> DeviceReply {
        let device = replica.device
        return try await replica.write { fleet in
            let reserved = try fleet.reserve(ByteCount(bytes))
            let pool = try fleet.view.pool(at: .now)
            let own = pool.devices.first { $0.device == device }
            return .reserved(bytes: reserved.bytes, available: own?.available.bytes ?? 0)
        }
    }

    func closePart(of name: String) async throws -> DeviceReply {
        try await replica.write { fleet in
            let grants = try fleet.view.pool(at: .now).grants.map(\.grant)
            guard let grant = grants.first(where: { $0.id.description == name }) else {
                throw DeviceFailure.mistake("there is no grant '\(name)' here")
            }
            try fleet.closePart(of: grant)
        }
        return .done
    }

    /// When something that begins now and lasts so long ends.
    private static func end(of seconds: Double, from start: WallTime) throws -> WallTime {
        guard seconds > 0, seconds <= DurationText.longest else {
            throw DeviceFailure.mistake(
                "a grant or a lease lasts longer than nothing, at most 100 years")
        }
        return WallTime(milliseconds: start.milliseconds + Int64((seconds * 1000).rounded(.up)))
    }
}
