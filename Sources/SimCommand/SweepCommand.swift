import ArgumentParser
import Foundation
import Simulator
import Synchronization

/// The verb `sweep`.
struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Run many seeds: of a scenario, or of random worlds.",
        discussion: """
            With --swarm each seed is a world of its own: devices, connections, operations and \
            faults are drawn from it, and an oracle outside the product judges every step. One \
            seed in twenty is run twice and has to do the same.

            An interrupt ends it after the seeds that are under way, with a report.
            """)

    @Argument(help: "A scenario whose seeds are run.")
    var file: String?

    @Flag(help: "Run random worlds.")
    var swarm = false

    @Option(help: "The seeds, such as 0..<1000; without it 0..<1000.")
    var seeds = SeedRange(range: 0..<1000)

    @Option(help: "After how many minutes no further seed is begun.")
    var minutes: Double?

    @Option(help: "How many seeds run at once; as many as there are cores by default.")
    var jobs: Int?

    @Option(help: "How often each class of faults has to take effect, or the sweep fails.")
    var injectionsMin = 0

    @Option(help: "Write a page for each seed that fails into this folder.")
    var report: String?

    @Flag(help: "Print one JSON object to standard output.")
    var json = false

    func validate() throws {
        guard swarm != (file != nil) else {
            throw ValidationError("Name a scenario, or say --swarm.")
        }
        guard minutes.map({ $0 > 0 }) ?? true, jobs.map({ $0 > 0 }) ?? true else {
            throw ValidationError("Minutes and jobs are more than nothing.")
        }
        guard injectionsMin <= 0 || swarm else {
            throw ValidationError("Only random worlds have every class of faults.")
        }
    }

    func run() async throws {
        var options = SwarmSweep.Options(seeds: seeds.range)
        options.secondsMax = minutes.map { $0 * 60 }
        options.jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        let sweep = try makeSweep(options)
        let display = SweepDisplay(sweep, options)
        let interruption = Interruption { sweep.stop() }
        await sweep.run { display.didRun($0) }
        display.end()
        let report = sweep.report
        let replay = replayCommand
        for failure in report.failures { try writePage(of: failure.seed) }
        print(json ? try report.json(replay: replay) : report.text(replay: replay))
        if let signal = interruption.signal { throw ExitCode(128 + signal) }
        let rare = report.classes(injectedLessThan: injectionsMin)
        for fault in rare {
            let count = "\(report.faults[fault]) of \(injectionsMin)"
            FileHandle.standardError.write(Data("too rare: \(fault.rawValue), \(count)\n".utf8))
        }
        guard report.failures.isEmpty, rare.isEmpty else { throw ExitCode.failure }
    }

    private func makeSweep(_ options: SwarmSweep.Options) throws -> SwarmSweep {
        guard let file else { return SwarmSweep(options) }
        let scenario = try Scenario.load(path: file)
        return SwarmSweep(options) { SwarmRun.run(scenario, seed: $0) }
    }

    /// Runs a seed again, and writes what happened.
    private func writePage(of seed: UInt64) throws {
        guard let folder = self.report else { return }
        let recorder = RunRecorder(command: replayCommand(seed))
        if let file {
            let scenario = try Scenario.load(path: file)
            _ = try SimulatedRun(scenario: scenario, seed: seed, recorder: recorder).run()
        } else {
            _ = SwarmRun.run(SwarmScript(drawnFrom: seed), recorder: recorder)
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try ReportPage.write(recorder.document, to: "\(folder)/seed-\(seed).html")
    }

    /// What runs one seed again.
    private func replayCommand(_ seed: UInt64) -> String {
        guard let file else { return "caravan-sim run --swarm --seed \(seed)" }
        return "caravan-sim run \(file) --seed \(seed)"
    }
}

/// Seeds from one to another, as in `0..<1000`.
struct SeedRange: ExpressibleByArgument, Sendable {
    let range: Range<UInt64>

    init(range: Range<UInt64>) { self.range = range }

    init?(argument: String) {
        let parts = argument.split(separator: "..<", maxSplits: 1)
        if parts.count == 2, let first = UInt64(parts[0]), let end = UInt64(parts[1]), first < end {
            range = first..<end
        } else if let one = UInt64(argument), one < .max {
            range = one..<one + 1
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { "\(range.lowerBound)..<\(range.upperBound)" }
}

/// The line that says how far a sweep is, on standard error.
final class SweepDisplay: Sendable {
    private let sweep: SwarmSweep
    private let options: SwarmSweep.Options
    private let isTerminal = isatty(STDERR_FILENO) != 0
    private let shownAt = Mutex(0.0)

    init(_ sweep: SwarmSweep, _ options: SwarmSweep.Options) {
        self.sweep = sweep
        self.options = options
    }

    func didRun(_ run: SwarmRun) {
        let now = ProcessInfo.processInfo.systemUptime
        let isDue = shownAt.withLock { shownAt in
            guard now - shownAt > (isTerminal ? 0.5 : 10) else { return false }
            shownAt = now
            return true
        }
        if isDue { show(sweep.report) }
    }

    func end() {
        show(sweep.report)
        if isTerminal { write("\n") }
    }

    private func show(_ report: SweepReport) {
        let total = options.seeds.upperBound - options.seeds.lowerBound
        let perSeed = report.seconds / Double(max(1, report.seeds))
        var left = perSeed * Double(total) - report.seconds
        if let limit = options.secondsMax { left = min(left, limit - report.seconds) }
        let kinds = FaultClass.allCases.filter { report.faults[$0] > 0 }.count
        let faults = FaultClass.allCases.reduce(0) { $0 + report.faults[$1] }
        let line =
            "\(report.seeds)/\(total.counting("seed")), \(report.failures.count) failed, "
            + Int(report.deviceHours).counting("device-hour")
            + ", \(faults.counting("fault")) of \(kinds.counting("class", "classes")), "
            + "\(Int(max(0, left))) s left"
        write(isTerminal ? "\r\u{1b}[K" + line : line + "\n")
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
