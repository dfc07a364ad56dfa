import ArgumentParser
import Simulator

/// The verb `trace`.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Print a workload as a trace, for `caravan-sim replay` and for other engines.")

    @Argument(help: "The workload.")
    var workload: Workload

    @Option(help: "Decides the values.")
    var seed: UInt64 = 0

    func run() throws {
        print(workload.trace(seed: seed).text(), terminator: "")
    }
}

extension Workload: ExpressibleByArgument {}
