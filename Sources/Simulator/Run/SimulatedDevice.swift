import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncEngine

/// One device of a simulated fleet: the production store, its disk and clock, and its meter.
final class SimulatedDevice {
    let index: Int
    let name: String
    let id: DeviceID
    let identity: Preamble
    let nonces: NonceSource
    let clock: DeviceClock
    let disk: SimulatedDisk
    var meter = Metering()
    /// Whose turn it is to greet.
    var turns = CatchUpTurns()
    /// How many processes it has had before this one.
    private(set) var life = 0
    /// What it would have heard if its process did not stand still, in order.
    var held: [SimulatedFleet.Event] = []
    /// Bytes handed to links and taken from them.
    var bytesSent: UInt64 = 0
    var bytesReceived: UInt64 = 0
    /// What it had seen when it was looked at last; it may only grow.
    private var seen = LaneVectors()
    private var random: SeededRandom

    init(
        index: Int, name: String, fleet: FleetID, clock: SimulatedClock, kind: SimulatedDisk.Kind,
        random: SeededRandom
    ) throws {
        var random = random
        self.index = index
        self.name = name
        let id = DeviceID.random(using: &random)
        self.id = id
        identity = Preamble(capabilities: .own, fleet: fleet, device: id)
        let own = DeviceClock(clock)
        self.clock = own
        let nonces = NonceSource(random)
        self.nonces = nonces
        var options = ReplicaStore.Options()
        options.drawNonce = { nonces.writer() }
        options.upkeep = Upkeep()
        options.domainUpkeep = { try FleetChanges($0).answerRequests(at: own.now) }
        disk = try SimulatedDisk(fleet: fleet, device: id, kind: kind, options: options)
        self.random = random.fork(label: "disk")
    }

    var store: ReplicaStore { disk.store }
    var vectors: LaneVectors { store.durableSummary.vectors }
    var digest: Digest { store.durableSummary.digest }

    /// Ends its process at once, with the power or without.
    func end(withPower: Bool) {
        held = []
        life += 1
        turns = CatchUpTurns()
        disk.end(tearing: withPower ? random.next() : nil)
    }

    /// Says if the replica has forgotten something that it had seen.
    func violation(at time: Duration) -> Violation? {
        let now = vectors
        defer { seen = now }
        guard !now.dominates(seen) else { return nil }
        return Violation(.consistency, at: time, "\(name): a version vector went back")
    }

    /// Performs an operation as a process would that was told to.
    func perform(
        _ operation: FleetOperation, devices: [DeviceID]
    ) throws -> OperationOutcome {
        let wall = clock.now
        do {
            return try store.write(at: wall) { transaction in
                try operation.perform(
                    on: FleetChanges(transaction), wall, as: index, devices: devices)
            }
        } catch let error as FleetError {
            return .refused(error.description)
        } catch let error as SchemaError {
            return .refused("\(error)")
        } catch let error as StoreError where disk.isInTrouble {
            // It may be there nevertheless once the disk works again.
            return .failed("\(error)")
        }
    }

    /// What the replica says about the fleet.
    func observe(devices: [DeviceID]) throws -> DeviceObservation {
        try store.read { try DeviceObservation($0, at: clock.now, devices: devices) }
    }

    /// The token of each right that it may use.
    func activeRights() throws -> [String: FencingToken] {
        try store.read { snapshot in
            var tokens: [String: FencingToken] = [:]
            for row in try snapshot.rows(of: ScenarioRights.self) {
                let status = row[ScenarioRights.holder]
                if status.isActive(index), !snapshot.areRightsFrozen {
                    tokens[row.key] = status.token
                }
            }
            return tokens
        }
    }
}

extension DeviceObservation {
    /// Reads what a replica says.
    fileprivate init(
        _ snapshot: StoreSnapshot, at wall: WallTime, devices: [DeviceID]
    ) throws {
        let view = FleetView(snapshot)
        let pool = try view.pool(at: wall)
        self.init(
            digest: snapshot.summary.digest.description, used: [:],
            granted: pool.granted.bytes, reserved: [:], available: [:], profiles: [:])
        writes = Lane.all.reduce(0) { $0 + snapshot.vectors[$1].total }
        let indexes = Dictionary(
            devices.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        for allowance in pool.devices {
            guard let index = indexes[allowance.device] else { continue }
            reserved[index] = allowance.reserved.bytes
            available[index] = allowance.available.bytes
        }
        for record in try view.usage() {
            if let index = indexes[record.key.device] {
                used[index, default: 0] += record.amount.total.bytes
            }
        }
        usedInPeriod = pool.used.bytes
        for profile in try view.profiles() {
            profiles[profile.iccid.digits] = Dictionary(
                uniqueKeysWithValues: profile.fields.map { ($0.key.name, $0.value) })
        }
        for row in try snapshot.rows(of: ScenarioRecords.self) {
            records[row.key] = row[ScenarioRecords.value].all.sorted()
        }
        for row in try snapshot.rows(of: ScenarioRights.self) {
            let status = row[ScenarioRights.holder]
            if let state = status.state, state.offeredTo == nil { rights[row.key] = state.holder }
        }
        members = try Membership(snapshot).members.count
        lostValues = try snapshot.lostValues().count
    }
}
