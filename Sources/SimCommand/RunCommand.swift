import ArgumentParser
import Foundation
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

    @Option(help: .init("A mistake to plant meanwhile.", visibility: .hidden))
    var mutant: String?

    func run() throws {
        if let mutant { PlantedBug.plant(PlantedBug(named: mutant)) }
        if swarm { return try run(SwarmScript(drawnFrom: options.seed ?? 0)) }
        if let file = options.file, let bytes = FileManager.default.contents(atPath: file) {
            let text = String(decoding: bytes, as: UTF8.self)
            if SwarmFile.isScript(text) { return try run(SwarmFile.script(from: text)) }
        }
        let scenario = try options.scenario()
        let display = options.log(for: scenario)
        let run = try SimulatedRun(scenario: scenario, seed: scenario.seed) { time, text in
            display.show(LiveEvent(at: time < .zero ? nil : time, text))
        }
        try options.finish(try run.run(), unit: "s (virtual)")
    }

    /// Runs one random world.
    private func run(_ script: SwarmScript) throws {
        let narrate: ((Duration, String) -> Void)? =
            options.verbose ? { print("\($0.roundedSeconds) s: \($1)") } : nil
        let run = SwarmRun.run(script, narrate: narrate)
        var report = SweepReport()
        report.add(run)
        let replay: (UInt64) -> String = { _ in
            options.file.map { "caravan-sim run \($0)" }
                ?? "caravan-sim run --swarm --seed \(script.seed)"
        }
        print(options.json ? try report.json(replay: replay) : report.text(replay: replay))
        guard run.violation == nil else { throw ExitCode.failure }
    }
}

extension RunOptions {
    /// Plain lines where they are wanted.
    func log(for scenario: Scenario) -> any LiveDisplay {
        guard !json || verbose else { return NoDisplay() }
        return PlainLog(duration: scenario.duration, toStandardError: json)
    }
}
