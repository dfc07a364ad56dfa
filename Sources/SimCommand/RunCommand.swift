import ArgumentParser
import LiveFleet
import PlantedBugs
import Simulator

/// The verb `run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a scenario in virtual time.",
        discussion: """
            One thread, a virtual clock and one seed: the same seed does the same, byte for byte, \
            in any process. Store, exchange, codec and compression are those of the product.
            """)

    @OptionGroup var options: RunOptions

    @Flag(help: "Run the random world of the seed, as `sweep --swarm` does.")
    var swarm = false

    @Option(help: "Write what happened to this file, as a page for a browser.")
    var report: String?

    @Option(help: .init("A mistake to plant meanwhile.", visibility: .hidden))
    var mutant: String?

    func run() throws {
        if let mutant { PlantedBug.plant(PlantedBug(named: mutant)) }
        if swarm { return try run(SwarmScript(drawnFrom: options.seed ?? 0)) }
        let text = try options.text()
        if SwarmFile.isScript(text) { return try run(SwarmFile.script(from: text)) }
        let scenario = try options.scenario(in: text)
        let display = options.log(for: scenario)
        let recorder = recorder("\(options.file ?? "") --seed \(scenario.seed)")
        let run = try SimulatedRun(scenario: scenario, seed: scenario.seed, recorder: recorder) {
            display.show(LiveEvent(at: $0 < .zero ? nil : $0, $1))
        }
        let outcome = try run.run()
        try write(recorder)
        try options.finish(outcome, unit: "s (virtual)")
    }

    /// Runs one random world.
    private func run(_ script: SwarmScript) throws {
        let narrate: ((Duration, String) -> Void)? =
            options.verbose ? { print("\($0.roundedSeconds) s: \($1)") } : nil
        let arguments = options.file ?? "--swarm --seed \(script.seed)"
        let recorder = recorder(arguments)
        let run = SwarmRun.run(script, recorder: recorder, narrate: narrate)
        try write(recorder)
        var report = SweepReport()
        report.add(run)
        let replay: (UInt64) -> String = { _ in "caravan-sim run \(arguments)" }
        print(options.json ? try report.json(replay: replay) : report.text(replay: replay))
        guard run.violation == nil else { throw ExitCode.failure }
    }

    /// What collects the report, if one is wanted.
    private func recorder(_ arguments: String) -> RunRecorder? {
        report.map { _ in
            RunRecorder(
                command: "caravan-sim run \(arguments)"
                    + (mutant.map { " --mutant \($0)" } ?? ""))
        }
    }

    private func write(_ recorder: RunRecorder?) throws {
        guard let report, let recorder else { return }
        try ReportPage.write(recorder.document, to: report)
    }
}

extension RunOptions {
    /// Plain lines where they are wanted.
    func log(for scenario: Scenario) -> any LiveDisplay {
        guard !json || verbose else { return NoDisplay() }
        return PlainLog(duration: scenario.duration, toStandardError: json)
    }
}
