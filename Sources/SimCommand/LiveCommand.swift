import ArgumentParser
import Foundation
import LiveFleet
import Simulator

/// The verb `live`.
struct LiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live",
        abstract: "Run a scenario with real processes.",
        discussion: """
            One `caravan` process for each device, each with a replica of its own on disk, talking \
            TCP on loopback through a proxy that cuts and restores their links. The `caravan` that \
            lies beside this command is used.
            """)

    @OptionGroup var options: RunOptions

    @Option(help: "Keep replicas and logs in this folder, which must be empty or not there yet.")
    var keep: String?

    func run() async throws {
        let scenario = try options.scenario(in: options.text())
        let run = try LiveRun(
            of: scenario, executable: try Self.deviceExecutable(), keepingIn: keep,
            display: display(for: scenario))
        try options.finish(try await run.run(), unit: "s")
    }

    private func display(for scenario: Scenario) -> any LiveDisplay {
        !options.json && Terminal.canRedraw ? TerminalPanel() : options.log(for: scenario)
    }

    private static func deviceExecutable() throws -> String {
        let folder = Bundle.main.executableURL?.deletingLastPathComponent()
        let path = (folder ?? URL(filePath: ".")).appending(path: "caravan")
            .path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw LiveError(.failure, "\(path): missing; build it with `make build`")
        }
        return path
    }
}
