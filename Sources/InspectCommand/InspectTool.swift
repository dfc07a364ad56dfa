import ArgumentParser
import Foundation
import InspectKit
import TerminalText

/// `sync-inspect`.
@main
struct InspectTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync-inspect",
        abstract: "Look into replicas, and change nothing.",
        discussion: """
            STORE is the folder of a replica, or its database file. It may be served meanwhile.

            Exit status: 0 if it could look; 2 for a mistake in what was asked for, such as a path \
            without a replica; 1 for a failure.
            """,
        subcommands: [SummaryCommand.self, DifferenceCommand.self])

    static func main() {
        var status: Int32 = 0
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let code as ExitCode {
            status = code.rawValue
        } catch {
            status = report(error)
        }
        Foundation.exit(status)
    }

    /// Says what an error means and returns the exit status.
    ///
    /// Help is an answer, not an error.
    private static func report(_ error: any Error) -> Int32 {
        do {
            guard exitCode(for: error) != .success else {
                try StandardStream.output.write(fullMessage(for: error) + "\n")
                return 0
            }
            let message = message(for: error).split(separator: "\n").joined(separator: " ")
            try StandardStream.error.write("sync-inspect: " + Printable.escaped(message) + "\n")
        } catch {
            // There is nowhere left to say it.
            return 1
        }
        let isMistake = exitCode(for: error) == .validationFailure || Inspection.isMistake(error)
        return isMistake ? 2 : 1
    }
}
