import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncWire

/// Runs a scenario in virtual time, on one thread, from one seed.
///
/// ```
/// all together: join, grant, allocate, add profiles → the scenario → everything healed → judgement
/// ```
package final class SimulatedRun {
    /// Before the scenario begins the devices are together for at most this long.
    private static let preparation: Duration = .seconds(600)

    private let scenario: Scenario
    private let fleet: SimulatedFleet
    private let schedule: Schedule

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - scenario: What happens.
    ///   - seed: Decides everything that the scenario leaves open.
    ///   - recorder: Collects what a report shows, if one is wanted.
    ///   - narrate: Told of events that people may want to see, with the scenario's time.
    /// - Throws: What the stores throw when they are made.
    package init(
        scenario: Scenario, seed: UInt64, recorder: RunRecorder? = nil,
        narrate: @escaping (Duration, String) -> Void = { _, _ in }
    ) throws {
        var scenario = scenario
        scenario.seed = seed
        self.scenario = scenario
        let random = SeededRandom(seed: seed)
        schedule = Schedule(of: scenario, random: random)
        fleet = try SimulatedFleet(
            scenario: scenario, random: random, startingAt: .zero - Self.preparation)
        fleet.record(with: recorder, narrate)
    }

    /// Runs to the end and judges.
    package func run() throws -> RunReport {
        try prepare()
        for event in schedule.events where event.at < scenario.duration {
            fleet.queue.schedule(.scheduled(event.kind), at: event.at)
        }
        try fleet.run(until: scenario.duration)
        let converged = try heal()
        return try judge(converged)
    }

    /// Everyone together: the fleet gets to know itself, its pool and its profiles.
    private func prepare() throws {
        for device in fleet.present { try fleet.join(device) }
        fleet.apply(
            fleet.links.filter { fleet.connectivity.isUp(link: $0.index) }.map {
                Connectivity.Change(link: $0.index, isUp: true)
            })
        try fleet.run(until: .zero - Self.preparation / 2) { self.fleet.isConverged }
        for (device, operation) in scenario.opening {
            try fleet.operate(operation, on: device)
        }
        try fleet.run(until: .zero) { self.fleet.isConverged }
        fleet.now = .zero
        fleet.convergence.restart(fleet.present, at: .zero)
        fleet.recorder?.show()
    }

    /// The faults are over; the fleet has to become equal in time.
    private func heal() throws -> Bool {
        let connectivity = fleet.connectivity
        fleet.recordHealing()
        let changes = fleet.connectivity.healAll()
        for device in fleet.present {
            device.disk.set(.healthy)
            device.clock.change(.right)
            if !connectivity.isRunning(device: device.index) {
                try device.disk.restart()
            } else if !connectivity.isActive(device: device.index) {
                fleet.resume(device)
            }
        }
        fleet.apply(changes)
        if connectivity.silences > 0 {
            fleet.convergence.restart(fleet.present, at: fleet.now)
        }
        return try fleet.run(until: scenario.duration + scenario.settle) {
            self.fleet.isConverged
        }
    }

    private func judge(_ converged: Bool) throws -> RunReport {
        let devices = fleet.present
        let observations = try fleet.observations(of: devices)
        fleet.oracle.judge(
            observations, named: devices.map(\.name), at: fleet.now)
        for device in devices {
            for message in try device.store.read({ try $0.violations() }) {
                fleet.oracle.report(
                    Violation(.consistency, at: fleet.now, "\(device.name): \(message)"))
            }
            fleet.trace.note("\(device.name) \(device.digest)", at: fleet.now)
        }
        let elapsed = fleet.convergence.elapsed
        for link in fleet.links { link.session.map(fleet.end) }
        fleet.oracle.judge(
            scenario.expectation, observations, named: devices.map(\.name), elapsed: elapsed,
            bytes: fleet.wire.bytes, at: fleet.now)
        fleet.recorder?.finish(
            at: fleet.milliseconds, converged: converged, sessions: Int(fleet.wire.sessions),
            violations: fleet.oracle.violations)
        return RunReport(
            scenario: scenario.name, seed: scenario.seed, violations: fleet.oracle.violations,
            converged: converged, secondsToConverge: elapsed?.roundedSeconds,
            traceHash: fleet.trace.text, wire: fleet.wire, observations: observations,
            devices: devices.map { ($0.index, $0.name, $0.bytesSent, $0.bytesReceived) })
    }
}
