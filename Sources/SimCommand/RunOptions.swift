import ArgumentParser
import Simulator

/// What both kinds of run are told.
struct RunOptions: ParsableArguments {
    @Argument(help: "The scenario: a YAML file as Simulations/README.md describes it.")
    var file: String?

    @Option(help: "Decides everything that the scenario leaves open; default: the scenario's own.")
    var seed: UInt64?

    @Flag(help: "Print one JSON object and nothing else.")
    var json = false

    @Flag(help: "With --json, print what happens to standard error.")
    var verbose = false

    /// Reads the text of the file, once: it may be a pipe.
    func text() throws -> String {
        guard let file else { throw ValidationError("Name a scenario.") }
        return try Scenario.text(ofFile: file)
    }

    /// Reads the scenario that the file's text describes.
    func scenario(in text: String) throws -> Scenario {
        var scenario = try Scenario.parse(text, file: file ?? "")
        if let seed { scenario.seed = seed }
        return scenario
    }

    /// Prints a report, and fails if the run did not pass.
    func finish(_ report: RunReport, unit: String) throws {
        print(json ? try report.json() : "\n" + report.text(unit: unit))
        guard report.passed else { throw ExitCode.failure }
    }
}
