import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncEngine
import Synchronization

/// One device of a simulated fleet: the production store in memory, and the device's meter.
final class SimulatedDevice {
    let index: Int
    let name: String
    let id: DeviceID
    let identity: Preamble
    private(set) var store: ReplicaStore
    var meter = Metering()
    /// Bytes handed to links and taken from them.
    var bytesSent: UInt64 = 0
    var bytesReceived: UInt64 = 0
    /// What it had seen when it was looked at last; it may only grow.
    private var seen = LaneVectors()

    init(
        index: Int, name: String, fleet: FleetID, clock: SimulatedClock, random: SeededRandom
    ) throws {
        var random = random
        self.index = index
        self.name = name
        id = DeviceID.random(using: &random)
        identity = Preamble(capabilities: .own, fleet: fleet, device: id)
        let nonces = NonceSource(random)
        var options = ReplicaStore.Options()
        options.mark = MemoryMark()
        options.drawNonce = { nonces.next() }
        options.upkeep = Upkeep()
        options.domainUpkeep = { try FleetChanges($0).answerRequests(at: clock.now) }
        store = try ReplicaStore.inMemory(fleet: fleet, device: id, options: options)
    }

    var vectors: LaneVectors { store.durableSummary.vectors }
    var digest: Digest { store.durableSummary.digest }

    /// What a killed process leaves and a new one finds.
    func restart() throws { store = try store.reopened() }

    /// Says if the replica has forgotten something that it had seen.
    func violation(at time: Duration) -> Violation? {
        let now = vectors
        defer { seen = now }
        guard !now.dominates(seen) else { return nil }
        return Violation(.consistency, at: time, "\(name): a version vector went back")
    }

    /// Performs an operation as a process would that was told to.
    func perform(
        _ operation: FleetOperation, at wall: WallTime, devices: [DeviceID]
    ) throws -> OperationOutcome {
        do {
            return try store.write(at: wall) { transaction in
                try Self.perform(operation, on: FleetChanges(transaction), wall, devices)
            }
        } catch let error as FleetError {
            return .refused(error.description)
        }
    }

    private static func perform(
        _ operation: FleetOperation, on fleet: FleetChanges<StoreTransaction>, _ wall: WallTime,
        _ devices: [DeviceID]
    ) throws -> OperationOutcome {
        switch operation {
        case .edit(let iccid, let field, let value):
            try fleet.setProfile(iccid, field, to: value)
        case .addProfile(let iccid, let fields): try fleet.addProfile(iccid, fields)
        case .removeProfile(let iccid): try fleet.removeProfile(iccid)
        case .use(let bytes, let iccid, let country):
            try fleet.recordUsage(UsageAmount(received: bytes), iccid: iccid, country: country)
        case .reserve(let bytes): return .acknowledged(reserved: try fleet.reserve(bytes))
        case .grant(let bytes, let valid):
            let until = WallTime(
                milliseconds: wall.milliseconds + Int64(valid.wholeMilliseconds))
            _ = try fleet.grant(bytes, from: wall, until: until)
        case .allocate(let shares):
            _ = try fleet.allocate(shares.map { (devices[$0.device], $0.share) })
        }
        return .acknowledged(reserved: nil)
    }

    /// What the replica says about the fleet.
    func observe(at wall: WallTime, devices: [DeviceID]) throws -> DeviceObservation {
        try store.read { snapshot in
            let view = FleetView(snapshot)
            let pool = try view.pool(at: wall)
            var observation = DeviceObservation(
                digest: snapshot.summary.digest.description, used: [:],
                granted: pool.granted.bytes, reserved: [:], available: [:], profiles: [:])
            for allowance in pool.devices {
                guard let index = devices.firstIndex(of: allowance.device) else { continue }
                observation.used[index] = allowance.used.bytes
                observation.reserved[index] = allowance.reserved.bytes
                observation.available[index] = allowance.available.bytes
            }
            for profile in try view.profiles() {
                observation.profiles[profile.iccid.digits] = Dictionary(
                    uniqueKeysWithValues: profile.fields.map { ($0.key.name, $0.value) })
            }
            return observation
        }
    }
}

/// Nonces from a seeded stream, for a store that may ask from any thread.
private final class NonceSource: Sendable {
    private let random: Mutex<SeededRandom>

    init(_ random: SeededRandom) { self.random = Mutex(random) }

    func next() -> UInt64 { random.withLock { $0.next() } }
}
