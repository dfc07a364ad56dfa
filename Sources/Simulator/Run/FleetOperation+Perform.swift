import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore

extension FleetOperation {
    /// Performs the operation in a transaction.
    ///
    /// - Parameters:
    ///   - fleet: The transaction.
    ///   - wall: What the device's clock shows.
    ///   - index: The device.
    ///   - devices: All devices.
    /// - Returns: That it was acknowledged, and of a reservation how much.
    /// - Throws: `FleetError` and `SchemaError` where the device refuses, and what stores throw.
    func perform(
        on fleet: FleetChanges<StoreTransaction>, _ wall: WallTime, as index: Int,
        devices: [DeviceID]
    ) throws -> OperationOutcome {
        switch self {
        case .edit(let iccid, let field, let value):
            try fleet.setProfile(iccid, field, to: value)
        case .addProfile(let iccid, let fields): try fleet.addProfile(iccid, fields)
        case .removeProfile(let iccid): try fleet.removeProfile(iccid)
        case .use(let bytes, let iccid, let country):
            try fleet.recordUsage(UsageAmount(received: bytes), iccid: iccid, country: country)
        case .reserve(let bytes): return .acknowledged(reserved: try fleet.reserve(bytes))
        case .grant, .allocate, .hand, .request, .closePart:
            try performPool(on: fleet, wall, devices)
        case .setPeriod(let name): try fleet.setPeriod(name)
        case .retire(let device): try fleet.cells.retire(devices[device])
        case .write(let record, let value):
            if try !fleet.cells.exists(record, in: ScenarioRecords.self) {
                try fleet.cells.insert(record, into: ScenarioRecords.self)
            }
            try fleet.cells.set(ScenarioRecords.value, of: record, to: value)
        case .right(let name, let action): try action.perform(on: name, fleet.cells, as: index)
        }
        return .acknowledged(reserved: nil)
    }

    private func performPool(
        on fleet: FleetChanges<StoreTransaction>, _ wall: WallTime, _ devices: [DeviceID]
    ) throws {
        switch self {
        case .grant(let bytes, let valid):
            _ = try fleet.grant(bytes, from: wall, until: wall.after(valid))
        case .allocate(let shares, let lease):
            _ = try fleet.allocate(
                shares.map { (devices[$0.device], $0.share) }, lease: lease?.lease(from: wall))
        case .hand(let bytes, let device, let lease):
            try fleet.transfer(
                bytes, of: Self.grant(in: fleet, wall), to: devices[device],
                lease: lease?.lease(from: wall))
        case .request(let bytes): _ = try fleet.requestRights(bytes)
        case .closePart: try fleet.closePart(of: Self.grant(in: fleet, wall))
        default: return
        }
    }

    /// The grant that ends first.
    private static func grant(
        in fleet: FleetChanges<StoreTransaction>, _ wall: WallTime
    ) throws -> Grant {
        guard let grant = try fleet.view.pool(at: wall).grants.first?.grant else {
            throw FleetError.noGrant
        }
        return grant
    }
}

extension FleetOperation.RightAction {
    fileprivate func perform(
        on name: String, _ cells: StoreTransaction, as index: Int
    ) throws {
        switch self {
        case .offer(let other):
            try cells.offer(ScenarioRights.holder, of: name, from: index, to: other)
        case .accept: try cells.accept(ScenarioRights.holder, of: name, as: index)
        case .decline: try cells.decline(ScenarioRights.holder, of: name, as: index)
        case .override(let other, let term):
            if try !cells.exists(name, in: ScenarioRights.self) {
                try cells.insert(name, into: ScenarioRights.self)
            }
            try cells.override(ScenarioRights.holder, of: name, to: other, term: term)
        }
    }
}

extension Scenario.LeaseTerms {
    fileprivate func lease(from wall: WallTime) -> Lease {
        Lease(until: wall.after(length), topUpBelow: topUpBelow)
    }
}

extension WallTime {
    fileprivate func after(_ time: Duration) -> WallTime {
        WallTime(milliseconds: milliseconds + Int64(time.wholeMilliseconds))
    }
}
