import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit

/// A few stores that write, meet, lose messages, are restored, retired and forget, at random.
///
/// Segments are computed now and delivered at once, partly, later, twice or never; a device may be
/// restored from any of its backups, its clock may be off, and a retired one comes back whenever it
/// notices. After every step the stores that it touched show exactly what they have seen.
struct CausalWorld {
    /// What may happen besides writing and exchanging.
    struct Faults {
        var restores = true
        var retirements = true
        /// One row that is mostly deleted and brought back, and nothing else.
        var isHot = false
    }

    /// How often what a world is there for has happened.
    struct Counts: Hashable {
        var snapshots = 0
        var refusals = 0
        var restores = 0
        var returns = 0
    }

    let faults: Faults
    var random: SplitMix64
    private(set) var stores: ObservedStores
    private(set) var counts = Counts()
    /// Rows that are named by their creation.
    var rows: [[UInt8]] = []
    private var backups: [[ReplicaStore]]
    private var inFlight: [(to: Int, segment: Segment)] = []
    private var skews: [Int64]
    private var now: Int64 = 0

    init(seed: Seed, count: Int, faults: Faults = Faults()) throws {
        self.faults = faults
        random = seed.generator
        stores = try ObservedStores(count)
        backups = Array(repeating: [], count: count)
        skews = Array(repeating: 0, count: count)
    }

    // MARK: Steps

    mutating func step() throws {
        now += Int64(random.next() % 3)
        let index = Int(random.next() % UInt64(stores.indices.count))
        let offset = 1 + Int(random.next() % UInt64(stores.indices.count - 1))
        let other = (index + offset) % stores.indices.count
        switch random.next() % 100 {
        case 0..<28: try userWrite(index)
        case 28..<45: try send(from: other, to: index)
        case 45..<50: try spreadCut()
        case 50..<72: try deliverLate()
        case 72..<79: try house(index) { try $0.propose() }
        case 79..<88: try acknowledge(index)
        case 88: skews[index] = Int64(random.next() % 11) - 5
        case 89: try stores.reopen(index)
        case 90..<94: backups[index].append(try stores.backup(of: index))
        case 94..<97: try restore(index)
        default: try retire(other, by: index)
        }
        try stores.checkLevel()
    }

    /// Writes as a user; `added` is by how much a counter is raised.
    mutating func write(
        _ index: Int, added: UInt64 = 0, _ body: (StoreTransaction) throws -> Void
    ) throws {
        try stores.write(index, at: now + skews[index], added: added, body)
    }

    private mutating func house(_ index: Int, _ body: (StoreTransaction) throws -> Void) throws {
        try stores.house(index, at: now + skews[index], body)
    }

    /// Acknowledges what there is; a device that has learned that it was retired may come back.
    private mutating func acknowledge(_ index: Int) throws {
        let membership = try stores[index].read { try Membership($0) }
        if membership.isRetired(stores[index].device) {
            guard random.chance(50) else { return }
            try house(index) { try $0.admit($0.device) }
            counts.returns += 1
        }
        try house(index) { try $0.acknowledgeCuts() }
    }

    // MARK: Exchange

    private mutating func send(from: Int, to: Int) throws {
        let segments = try stores.segments(from: from, to: to)
        let fate = random.next() % 100
        if fate < 45 {
            for segment in segments { try deliver(segment, to: to) }
        } else if fate < 70 {
            let arriving = Int(random.next() % UInt64(segments.count + 1))
            for segment in segments.prefix(arriving) { try deliver(segment, to: to) }
        }
        inFlight += segments.map { (to, $0) }
        if inFlight.count > 40 { inFlight.removeFirst(inFlight.count - 40) }
    }

    private mutating func pull(_ index: Int, from other: Int) throws {
        for segment in try stores.news(for: index, from: other) {
            try deliver(segment, to: index)
        }
    }

