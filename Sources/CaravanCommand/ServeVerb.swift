import ArgumentParser
import DeviceControl
import Dispatch
import Foundation

struct ServeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Exchange with peers until SIGTERM or SIGINT.",
        discussion: """
            Prints `listening on …` once peers are accepted, then a line per event. Of callers \
            that are gone before it is known who they are it prints ten in a minute, and how many \
            more there were. Only addresses of this machine are allowed: connections are not \
            authenticated yet.
            """)

    @OptionGroup var options: StoreOptions

    @Option(
        help: ArgumentHelp("Where peers are accepted; port 0 takes any.", valueName: "host:port"))
    var listen: String

    @Option(
        name: .customLong("peer"), parsing: .singleValue,
        help: ArgumentHelp(
            "A peer to stay connected with; may be repeated.", valueName: "host:port"))
    var peers: [String] = []

    @Flag(help: "Every byte is paid for: usage waits a minute, so that more goes at once.")
    var metered = false

    func run() async throws {
        let log = EventLog()
        let lines = EventLines(isJSON: options.json)
        defer {
            lines.end(log.write)
            log.flush()
        }
        // From here on a signal ends the serving, not the process.
        let signals = TerminationSignals()
        defer { signals.cancel() }
        let service = try await DeviceService.open(
            folder: options.store, listening: listen, peers: peers, isMetered: metered
        ) { event in
            lines.add(event, log.write)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask { [arrived = signals.arrived] in for await _ in arrived {} }
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

/// SIGTERM and SIGINT as something to wait for, as long as the value is kept.
private struct TerminationSignals {
    /// Ends when the first of them arrives.
    let arrived: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (arrived, continuation) = AsyncStream.makeStream(of: Void.self)
        self.arrived = arrived
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.finish() }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
    }
}
