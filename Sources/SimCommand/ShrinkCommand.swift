import ArgumentParser
import Foundation
import PlantedBugs
import Simulator

/// The verb `shrink`.
struct ShrinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shrink",
        abstract: "Reduce a random world that breaks a rule to the fewest devices, events, faults.",
        discussion: """
            The result is a file in which every event is a line; it still breaks the same rule, \
            and `caravan-sim run FILE` runs it.
            """)

    @Argument(help: "A history, as this command writes it; without one --seed names a world.")
    var file: String?

    @Option(help: "The seed of a random world.")
    var seed: UInt64?

    @Option(help: "Where the result goes.")
    var output = "shrunk.yaml"

    @Option(help: "How many smaller worlds are tried at most.")
    var attempts = 3000

    @Option(help: .init("A mistake to plant meanwhile.", visibility: .hidden))
    var mutant: String?

    func validate() throws {
        guard (file == nil) != (seed == nil) else {
            throw ValidationError("Name a history, or say --seed.")
        }
    }

    func run() throws {
        if let mutant { PlantedBug.plant(PlantedBug(named: mutant)) }
        let script = try self.script()
        guard var shrinker = SwarmShrinker(script, attemptsMax: attempts) else {
            throw ShrinkFailure()
        }
        let before = script.events.count
        FileHandle.standardError.write(
            Data("\(before.counting("event")): \(shrinker.violation.message)\n".utf8))
        var least = before
        shrinker.shrink { events in
            guard events < least else { return }
            least = events
            FileHandle.standardError.write(Data("\(events.counting("event"))\n".utf8))
        }
        let violation = shrinker.violation
        let text = try SwarmFile.text(
            of: shrinker.script,
            comments: [
                "Breaks the rule '\(violation.rule.rawValue)': \(violation.message)",
                "Of seed \(script.seed), commit \(Commit.current); run it with",
                "caravan-sim run \(output)",
            ])
        try Data(text.utf8).write(to: URL(fileURLWithPath: output))
        print(
            "\(output): \(shrinker.script.events.count) of \(before.counting("event")) after "
                + "\(shrinker.attempts.counting("attempt")); "
                + "\(violation.rule.rawValue): \(violation.message)")
    }

    private func script() throws -> SwarmScript {
        if let seed { return SwarmScript(drawnFrom: seed) }
        let text = try Scenario.text(ofFile: file ?? "")
        return try SwarmFile.script(from: text)
    }
}

/// Nothing to shrink.
struct ShrinkFailure: Error, CustomStringConvertible {
    var description: String { "it breaks no rule, so there is nothing to shrink" }
}
