import Foundation
import Testing

/// Real node processes, and between them a network that delays, loses, repeats and cuts.
///
/// Nothing waits for time: all time is virtual, and what moves it are the messages themselves and
/// the answers of the processes. The nodes' own clocks run on by themselves.
final class NodeNetwork: @unchecked Sendable {
    /// What the network does to messages between nodes.
    struct Weather {
        /// Of a hundred messages so many are lost.
        var lost = 0
        /// Of a hundred messages so many arrive twice.
        var repeated = 0
        /// How many other messages may overtake one, at most.
        var overtaking = 0
    }

    /// An answer to a client.
    struct Answer {
        let node: String
        let number: Int
        let type: String
        let body: [String: Any]
    }

    let names: [String]
    var weather = Weather()
    /// Nodes of the same side reach each other; all by default.
    var sideOf: [String: Int] = [:]
    private var random: SplitMix
    private var processes: [String: NodeProcess] = [:]
    private let folder: String
    private let arguments: [String]
    private var delayed: [(countdown: Int, to: String, line: String)] = []
    private let inbox: AsyncStream<(node: String, life: Int, line: String)>
    private let feed: AsyncStream<(node: String, life: Int, line: String)>.Continuation
    private var lives: [String: Int] = [:]
    private(set) var carried = 0

    init(_ count: Int, seed: UInt64, in folder: String, _ arguments: [String]) {
        names = (0..<count).map { "n\($0)" }
        random = SplitMix(state: seed)
        self.folder = folder
        self.arguments = arguments
        (inbox, feed) = AsyncStream.makeStream()
    }

    deinit { for process in processes.values { process.kill() } }

    /// Starts a node, for the first time or again, and tells it who it is.
    func start(_ name: String) throws {
        let life = (lives[name] ?? 0) + 1
        lives[name] = life
        let feed = feed
        processes[name] = try NodeProcess(in: folder, arguments) {
            feed.yield((name, life, $0))
        }
        ask(name, ["type": "init", "msg_id": 0, "node_id": name, "node_ids": names])
    }

    /// Ends a node without warning; what it had said before counts.
    func kill(_ name: String) {
        processes[name]?.kill()
        processes[name] = nil
        lives[name] = (lives[name] ?? 0) + 1
    }

    func isRunning(_ name: String) -> Bool { processes[name] != nil }

    /// Sends what a client asks.
    func ask(_ node: String, _ body: [String: Any]) {
        send(["src": "c1", "dest": node, "body": body], to: node)
    }

    private func send(_ message: [String: Any], to node: String) {
        do {
            let data = try JSONSerialization.data(withJSONObject: message)
            processes[node]?.write(String(decoding: data, as: UTF8.self))
        } catch {
            Issue.record(error)
        }
    }

    /// Carries messages until a client is answered.
    func nextAnswer() async throws -> Answer {
        for await (node, life, line) in inbox {
            guard life == lives[node] else { continue }
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let message = try #require(value as? [String: Any])
            let destination = try #require(message["dest"] as? String)
            release()
            if destination.hasPrefix("n") {
                carry(line, from: node, to: destination)
                continue
            }
            let body = try #require(message["body"] as? [String: Any])
            return Answer(
                node: node, number: body["in_reply_to"] as? Int ?? -1,
                type: body["type"] as? String ?? "", body: body)
        }
        throw CancellationError()
    }

    private func carry(_ line: String, from: String, to: String) {
        carried += 1
        guard sideOf[from] ?? 0 == sideOf[to] ?? 0, random.below(100) >= weather.lost else {
            return
        }
        for _ in 0..<(random.below(100) < weather.repeated ? 2 : 1) {
            delayed.append((random.below(weather.overtaking + 1), to, line))
        }
        if weather.overtaking == 0 { release() }
    }

    /// Lets those arrive that have been overtaken often enough.
    private func release() {
        for index in delayed.indices { delayed[index].countdown -= 1 }
        for one in delayed where one.countdown < 0 { processes[one.to]?.write(one.line) }
        delayed.removeAll { $0.countdown < 0 }
    }

    func chance(_ percent: Int) -> Bool { random.below(100) < percent }
    func pick<Element>(_ elements: [Element]) -> Element { elements[random.below(elements.count)] }
    func number(below bound: Int) -> Int { random.below(bound) }
}

/// A small generator, so that a seed decides what the network does.
struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((value ^ value >> 31) % UInt64(max(1, bound)))
    }
}

/// A `caravan-sim node` that runs.
final class NodeProcess: @unchecked Sendable {
    private let process: Process
    private let input = Pipe()

    init(
        in folder: String, _ arguments: [String], onLine: @escaping @Sendable (String) -> Void
    ) throws {
        process = try DeviceTool.process(["node"] + arguments, in: folder, of: "caravan-sim")
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let reader = output.fileHandleForReading
        Thread {
            var rest = Data()
            while true {
                let data = reader.availableData
                if data.isEmpty { break }
                rest += data
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    onLine(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[(end + 1)...])
                }
            }
        }.start()
    }

    /// Hands over a line; a process that has just ended takes none.
    func write(_ line: String) {
        guard process.isRunning else { return }
        do {
            try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
        } catch {
            return
        }
    }

    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
