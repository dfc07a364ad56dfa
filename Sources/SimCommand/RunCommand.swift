import ArgumentParser
import LiveFleet
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

    func run() throws {
        let scenario = try options.scenario()
        let display = options.log(for: scenario)
        let run = try SimulatedRun(scenario: scenario, seed: scenario.seed) { time, text in
            display.show(LiveEvent(at: time < .zero ? nil : time, text))
        }
        try options.finish(try run.run(), unit: "s (virtual)")
    }
}

extension RunOptions {
    /// Plain lines where they are wanted.
    func log(for scenario: Scenario) -> any LiveDisplay {
        guard !json || verbose else { return NoDisplay() }
        return PlainLog(duration: scenario.duration, toStandardError: json)
    }
}
