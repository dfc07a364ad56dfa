import ArgumentParser
import Foundation
import MaelstromNode

/// The verb `node`.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Be a node for Maelstrom: a set or a counter, on standard input and output.",
        discussion: """
            Speaks the protocol of Maelstrom in lines of JSON, for its workloads g-set, g-counter \
            and pn-counter. The state is a replica, and nodes exchange it through the sessions of \
            this library, in messages of type `caravan`. It ends when its input ends.
            """)

    @Option(
        help: "g-set, g-counter or pn-counter; by default, what the first operation is about.")
    var workload: NodeWorkload?

    @Option(
        help: """
            Keep the replica below this folder, so that the process may be killed; without it \
            the state is in memory.
            """)
    var store: String?

    func run() async throws {
        // Processes of a node follow each other; their sessions are told apart by when they began.
        let began = Int(Date().timeIntervalSince1970 * 1000)
        let node = MaelstromNode(
            workload: workload, folder: store, firstSession: began * 1000)
        try await NodeShell.run(node)
    }
}

extension NodeWorkload: ExpressibleByArgument {}
