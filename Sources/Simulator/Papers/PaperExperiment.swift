/// Experiments that others have published, as traces of generic records.
///
/// Source: V. Enes et al., "Efficient Synchronization of State-based CRDTs" (ICDE 2019), of whose
/// runs the topologies and rates are taken: 15 nodes, an update a second on each, 100 in all.
/// In the paper neighbours synchronize every second, all at once; here they meet one pair after the
/// other or, without an interval, push on lasting connections.
package struct PaperExperiment: Sendable {
    /// Who is connected with whom.
    package enum Topology: String, CaseIterable, Sendable {
        case tree
        case mesh

        /// For each node its neighbours.
        var neighbours: [[Int]] {
            switch self {
            case .tree:
                [
                    [1, 8, 13], [0, 6], [5], [10], [5], [4, 6, 2], [1, 10, 5], [13], [9, 0, 14],
                    [8], [12, 3, 6], [13], [10], [11, 0, 7], [8],
                ]
            case .mesh:
                [
                    [14, 11, 4, 1], [2, 5, 0, 12], [1, 13, 6, 3], [7, 14, 2, 4], [8, 0, 5, 3],
                    [9, 6, 1, 4], [5, 7, 10, 2], [3, 11, 6, 8], [4, 9, 12, 7], [5, 8, 10, 13],
                    [11, 6, 9, 14], [10, 7, 0, 12], [13, 11, 1, 8], [12, 2, 9, 14],
                    [0, 3, 13, 10],
                ]
            }
        }

        /// Each connection once.
        var links: [(Int, Int)] {
            neighbours.enumerated().flatMap { node, others in
                others.filter { node < $0 }.map { (node, $0) }
            }
        }
    }

    /// What an update is.
    package enum Work: Equatable, Sendable {
        /// One element more in a set.
        case set
        /// One more in a counter.
        case counter
        /// New values for some of the node's own keys, in one transaction.
        case map(keys: Int, title: String)

        package static let all: [Work] = [
            .set, .counter, .map(keys: 7, title: "GMap 10 %"), .map(keys: 21, title: "GMap 30 %"),
            .map(keys: 41, title: "GMap 60 %"), .map(keys: 67, title: "GMap 100 %"),
        ]

        var title: String {
            switch self {
            case .set: "GSet"
            case .counter: "GCounter"
            case .map(_, let title): title
            }
        }

        /// Elements that an update consists of.
        var elements: Int { if case .map(let keys, _) = self { keys } else { 1 } }
    }

    package let topology: Topology
    package let work: Work
    /// Seconds between exchanges of neighbours; pushed at once without a number.
    package var interval: Int?

    static let nodes = 15
    static let updates = 100
    /// How many keys of a map a node owns.
    private static let ownKeys = 67

    /// Elements that have to be delivered if each reaches each other node once.
    package var floor: Int {
        Self.nodes * Self.updates * work.elements * (Self.nodes - 1)
    }

    /// The operations, from a seed.
    package func trace(seed: UInt64) -> ReplayTrace {
        var random = SeededRandom(seed: seed).fork(label: "papers")
        var trace = ReplayTrace(name: "\(work.title) \(topology.rawValue)", devices: Self.nodes)
        let start: Int64 = 1_780_300_800_000
        // Every node has a beat of its own.
        let phases = (0..<Self.nodes).map { _ in Int64(random.uniform(in: 0...999)) }
        let order = (0..<Self.nodes).sorted { (phases[$0], $0) < (phases[$1], $1) }
        if interval == nil { for (a, b) in topology.links { trace.add(.open(a, b), at: start) } }
        for (a, b) in topology.links where interval == nil { trace.add(.flush(a, b)) }
        trace.add(.measure("all"))
        for second in 1...Self.updates {
            let time = start + Int64(second) * 1000
            for node in order {
                trace.add(update(node, second, &random), at: time + phases[node])
            }
            if let interval, second.isMultiple(of: interval) {
                meet(at: time + 1000, &random, &trace)
            }
        }
        let end = start + Int64(Self.updates + 2) * 1000
        for _ in 0..<Self.nodes {
            if interval == nil {
                for (a, b) in topology.links { trace.add(.flush(a, b)) }
            } else {
                meet(at: end, &random, &trace)
            }
        }
        trace.add(.measure(nil))
        trace.add(.expect(equal: Array(0..<Self.nodes), usage: nil))
        return trace
    }

    /// Neighbours meet, each pair once, in any order.
    private func meet(at time: Int64, _ random: inout SeededRandom, _ trace: inout ReplayTrace) {
        var links = topology.links
        for index in links.indices.dropFirst().reversed() {
            links.swapAt(index, random.uniform(in: 0...index))
        }
        for (a, b) in links { trace.add(.sync(a, b), at: time) }
    }

    private func update(
        _ node: Int, _ second: Int, _ random: inout SeededRandom
    ) -> ReplayTrace.Operation {
        switch work {
        case .set:
            let name = String(random.next(), radix: 36)
            return .set(device: node, profile: name, field: "in", .integer(1))
        case .counter: return .usage(device: node, amount: 1)
        case .map(let keys, _):
            var own = Array(0..<Self.ownKeys)
            let records = (0..<keys).map { _ in
                let key = own.remove(at: random.uniform(in: 0...own.count - 1))
                return ReplayTrace.ProfileRecord(
                    id: "k\(node * Self.ownKeys + key)",
                    fields: [.init("value", .integer(Int64(second)))])
            }
            return .load(device: node, profiles: records, allocations: [])
        }
    }
}
