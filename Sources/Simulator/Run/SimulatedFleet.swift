import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncWire

/// All devices and links of a simulated fleet, under one virtual clock.
///
/// The stores, sessions, codec and compression are those of the product; only sockets and time are
/// replaced. Nothing here draws from the system, so a seed decides everything.
final class SimulatedFleet {
    enum Event {
        /// What the scenario brings about.
        case scheduled(ScheduledEvent.Kind)
        /// A device tries to reach the other end of a link.
        case dial(SimulatedLink)
        /// The connection is there at a side.
        case connected(SimulatedSession, side: Int)
        /// Bytes reach a side.
        case deliver(SimulatedSession, side: Int, [UInt8])
        /// A side closed the connection, and the other one learns of it.
        case closed(SimulatedSession)
        /// A connection wanted to be reminded.
        case deadline(SimulatedSession, side: Int)
        /// A side that waits for its turn to greet asks again.
        case turn(SimulatedSession, side: Int)
    }

    let scenario: Scenario
    let devices: [SimulatedDevice]
    let links: [SimulatedLink]
    /// The links of each device, by its index.
    let linksOfDevice: [[SimulatedLink]]
    var queue = EventQueue<Event>()
    /// How many connections there have been.
    var sessionCount: UInt64 = 0
    var now: Duration {
        didSet { clock.advance(to: wall) }
    }
    private let clock: SimulatedClock
    var trace = Trace()
    var oracle: Oracle
    var connectivity: Connectivity
    var wire = RunReport.Wire()
    var convergence = ConvergenceClock()
    /// Collects what a report shows, if one is wanted.
    var recorder: RunRecorder?
    /// The token of each right that a device may use, by device and name.
    var activeRights: [[String: FencingToken]]
    /// Where strangers take their noise from.
    var strangers: SeededRandom
    /// Told of what people may want to see, with the time.
    var narrate: (Duration, String) -> Void = { _, _ in }

    /// What the devices' clocks show at time zero: a Monday morning in June.
    static let wallAtZero = WallTime(milliseconds: 1_780_300_800_000)

    init(scenario: Scenario, random: SeededRandom, startingAt start: Duration) throws {
        self.scenario = scenario
        now = start
        let clock = SimulatedClock(at: Self.wall(at: start))
        self.clock = clock
        var identifiers = random.fork(label: "fleet")
        let fleet = FleetID.random(using: &identifiers)
        let faulty = scenario.devicesWithFaultyDisks
        let usual: SimulatedDisk.Kind =
            scenario.devices.count > Self.devicesInMemoryMax ? .temporary : .memory
        devices = try scenario.devices.enumerated().map { index, device in
            try SimulatedDevice(
                index: index, name: device.name, fleet: fleet, clock: clock,
                kind: faulty.contains(index) ? .faulty : usual,
                random: random.fork(label: "device/\(device.name)"))
        }
        links = scenario.links.enumerated().map { index, link in
            SimulatedLink(index: index, link, random: random.fork(label: "link/\(index)"))
        }
        var linksOfDevice = [[SimulatedLink]](repeating: [], count: devices.count)
        for link in links {
            linksOfDevice[link.a].append(link)
            linksOfDevice[link.b].append(link)
        }
        self.linksOfDevice = linksOfDevice
        oracle = Oracle(of: scenario)
        activeRights = devices.map { _ in [:] }
        strangers = random.fork(label: "strangers")
        connectivity = Connectivity(of: scenario)
    }

    /// Beyond so many devices their replicas lie in files: each takes megabytes once it knows all
    /// the others.
    private static let devicesInMemoryMax = 128

    /// What every device's clock shows that is right.
    var wall: WallTime { Self.wall(at: now) }

    private static func wall(at time: Duration) -> WallTime {
        WallTime(milliseconds: wallAtZero.milliseconds + Int64(time.wholeMilliseconds))
    }

    var deviceIDs: [DeviceID] { devices.map(\.id) }

    /// The devices that are part of the fleet: they have joined and were not lost.
    var present: [SimulatedDevice] {
        devices.filter { connectivity.isPresent(device: $0.index) }
    }

    /// Whether all replicas are equal.
    var isConverged: Bool {
        var first: SimulatedDevice?
        for device in devices where connectivity.isPresent(device: device.index) {
            guard let other = first else {
                first = device
                continue
            }
            guard device.digest == other.digest, device.vectors == other.vectors else {
                return false
            }
        }
        return true
    }

    /// Lets events happen until `time`, or until `isDone` says so.
    ///
    /// - Returns: Whether it ended because of `isDone`.
    @discardableResult
    func run(until time: Duration, isDone: () -> Bool = { false }) throws -> Bool {
        while let next = queue.nextTime, next <= time {
            if isDone() { return true }
            guard let (at, event) = queue.next() else { break }
            // What was under way when a part of the run ended comes at the beginning of the next.
            now = max(now, at)
            recorder?.tick(milliseconds, violations: oracle.violations.count)
            try handle(event)
        }
        if isDone() { return true }
        now = max(now, time)
        return false
    }

    private func handle(_ event: Event) throws {
        switch event {
        case .scheduled(let kind): try perform(kind)
        case .dial(let link): dial(link)
        case .connected(let session, let side): connected(side, of: session)
        case .deliver(let session, let side, let bytes): deliver(bytes, to: side, of: session)
        case .closed(let session): end(session)
        case .deadline(let session, let side): timeReached(side, of: session)
        case .turn(let session, let side): takeTurn(side, of: session)
        }
    }

    /// Takes note that a device's replica has changed, and lets its connections know.
    func didChange(_ device: SimulatedDevice, through session: SimulatedSession?) {
        if let violation = device.violation(at: now) { oracle.report(violation) }
        recordChange(of: device)
        let vectors = device.vectors
        for link in linksOfDevice[device.index] {
            // Also the session that it came through: what upkeep wrote along with it is news there.
            guard let other = link.session, other.isOpen else { continue }
            let side = link.a == device.index ? 0 : 1
            guard other.isConnected[side] else { continue }
            let output = other.ends[side].changed(
                to: vectors, relayed: session != nil, at: time, replica: device.store)
            take(output, from: side, of: other)
        }
        convergence.check(present, at: now)
        watchRights(of: device)
    }

    var time: MonotonicTime { MonotonicTime(sinceStart: now) }
}
