import Foundation

/// One random world from beginning to end.
package struct SwarmRun: Sendable {
    /// The seed of the script.
    package let seed: UInt64
    /// What was broken; nothing if all held.
    package internal(set) var violation: Violation?
    /// A hash of everything that happened.
    package private(set) var traceHash: UInt64
    /// Operations that were acknowledged.
    package let operations: Int
    /// Connections that were tried.
    package private(set) var sessions: Int
    /// Connections that carried a change.
    package let exchanges: Int
    /// How long devices were running, all together.
    package private(set) var deviceHours: Double
    /// Faults that took effect.
    package let faults: FaultTally

    /// Runs the world of a seed.
    package static func run(
        seed: UInt64, narrate: ((Duration, String) -> Void)? = nil
    ) -> SwarmRun {
        run(SwarmDraw.script(of: seed), narrate: narrate)
    }

    /// Runs the world of a script.
    ///
    /// - Parameters:
    ///   - script: What happens.
    ///   - recorder: Collects what a report shows, if one is wanted.
    ///   - narrate: Told of what happens, with the time of the world.
    /// - Returns: How it went.
    package static func run(
        _ script: SwarmScript, recorder: RunRecorder? = nil,
        narrate: ((Duration, String) -> Void)? = nil
    ) -> SwarmRun {
        run(script, app: nil, recorder: recorder, narrate: narrate)
    }

    /// Runs the world of a script in which an app is used.
    static func run(
        _ script: SwarmScript, app: AnySwarmApp?, recorder: RunRecorder? = nil,
        narrate: ((Duration, String) -> Void)? = nil
    ) -> SwarmRun {
        do {
            let world = try SwarmWorld(script, app: app)
            world.record(with: recorder, narrate)
            do {
                try world.run(until: .milliseconds(script.milliseconds))
                try world.finish()
            } catch {
                world.oracle.report(.failure, "\(error)")
            }
            world.finishRecording()
            return SwarmRun(world)
        } catch {
            return SwarmRun(seed: script.seed, failure: "\(error)")
        }
    }

    private init(_ world: SwarmWorld) {
        seed = world.script.seed
        violation = world.oracle.violation
        traceHash = world.trace.hash
        operations = world.oracle.acknowledged
        sessions = world.counts.sessions
        exchanges = world.counts.exchanges
        deviceHours = world.counts.deviceTime.inSeconds / 3600
        faults = world.tally
    }

    /// Runs a scenario with a seed.
    package static func run(_ scenario: Scenario, seed: UInt64) -> SwarmRun {
        do {
            let report = try SimulatedRun(scenario: scenario, seed: seed).run()
            var run = SwarmRun(seed: seed, failure: nil)
            run.violation =
                report.violations.first
                ?? (report.converged ? nil : Violation(.convergence, at: .zero, "not equal"))
            run.traceHash = report.traceHash.flatMap { UInt64($0, radix: 16) } ?? 0
            run.sessions = Int(report.wire.sessions)
            run.deviceHours = scenario.duration.inSeconds / 3600 * Double(scenario.devices.count)
            return run
        } catch {
            return SwarmRun(seed: seed, failure: "\(error)")
        }
    }

    private init(seed: UInt64, failure: String?) {
        self.seed = seed
        violation = failure.map { Violation(.failure, at: .zero, $0) }
        traceHash = 0
        operations = 0
        sessions = 0
        exchanges = 0
        deviceHours = 0
        faults = FaultTally()
    }

    /// The hours that count: those with two operations and half an exchange that carried a change
    /// for each of them, and no more.
    package var countedDeviceHours: Double {
        min(deviceHours, Double(operations) / 2, 2 * Double(exchanges))
    }
}
