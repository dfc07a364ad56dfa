import ArgumentParser
import Foundation
import InspectKit

/// `sync-inspect summary`.
struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary", abstract: "Show what is in a replica.")

    @Argument(help: "The folder of a replica, or its database file.", completion: .directory)
    var store: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let report = try Inspection.summary(of: store, at: Date())
        let output = StandardStream.output
        try output.write(json ? JSONText.of(report) : report.text(isStyled: output.isStyled))
    }
}
