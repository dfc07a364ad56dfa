import CausalTime
import ReplicaModel
import SyncTestKit

/// One operation of a world, and which earlier ones its replica had seen.
struct Event<Operation> {
    let index: Int
    let operation: Operation
    let replica: Int
    let seen: Set<Int>
}

/// Every world of three replicas that perform four operations in turn: each operation at every
/// replica, before each every choice of peers to hear from; in the end everything that was heard on
/// the way once more.
struct SmallWorlds<Operation, Value: Equatable> {
    /// What may happen.
    let operations: [Operation]
    let perform: (ModelReplica, Operation, Int) throws -> Void
    let read: (ModelReplica) throws -> Value
    /// What a replica that has seen these events has to say.
    let expected: ([Event<Operation>]) -> Value

    /// A world that came out wrong.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Goes through all worlds.
    ///
    /// - Returns: How many there were.
    func explore() throws -> Int {
        let start = try Self.start()
        var count = 0
        for placement in 0..<27 {
            for peers in 0..<64 {
                try forEachChoice(of: 4) { choice in
                    var digits = (placement, peers)
                    var events: [Event<Operation>] = []
                    let replicas = start.map { $0.copy() }
                    var seen = [Set<Int>](repeating: [], count: 3)
                    var heard: [(replica: Int, segment: Segment)] = []
                    for index in 0..<4 {
                        // The first is at replica 0: the others are the same by symmetry.
                        let replica = index == 0 ? 0 : digits.0 % 3
                        if index > 0 {
                            digits.0 /= 3
                            for offset in 1...2 where digits.1 >> (offset - 1) & 1 == 1 {
                                let other = (replica + offset) % 3
                                heard += try Self.pull(replicas[replica], from: replicas[other])
                                    .map { (replica, $0) }
                                seen[replica].formUnion(seen[other])
                            }
                            digits.1 >>= 2
                        }
                        let operation = operations[choice[index]]
                        replicas[replica].now = WallTime(milliseconds: Int64(index))
                        try perform(replicas[replica], operation, index)
                        events.append(
                            Event(
                                index: index, operation: operation, replica: replica,
                                seen: seen[replica]))
                        seen[replica].insert(index)
                    }
                    for replica in 0..<3 {
                        try check(
                            replicas[replica], events.filter { seen[replica].contains($0.index) },
                            placement, peers)
                    }
                    try converge(replicas, events, placement, peers)
                    for (replica, segment) in heard { try replicas[replica].apply(segment) }
                    for replica in replicas { try check(replica, events, placement, peers) }
                    count += 1
                }
            }
        }
        return count
    }

    /// All meet, in two orders and more often than needed.
    private func converge(
        _ replicas: [ModelReplica], _ events: [Event<Operation>], _ placement: Int, _ peers: Int
    ) throws {
        let order = peers.isMultiple(of: 2) ? [0, 1, 2, 1, 0] : [2, 0, 1, 2, 0]
        for _ in 0..<2 {
            for replica in order {
                for other in 0..<3 where other != replica {
                    try Self.pull(replicas[replica], from: replicas[other])
                }
            }
        }
        for replica in replicas {
            try check(replica, events, placement, peers)
            guard replica.digest == replicas[0].digest else {
                throw Fault(description: "digests differ in world \(placement)/\(peers)")
            }
        }
    }

    private func check(
        _ replica: ModelReplica, _ events: [Event<Operation>], _ placement: Int, _ peers: Int
    ) throws {
        let (value, expected) = (try read(replica), expected(events))
        guard value == expected else {
            throw Fault(
                description: "world \(placement)/\(peers) after \(events): \(value), expected "
                    + "\(expected)")
        }
    }

    private func forEachChoice(of count: Int, _ body: ([Int]) throws -> Void) throws {
        var choice = [Int](repeating: 0, count: count)
        while true {
            try body(choice)
            var place = 0
            while place < count {
                choice[place] += 1
                if choice[place] < operations.count { break }
                choice[place] = 0
                place += 1
            }
            if place == count { return }
        }
    }

    /// Three replicas that know each other's writers.
    static func start() throws -> [ModelReplica] {
        let replicas: [ModelReplica] = (1...3).map { ModelReplica($0) }
        for replica in replicas {
            try replica.state(
                .bytes(replica.device.bytes), at: .introduction(of: replica.currentWriter))
        }
        for replica in replicas {
            for other in replicas where other !== replica { try pull(replica, from: other) }
        }
        return replicas
    }

    @discardableResult
    static func pull(_ replica: ModelReplica, from other: ModelReplica) throws -> [Segment] {
        var segments: [Segment] = []
        for lane in [Lane.control, .settings]
        where !replica.vectors[lane].dominates(other.vectors[lane]) {
            let segment = other.segment(of: lane, since: replica.vectors[lane])
            try replica.apply(segment)
            segments.append(segment)
        }
        return segments
    }
}

/// A collection with a field of each type, and one row that is always there.
enum Sample: RowCollection {
    static let id: CollectionID = 1030
    static let name = "sample"
    static let rows = StandingRows<OnlyRow>()

    static let last = Field<Sample, LastWriter<Int>>(1, "last")
    static let multi = Field<Sample, MultiValue<Int>>(2, "multi")
    static let set = Field<Sample, AddWinsSet<String>>(3, "set")
    static let grown = Field<Sample, GrowOnlySet<Int>>(4, "grown")
    static let count = Field<Sample, Counter>(5, "count")
    static let balance = Field<Sample, PNCounter>(6, "balance")
    static let stage = Field<Sample, Lattice<Stage>>(7, "stage")
    static let own = Field<Sample, SingleWriter<Int>>(8, "own")
    static let log = Field<Sample, Ring<Int>>(9, "log", Ring(capacity: 2))
    static let right = Field<Sample, Exclusive<Int>>(10, "right_of_way")
    static let fields: [any FieldOf<Sample>] = [
        last, multi, set, grown, count, balance, stage, own, log, right,
    ]

    enum Stage: Int, LatticeState {
        case open, half, done
        var rank: UInt64 { UInt64(rawValue) }
    }
}
