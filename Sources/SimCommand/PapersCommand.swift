import ArgumentParser
import Simulator

/// The verb `papers`.
struct PapersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "papers",
        abstract: "Rerun published experiments and print our figures beside theirs.",
        discussion: """
            The experiments of Enes et al. (ICDE 2019) on 15 nodes, and rounds of gossip. It takes \
            some minutes: some experiments deliver millions of elements.
            """)

    @Option(help: "Decides every value and every meeting.")
    var seed: UInt64 = 0

    @Flag(help: "Print one JSON object and nothing else.")
    var json = false

    func run() throws {
        let sheet = try PaperSheet.measure(seed: seed)
        print(json ? try sheet.json() : sheet.text())
    }
}
