import ArgumentParser
import Simulator

/// The verb `replay`.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a trace of operations and print what it costs.",
        discussion: """
            Store, exchange, codec and compression are those of the product; links are virtual, so \
            the same trace gives the same bytes. What is counted is both directions as framed for \
            TCP; what names protocol and device is counted apart.

            The exit status is 0 if every expectation of the trace held, 1 if one did not or \
            something broke, and 2 for a mistake in the trace or on the command line.
            """)

    @Argument(help: "The trace: JSON lines as Simulations/traces.md describes them.")
    var file: String

    @Flag(help: "Print one JSON object and nothing else.")
    var json = false

    @Flag(inversion: .prefixedNo, help: "Compress with the dictionary that the library ships.")
    var dictionary = true

    @Option(
        help: "Keep the replicas as files in this folder, which has none yet; default: in memory.")
    var files: String?

    func run() throws {
        var options = ReplayOptions()
        options.usesDictionary = dictionary
        options.folder = files
        let trace = try ReplayTrace.load(path: file)
        let report = try Replay(trace, options: options).run()
        print(json ? try report.json() : report.text())
        guard report.passed else { throw ExitCode.failure }
    }
}
