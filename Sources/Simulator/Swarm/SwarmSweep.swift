import Foundation
import Synchronization

/// Many seeds, on several threads; each seed runs on one.
package final class SwarmSweep: Sendable {
    /// What a sweep is asked for.
    package struct Options: Sendable {
        /// The seeds.
        package var seeds: Range<UInt64>
        /// After how many seconds no further seed is begun.
        package var secondsMax: Double?
        /// How many seeds run at once.
        package var jobs = 1
        /// After how many failures no further seed is begun.
        package var failuresMax = 20
        /// Of so many seeds one is run twice, which has to do the same.
        package var twiceEvery: UInt64 = 20

        package init(seeds: Range<UInt64>) { self.seeds = seeds }
    }

    private let options: Options
    private let runSeed: @Sendable (UInt64) -> SwarmRun
    private let next: Atomic<UInt64>
    private let isStopped = Atomic<Bool>(false)
    private let state: Mutex<SweepReport>
    private let began = ProcessInfo.processInfo.systemUptime
    private let coreSecondsBefore = SweepReport.coreSecondsOfProcess

    /// Prepares a sweep.
    ///
    /// - Parameters:
    ///   - options: Which seeds, and how many at once.
    ///   - runSeed: What is done with a seed; a random world by default.
    package init(
        _ options: Options, runSeed: @escaping @Sendable (UInt64) -> SwarmRun = { .run(seed: $0) }
    ) {
        self.options = options
        self.runSeed = runSeed
        next = Atomic(options.seeds.lowerBound)
        state = Mutex(SweepReport())
    }

    /// Begins no further seed; those under way are finished.
    package func stop() { isStopped.store(true, ordering: .relaxed) }

    /// How far it is.
    package var report: SweepReport {
        var report = state.withLock { $0 }
        report.seconds = ProcessInfo.processInfo.systemUptime - began
        report.coreSeconds = SweepReport.coreSecondsOfProcess - coreSecondsBefore
        return report
    }

    /// Runs until all seeds have been run, the time is over, or it is stopped.
    ///
    /// - Parameter didRun: Told after each seed, on the thread that ran it.
    package func run(didRun: @escaping @Sendable (SwarmRun) -> Void = { _ in }) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, options.jobs) {
                group.addTask { self.work(didRun) }
            }
        }
    }

    private func work(_ didRun: @Sendable (SwarmRun) -> Void) {
        while let seed = nextSeed() {
            var run = runSeed(seed)
            let isTwice = (seed - options.seeds.lowerBound).isMultiple(of: options.twiceEvery)
            if isTwice, run.violation == nil {
                let again = runSeed(seed)
                if again.traceHash != run.traceHash {
                    run.violation = Violation(
                        .determinism, at: .zero, "two runs of seed \(seed) did different things")
                }
            }
            state.withLock { $0.add(run, wasRunTwice: isTwice) }
            didRun(run)
        }
    }

    private func nextSeed() -> UInt64? {
        guard !isStopped.load(ordering: .relaxed) else { return nil }
        if let limit = options.secondsMax,
            ProcessInfo.processInfo.systemUptime - began > limit
        {
            return nil
        }
        guard state.withLock({ $0.failures.count < options.failuresMax }) else { return nil }
        let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return options.seeds.contains(seed) ? seed : nil
    }
}

/// What a sweep found.
package struct SweepReport: Sendable {
    /// A seed that broke a rule.
    package struct Failure: Hashable, Sendable {
        package let seed: UInt64
        package let violation: Violation
    }

    package private(set) var seeds = 0
    package private(set) var runTwice = 0
    package private(set) var failures: [Failure] = []
    /// Hours of devices that count, see ``SwarmRun/countedDeviceHours``.
    package private(set) var deviceHours = 0.0
    /// Hours for which devices were running.
    package private(set) var virtualDeviceHours = 0.0
    package private(set) var operations = 0
    package private(set) var sessions = 0
    package private(set) var exchanges = 0
    package private(set) var faults = FaultTally()
    package internal(set) var seconds = 0.0
    package internal(set) var coreSeconds = 0.0

    package init() {}

    package var passed: Int { seeds - failures.count }

    /// Hours of devices that count, for each minute of a core.
    package var deviceHoursPerCoreMinute: Double {
        coreSeconds > 0 ? deviceHours / coreSeconds * 60 : 0
    }

    /// The classes of faults that took effect less often.
    package func classes(injectedLessThan count: Int) -> [FaultClass] {
        FaultClass.allCases.filter { faults[$0] < count }
    }

    /// Counts a run in.
    package mutating func add(_ run: SwarmRun, wasRunTwice: Bool = false) {
        seeds += 1
        if wasRunTwice { runTwice += 1 }
        if let violation = run.violation {
            failures.append(Failure(seed: run.seed, violation: violation))
        }
        deviceHours += run.countedDeviceHours
        virtualDeviceHours += run.deviceHours
        operations += run.operations
        sessions += run.sessions
        exchanges += run.exchanges
        faults.add(run.faults)
    }

    /// What the process has used of all cores so far.
    static var coreSecondsOfProcess: Double {
        // POSIX fixes the unit to millionths of a second.
        Double(clock()) / 1_000_000
    }
}
