import ArgumentParser
import Foundation
import PlantedBugs
import Simulator

/// The verb `mutants`.
struct MutantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutants",
        abstract: "Plant mistakes in the product and count the seeds until each is found.",
        discussion: """
            The same random worlds and the same oracle as `sweep --swarm`. The exit status is 1 if \
            a mistake was not found: then the oracle has a hole. In the end all seeds that were \
            used are run with nothing planted, and nothing may be found then.
            """)

    @Argument(help: "The mistakes to plant; all by default.")
    var names: [String] = []

    @Option(help: "The first seed.")
    var firstSeed: UInt64 = 0

    @Option(help: "How many seeds each mistake gets at most.")
    var seedsMax: UInt64 = 5000

    @Option(help: "How many seeds run at once; as many as there are cores by default.")
    var jobs: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for name in names where PlantedBug(named: name) == nil {
            let known = PlantedBug.allCases.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no mistake '\(name)'; there are \(known).")
        }
    }

    func run() async throws {
        let bugs = names.isEmpty ? PlantedBug.allCases : names.compactMap(PlantedBug.init(named:))
        let hunt = MutantHunt(
            firstSeed: firstSeed, seedsMax: seedsMax,
            jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
        var findings: [MutantHunt.Finding] = []
        for bug in bugs {
            let finding = await hunt.hunt(bug)
            findings.append(finding)
            if !json { print(line(of: finding)) }
        }
        let median = MutantHunt.median(of: findings)
        let worst = findings.map(\.seeds).max() ?? 0
        let control = await hunt.control(seeds: worst)
        if json {
            print(
                try Report(
                    mutants: findings.map {
                        Report.Mutant(
                            name: $0.bug.name, caught: $0.isCaught, seeds: $0.seeds,
                            violation: $0.violation.map { "\($0.rule.rawValue): \($0.message)" })
                    }, medianSeeds: median, worstSeeds: worst,
                    foundWithoutMistake: control.map(\.seed).sorted(), commit: Commit.current
                ).text)
        } else {
            let caught = findings.filter(\.isCaught).count
            print(
                "\(caught) of \(findings.count) found, \(median) seeds in the middle, "
                    + "\(worst) at most"
            )
            for failure in control {
                print("found without a mistake: seed \(failure.seed), \(failure.violation.message)")
            }
        }
        guard findings.allSatisfy(\.isCaught), control.isEmpty else { throw ExitCode.failure }
    }

    private func line(of finding: MutantHunt.Finding) -> String {
        guard let violation = finding.violation else {
            return "\(finding.bug.name): not found in \(finding.seeds.counting("seed"))"
        }
        return "\(finding.bug.name): \(finding.seeds.counting("seed")), "
            + "\(violation.rule.rawValue): \(violation.message)"
    }

    private struct Report: Encodable {
        struct Mutant: Encodable {
            let name: String
            let caught: Bool
            let seeds: Int
            let violation: String?
        }

        let mutants: [Mutant]
        let medianSeeds: Double
        let worstSeeds: Int
        let foundWithoutMistake: [UInt64]
        let commit: String
    }
}
