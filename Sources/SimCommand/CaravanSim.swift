import ArgumentParser

/// The command `caravan-sim`.
@main
struct CaravanSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caravan-sim",
        abstract: "Takes a fleet through a scenario, and counts what syncing costs.",
        discussion: """
            `run` and `live` end with a judgement: all replicas are equal, nothing that a device \
            had acknowledged is lost, and the shared data was never overdrawn.

            The exit status is 0 if the run passed, 1 if it did not or something broke, and 2 for \
            a mistake in the scenario or on the command line.
            """,
        subcommands: [
            RunCommand.self, LiveCommand.self, CheckCommand.self, SweepCommand.self,
            MutantsCommand.self, ShrinkCommand.self, ReplayCommand.self, CostsCommand.self,
            TraceCommand.self, TraceLinkCommand.self, PapersCommand.self, NodeCommand.self,
        ])

    static func main() async {
        do {
            let command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
        } catch {
            Failure.exit(for: error)
        }
    }
}
