/// Devices that meet at random, all at the same time, round by round.
final class GossipRounds {
    private let replay: Replay
    private let count: Int
    private var random: SeededRandom
    /// More than any round count that chance allows.
    private static let roundsMax = 100

    init(devices: Int, seed: UInt64) throws {
        count = devices
        random = SeededRandom(seed: seed).fork(label: "gossip")
        var options = ReplayOptions()
        options.latency = .milliseconds(10)
        replay = try Replay(ReplayTrace(name: "gossip", devices: devices), options: options)
    }

    /// After how many rounds all have heard what one has written, as often as asked for.
    func measure(trials: Int) throws -> [Int] {
        try (0..<trials).map { _ in try trial() }
    }

    private func trial() throws -> Int {
        let author = random.uniform(in: 0...count - 1)
        try replay.write(.usage(device: author, amount: 1))
        for round in 1...Self.roundsMax {
            try replay.meet((0..<count).map { ($0, partner(of: $0)) })
            if replay.isLevel { return round }
        }
        throw CostSheet.Failure(description: "gossip did not end in \(Self.roundsMax) rounds")
    }

    private func partner(of device: Int) -> Int {
        let other = random.uniform(in: 0...count - 2)
        return other < device ? other : other + 1
    }
}

extension Replay {
    /// Performs a write outside of a trace.
    fileprivate func write(_ operation: ReplayTrace.Operation) throws {
        for index in operation.named { try devices[index].perform(operation, fields) }
    }

    /// Whether all devices have seen the same.
    fileprivate var isLevel: Bool {
        devices.allSatisfy { $0.vectors == devices[0].vectors }
    }

    /// All pairs connect at the same moment; nobody passes on what comes over another connection.
    fileprivate func meet(_ pairs: [(Int, Int)]) throws {
        eventsLeft = Self.eventsMax
        let links = try pairs.map { try connect($0, $1, isLasting: false) }
        for link in links { try settle(link) }
        for link in links { try close(link) }
    }
}