    private mutating func deliverLate() throws {
        guard !inFlight.isEmpty else { return }
        let place = Int(random.next() % UInt64(inFlight.count))
        let (to, segment) = inFlight[place]
        if random.chance(50) { inFlight.remove(at: place) }
        try deliver(segment, to: to)
    }

    private mutating func deliver(_ segment: Segment, to index: Int) throws {
        do {
            try stores.apply(segment, to: index)
            if segment.isSnapshot { counts.snapshots += 1 }
        } catch let error as StoreError
            where [.baseNotSeen, .behindFrontier].contains(error.code)
        {
            counts.refusals += 1
        }
    }

    /// A cut that a few devices hear of and acknowledge in turn.
    private mutating func spreadCut() throws {
        let order = stores.indices.shuffled(using: &random)
        if random.chance(50) { try house(order[0]) { try $0.propose() } }
        let heard = order.filter { _ in random.chance(85) }
        let reversed = Array(heard.reversed())
        for (one, next) in Array(zip(heard, heard.dropFirst()))
            + Array(zip(reversed, reversed.dropFirst()))
        {
            try pull(next, from: one)
            if random.chance(80) { try acknowledge(next) }
        }
    }

    // MARK: Faults

    private mutating func restore(_ index: Int) throws {
        guard faults.restores, !backups[index].isEmpty else { return }
        try stores.restore(index, to: random.pick(backups[index]))
        counts.restores += 1
    }

    private mutating func retire(_ index: Int, by other: Int) throws {
        guard faults.retirements else { return }
        let device = stores[index].device
        let members = try stores[other].read { try Membership($0).members }
        guard members.count > 1, members.contains(device) else { return }
        try house(other) { try $0.retire(device) }
    }

    // MARK: Healing

    /// Everyone meets everyone until nothing changes; then all is level and forgotten.
    mutating func heal() throws {
        inFlight = []
        let before = stores.oracle.writes
        for round in 0..<24 {
            for index in stores.indices {
                for other in stores.indices where other != index {
                    try pull(index, from: other)
                }
                try house(index) { try $0.admit($0.device) }
            }
            if [6, 10, 14].contains(round) {
                let proposer = Int(random.next() % UInt64(stores.indices.count))
                try house(proposer) { try $0.propose() }
            }
            for index in stores.indices { try house(index) { try $0.acknowledgeCuts() } }
        }
        try checkHealed(before)
    }

    private func checkHealed(_ before: [Lane: [Dot: CausalOracle.Write]]) throws {
        let first = try stores[0].summary()
        for (index, store) in stores.all.enumerated() {
            let summary = try store.summary()
            try stores.oracle.check(store, named: index)
            guard summary.vectors == first.vectors else {
                throw CausalOracle.Fault(description: "I9: vectors differ after healing")
            }
            guard summary.frontier == first.frontier else {
                throw CausalOracle.Fault(
                    description: "I8: frontiers differ: \(summary.frontier) \(first.frontier)")
            }
            let tombstones = try store.read { try $0.allCells() }.filter {
                $0.isForgettable(upTo: summary.frontier[$0.key.lane])
            }
            guard tombstones.isEmpty else {
                throw CausalOracle.Fault(description: "I8: \(tombstones.count) not forgotten")
            }
        }
        try stores.checkLevel()
        for (lane, writes) in before {
            for (dot, write) in writes where !stores.lost[lane, default: []].contains(dot) {
                guard first.vectors[lane].contains(dot) || !write.isUsers else {
                    throw CausalOracle.Fault(description: "I1: acknowledged write gone: \(dot)")
                }
                guard first.frontier[lane].contains(dot) || !first.vectors[lane].contains(dot)
                else {
                    throw CausalOracle.Fault(description: "I8: \(dot) is never forgotten")
                }
            }
        }
    }
}

extension StoreTransaction {
    /// Proposes a cut of every lane.
    func propose() throws { for lane in Lane.all { try proposeCut(of: lane) } }
}
