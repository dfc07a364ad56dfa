import CausalTime
import DeltaCRDT
import SyncTestKit

/// A type with the operations that its users perform, and a sequential model of what they mean.
protocol OperationModel {
    /// The state that merges.
    associatedtype State: Mergeable
    /// What one operation did, as a user would tell it.
    associatedtype Deed: Hashable
    /// What a user reads from a state.
    associatedtype Meaning: Equatable

    /// The operations that replica `place` can perform on its state, each with the new state.
    func operations(on state: State?, at place: Int, order: NextOrder) -> [(Deed, State)]

    /// What is to be read where exactly `log` has been seen. The log is in the order of execution.
    func expected(of log: [LogEntry<Deed>]) -> Meaning

    /// What is read.
    func reading(of state: State?) -> Meaning
}

/// One operation of a world's history.
struct LogEntry<Deed: Hashable>: Hashable {
    let deed: Deed
    let place: Int
    let timestamp: HybridTimestamp
    let dot: Dot
    /// The operations that the replica had seen before, one bit each, and the bit of this one.
    let seen: UInt16
    let bit: UInt16
}

/// Gives the order of the next write of a replica.
struct NextOrder {
    let timestamp: HybridTimestamp
    let dot: Dot

    func order(causalLength: UInt64) -> WriteOrder {
        WriteOrder(causalLength: causalLength, timestamp: timestamp, dot: dot)
    }
}

/// Replicas, the operations so far, and every state that was ever sent.
///
/// Messages stay for ever: each may be delivered to everyone at any later time, also again.
struct OperationWorld<Model: OperationModel> {
    struct Replica: Equatable {
        var state: Model.State?
        var seen: UInt16 = 0
        var clock = HybridClock()
    }

    /// What a world is told by: the messages follow from the log, and the states have to.
    struct Key: Hashable {
        let log: [LogEntry<Model.Deed>]
        let seen: [UInt16]
    }

    struct Misreading: Error, CustomStringConvertible {
        let description: String
    }

    let model: Model
    let walls: [WallTime]
    var replicas: [Replica]
    var log: [LogEntry<Model.Deed>] = []
    var messages: [Replica] = []

    init(_ model: Model, replicas: Int, walls: [Int64]) {
        self.model = model
        self.walls = walls.map { WallTime(milliseconds: $0) }
        self.replicas = Array(repeating: Replica(), count: replicas)
    }

    var key: Key {
        Key(log: log, seen: replicas.map(\.seen))
    }

    /// Every other world that one operation or one delivery leads to, after a look at the meaning
    /// of what it changed.
    func successors(operations: Int) throws -> [OperationWorld] {
        var worlds: [OperationWorld] = []
        var meanings: [UInt16: Model.Meaning] = [:]
        for place in replicas.indices {
            for message in messages + replicas {
                let replica = delivering(message, to: place)
                let meaning = meanings[replica.seen] ?? expected(at: replica)
                meanings[replica.seen] = meaning
                try check(replica, against: meaning)
                // What was seen before is delivered and checked too, but leads nowhere.
                guard replica.seen != replicas[place].seen else { continue }
                var world = self
                world.replicas[place] = replica
                worlds.append(world)
            }
        }
        guard log.count < operations else { return worlds }
        // The first replica begins, which is a restriction only if clocks differ.
        for place in log.isEmpty ? 0..<1 : replicas.indices {
            for world in operating(at: place) {
                let replica = world.replicas[place]
                try world.check(replica, against: world.expected(at: replica))
                worlds.append(world)
            }
        }
        return worlds
    }

    private func delivering(_ message: Replica, to place: Int) -> Replica {
        guard let incoming = message.state else { return replicas[place] }
        var replica = replicas[place]
        replica.state = replica.state?.merging(incoming) ?? incoming
        replica.seen |= message.seen
        replica.clock.observe(message.clock.latest)
        return replica
    }

    private func operating(at place: Int) -> [OperationWorld] {
        var clock = replicas[place].clock
        let timestamp = clock.stamp(at: walls[place])
        let own = log.count { $0.place == place }
        let next = NextOrder(timestamp: timestamp, dot: .at(UInt32(place + 1), UInt64(own + 1)))
        let bit = UInt16(1) << UInt16(log.count)
        return model.operations(on: replicas[place].state, at: place, order: next).map {
            deed, state in
            var world = self
            world.log.append(
                LogEntry(
                    deed: deed, place: place, timestamp: timestamp, dot: next.dot,
                    seen: replicas[place].seen, bit: bit))
            world.replicas[place] = Replica(
                state: state, seen: replicas[place].seen | bit, clock: clock)
            world.messages.append(world.replicas[place])
            return world
        }
    }

    private func expected(at replica: Replica) -> Model.Meaning {
        model.expected(of: log.filter { replica.seen & $0.bit != 0 })
    }

    private func check(
        _ replica: Replica, against expected: Model.Meaning
    ) throws(Misreading) {
        let reading = model.reading(of: replica.state)
        guard reading != expected else { return }
        let deeds = log.map { "\($0.deed) at \($0.place) having seen \($0.seen)" }
        throw Misreading(
            description: "a replica that has seen \(replica.seen) of \(deeds) reads "
                + "\(reading), not \(expected)")
    }
}

/// Checks every world of three replicas and so many operations, and says how many there are.
///
/// The worlds are all interleavings of the operations with deliveries of any state to any replica:
/// of the current ones, and of those right after each operation, late and repeated. The clocks of
/// the replicas show `walls` all the time.
func checkMeaning(
    of model: some OperationModel, operations: Int, walls: [Int64] = [0, 0, 0]
) throws -> Int {
    try explore(
        from: OperationWorld(model, replicas: 3, walls: walls), by: \.key,
        successors: { try $0.successors(operations: operations) })
}
