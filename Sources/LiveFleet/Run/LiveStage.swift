import DeviceControl
import Simulator
import Synchronization

/// Everything that a live run consists of once its replicas have been made.
final class LiveStage: Sendable {
    /// What the run is doing.
    enum Phase: Sendable {
        case opening
        case underWay
        case settling
        case over
    }

    let scenario: Scenario
    let schedule: Schedule
    let clock: LiveClock
    let proxies: LinkProxies
    let devices: [LiveDevice]
    let watch: FleetWatch
    let display: any LiveDisplay
    let oracle: Mutex<Oracle>
    let connectivity: Mutex<Connectivity>
    let phase = Mutex(Phase.opening)
    /// The loss of signal that each device suffers now, if it does.
    let losses: Mutex<[SignalLoss?]>

    init(
        scenario: Scenario, schedule: Schedule, clock: LiveClock, proxies: LinkProxies,
        devices: [LiveDevice], display: any LiveDisplay
    ) {
        self.scenario = scenario
        self.schedule = schedule
        self.clock = clock
        self.proxies = proxies
        self.devices = devices
        self.display = display
        watch = FleetWatch(devices: devices, absent: scenario.joiningDevices)
        oracle = Mutex(Oracle(of: scenario))
        connectivity = Mutex(Connectivity(of: scenario))
        losses = Mutex(scenario.devices.map { _ in nil })
    }

    /// The devices that are part of the fleet, by their indexes.
    var present: [Int] {
        connectivity.withLock { connectivity in
            devices.indices.filter { connectivity.isPresent(device: $0) }
        }
    }

    /// To be called when the judgement stands: from now on processes end as they should.
    func conclude() { phase.withLock { $0 = .over } }

    /// Tells people of something.
    func narrate(_ text: String) {
        let now = clock.now
        display.show(LiveEvent(at: now < .zero ? nil : now, text))
    }

    /// Adds a finding to the judgement.
    func report(_ rule: Violation.Rule, _ message: String) {
        let now = clock.now
        oracle.withLock { $0.report(Violation(rule, at: now, message)) }
        narrate("VIOLATION \(rule.rawValue): \(message)")
    }

    /// Follows changes of what links can carry.
    func apply(_ changes: [Connectivity.Change]) {
        for change in changes { proxies.setUp(change.isUp, link: change.link) }
        if changes.contains(where: \.isUp) { watch.reconnected() }
    }

    /// Takes note of what happened to a device's process.
    func note(_ change: LiveDevice.Change, ofDevice index: Int) {
        let name = scenario.devices[index].name
        switch change {
        case .started(let port):
            proxies.setPort(port, ofDevice: index)
            watch.reconnected()
        case .ended(let ending):
            proxies.setPort(nil, ofDevice: index)
            guard phase.withLock({ $0 }) != .over else { return }
            narrate("\(name): the process \(ending), starting it again")
        }
    }

    /// Waits until all replicas are equal and something else is so, too.
    ///
    /// - Returns: Whether that happened in time.
    func waitUntilEqual(
        within limit: Duration, and condition: (Int) -> Bool = { _ in true }
    ) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while true {
            let statuses = try await watch.look() ?? []
            let isEqual = statuses.allSatisfy {
                $0.digest == statuses[0].digest && $0.vectors == statuses[0].vectors
            }
            if let first = statuses.first, isEqual, condition(first.members) { return true }
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(25))
        }
    }
}
