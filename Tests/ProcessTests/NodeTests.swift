import Foundation
import Testing

/// `caravan-sim node` under a checker that trusts only its own log: real processes, a network that
/// loses, repeats and reorders, and kills.
@Suite("Nodes of Maelstrom", .serialized)
struct NodeTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "crvn-node-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    /// What was tried and what was acknowledged.
    private struct Log {
        var next = 1
        var tried: [Int: Int] = [:]
        var acknowledged: [Int: Int] = [:]

        var triedUp: Int { tried.values.reduce(0) { $0 + max(0, $1) } }
        var triedDown: Int { tried.values.reduce(0) { $0 + min(0, $1) } }
        /// What is certain, and how far what is not may move it either way.
        var range: ClosedRange<Int> {
            let certain = acknowledged.values.reduce(0, +)
            let open = tried.filter { acknowledged[$0.key] == nil }.values
            return certain + open.reduce(0) { $0 + min(0, $1) }...certain
                + open.reduce(0) { $0 + max(0, $1) }
        }
    }

    private func network(_ count: Int, seed: UInt64, _ arguments: String...) -> NodeNetwork {
        signal(SIGPIPE, SIG_IGN)
        return NodeNetwork(
            count, seed: seed, in: folder, arguments + ["--store", folder + "/nodes"])
    }

    /// Lets clients add, with so many requests open at once, and faults meanwhile.
    private func load(
        _ network: NodeNetwork, operations: Int, kills: Int, isSigned: Bool, isSet: Bool
    ) async throws -> Log {
        var log = Log()
        var open: [Int: String] = [:]
        var killed: [String] = []
        var left = kills
        for name in network.names { try network.start(name) }
        func ask() {
            let node = network.pick(network.names.filter(network.isRunning))
            let number = log.next
            log.next += 1
            let amount = network.number(below: 9) + 1
            let delta = isSigned && network.chance(40) ? -amount : amount
            log.tried[number] = delta
            open[number] = node
            let content: [String: Any] = isSet ? ["element": number] : ["delta": delta]
            network.ask(
                node, ["type": "add", "msg_id": number].merging(content) { one, _ in one })
        }
        for _ in 0..<20 { ask() }
        while log.acknowledged.count < operations {
            let answer = try await network.nextAnswer()
            if answer.type == "add_ok", open.removeValue(forKey: answer.number) != nil {
                log.acknowledged[answer.number] = log.tried[answer.number]
            } else if answer.type == "error" {
                Issue.record("\(answer.body)")
            }
            let part = operations / (kills + 2)
            if left > 0, log.acknowledged.count > part * (kills - left + 1) {
                left -= 1
                // Somebody has to be left to ask.
                for name in killed { try network.start(name) }
                killed = []
                let victim = network.pick(network.names.filter(network.isRunning))
                network.kill(victim)
                killed.append(victim)
                open = open.filter { $0.value != victim }
                network.sideOf = Dictionary(
                    uniqueKeysWithValues: network.names.map { ($0, network.number(below: 2)) })
            } else if !killed.isEmpty, network.chance(2) {
                try network.start(killed.removeFirst())
            }
            while open.count < 20 { ask() }
        }
        for name in killed { try network.start(name) }
        network.sideOf = [:]
        network.weather = NodeNetwork.Weather()
        return log
    }

    /// Asks every node again and again until all say what they have to say, or too often.
    private func finalReads(
        _ network: NodeNetwork, until suffices: (Any?) -> Bool
    ) async throws -> [String: Any] {
        var done: [String: Any] = [:]
        var asked = 0
        for name in network.names { network.ask(name, ["type": "read", "msg_id": -2]) }
        while done.count < network.names.count, asked < 200_000 {
            let answer = try await network.nextAnswer()
            guard answer.number == -2 else { continue }
            if answer.type == "read_ok", suffices(answer.body["value"]) {
                done[answer.node] = answer.body["value"]
            } else {
                asked += 1
                network.ask(answer.node, ["type": "read", "msg_id": -2])
            }
        }
        return done
    }

    @Test("a set holds all that was acknowledged, and nothing else", arguments: [1, 2] as [UInt64])
    func set(seed: UInt64) async throws {
        let network = network(5, seed: seed)
        network.weather = NodeNetwork.Weather(lost: 10, repeated: 10, overtaking: 6)
        let log = try await load(
            network, operations: 1500, kills: 4, isSigned: false, isSet: true)
        let acknowledged = Set(log.acknowledged.keys)
        let reads = try await finalReads(network) { value in
            acknowledged.isSubset(of: Set(value as? [Int] ?? []))
        }
        #expect(reads.count == 5, "only \(reads.keys.sorted()) hold all")
        for value in reads.values {
            let list = try #require(value as? [Int])
            #expect(Set(list).count == list.count)
            #expect(Set(list).isSubset(of: log.tried.keys))
        }
    }

    @Test("a counter counts all that was acknowledged once", arguments: [true, false])
    func counter(isSigned: Bool) async throws {
        let network = network(
            3, seed: isSigned ? 5 : 6, "--workload", isSigned ? "pn-counter" : "g-counter")
        network.weather = NodeNetwork.Weather(lost: 10, repeated: 10, overtaking: 6)
        let log = try await load(
            network, operations: 800, kills: 3, isSigned: isSigned, isSet: false)
        let range = log.range
        var seen: Set<Int> = []
        let reads = try await finalReads(network) { value in
            guard let value = value as? Int else { return false }
            seen.insert(value)
            return range.contains(value)
        }
        #expect(reads.count == 3, "\(range) expected; read \(seen.sorted().suffix(5))")
        for value in seen { #expect((log.triedDown...log.triedUp).contains(value)) }
    }

    @Test("what cannot be done is refused with the codes of Maelstrom")
    func refusals() async throws {
        let network = network(1, seed: 1, "--workload", "g-counter")
        try network.start("n0")
        #expect(try await network.nextAnswer().type == "init_ok")
        func answer(to body: [String: Any]) async throws -> NodeNetwork.Answer {
            network.ask("n0", body)
            return try await network.nextAnswer()
        }
        let unknown = try await answer(to: ["type": "fly", "msg_id": 1])
        #expect(unknown.body["code"] as? Int == 10)
        #expect(unknown.number == 1)
        let negative = try await answer(to: ["type": "add", "msg_id": 2, "delta": -1])
        #expect(negative.body["code"] as? Int == 12)
        let nothing = try await answer(to: ["type": "add", "msg_id": 3])
        #expect(nothing.body["code"] as? Int == 12)
        #expect(try await answer(to: ["type": "topology", "msg_id": 4]).type == "topology_ok")
        #expect(try await answer(to: ["type": "add", "msg_id": 5, "delta": 3]).type == "add_ok")
        // The same request again is the same addition.
        #expect(try await answer(to: ["type": "add", "msg_id": 5, "delta": 3]).type == "add_ok")
        let read = try await answer(to: ["type": "read", "msg_id": 6])
        #expect(read.body["value"] as? Int == 3)
    }
}
