import ArgumentParser
import Simulator

/// The verb `costs`.
struct CostsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "costs",
        abstract: "Print what syncing costs.",
        discussion: """
            Every figure is of bytes that were really exchanged: workloads are made from a seed \
            and replayed as `caravan-sim replay` does. A row whose replicas did not end equal is \
            an error.
            """)

    @Option(help: "Decides the values of the workloads.")
    var seed: UInt64 = 0

    @Option(help: "Make only these rows; may be given more than once.")
    var only: [String] = []

    @Flag(help: "Print one JSON object and nothing else.")
    var json = false

    func validate() throws {
        let known = CostSheet.ids
        if let other = only.first(where: { !known.contains($0) }) {
            throw ValidationError(
                "There is no row '\(other)'; rows are \(known.joined(separator: ", ")).")
        }
    }

    func run() throws {
        let sheet = try CostSheet.measure(seed: seed) { only.isEmpty || only.contains($0) }
        print(json ? try sheet.json() : sheet.text())
    }
}
