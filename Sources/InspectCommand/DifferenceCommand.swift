import ArgumentParser
import Foundation
import InspectKit

/// `sync-inspect diff`.
struct DifferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show how two replicas differ, and what will come of it when they meet.")

    @Argument(help: "The folder of a replica, or its database file.", completion: .directory)
    var left: String

    @Argument(help: "The other replica.", completion: .directory)
    var right: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Exit with status 1 if the replicas are not equal.")
    var exitCode = false

    func run() throws {
        let report = try Inspection.difference(between: left, and: right, at: Date())
        let output = StandardStream.output
        try output.write(json ? JSONText.of(report) : report.text(isStyled: output.isStyled))
        if exitCode, !report.isEqual { throw ExitCode(1) }
    }
}
