import ArgumentParser
import DeviceControl
import Foundation

/// One device of a fleet, by hand.
@main
struct CaravanTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caravan",
        abstract: "One device of a fleet that shares its eSIM profiles and a data pool.",
        discussion: """
            A device lives in a folder (--store). While `caravan serve` runs on it, the other verbs \
            reach that process, and connected peers see what they change within a second. Byte \
            counts have units: 20GB, 512kB, 1MiB.

            Exit status: 0 for success, 2 for a mistake of the caller, 1 for a failure.
            """,
        subcommands: [
            InitVerb.self, ServeVerb.self, SyncVerb.self, ProfileVerbs.self, PoolVerbs.self,
            UsageVerbs.self, ReserveVerb.self, StatusVerb.self,
        ])

    /// Parses and runs by hand: the exit status of a mistake is 2 here, and an error is one line.
    static func main() async {
        // Whoever read our output and went away is told by the failing write, not by a signal.
        signal(SIGPIPE, SIG_IGN)
        let wantsJSON = CommandLine.arguments.contains("--json")
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as DeviceFailure {
            report(failure, json: wantsJSON)
        } catch {
            report(error, json: wantsJSON)
        }
    }

    /// Ends the process because of an error of the argument parser, which help is too.
    private static func report(_ error: any Error, json: Bool) {
        guard exitCode(for: error) != .success else {
            Output.write(fullMessage(for: error))
            return
        }
        let lines = message(for: error).split(whereSeparator: \.isNewline)
        report(
            DeviceFailure(isMistake: true, message: lines.joined(separator: " ")), json: json)
    }

    private static func report(_ failure: DeviceFailure, json: Bool) {
        if json { Output.write(failure.json) }
        Output.writeError("caravan: \(failure.message)")
        Foundation.exit(failure.isMistake ? 2 : 1)
    }
}

extension DeviceFailure {
    fileprivate var json: String {
        do {
            return try DeviceJSON.line(.failed(self))
        } catch {
            return #"{"error":"the error cannot be shown"}"#
        }
    }
}
