import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Clocks that are far in the future, and the epochs that leave them behind.
///
/// What was tried and broke: taking over the greater time of a stamp without its epoch. A device
/// that had heard of the new epoch in one lane and met a stamp of the old one in another ended up
/// with its own next write before what it overwrote, in one run out of six. Time and epoch are
/// compared, and taken over, together.
@Suite("Clocks of several epochs")
struct ClockEpochAttacks {
    @Test("put every write after all that its author had seen", arguments: Seed.first(16))
    func writesFollowWhatWasSeen(seed: Seed) throws {
        var world = try EpochWorld(seed: seed)
        for _ in 0..<120 { try world.step() }
        try world.heal()
    }

    @Test("do not let an overwritten stamp of an old epoch win over the write that saw it")
    func ownOverwriteWins() throws {
        let fleet = try AttackFleet(2)
        // The clock of one device is a century ahead.
        try fleet[0].set(1, ofRow: 1, to: "from the future", at: 3_000_000_000_000)
        // The other one has only heard, in another lane, that a new epoch began.
        try fleet[1].beginEpoch(1)
        #expect(try fleet[1].summary().clock < HybridTimestamp(epoch: 1, ticks: 1 << 32))
        _ = try fleet[1].apply(
            fleet[0].segment(of: .settings, since: fleet[1].summary().vectors[.settings]))
        try fleet[1].set(1, ofRow: 1, to: "seen and replaced", at: 50)
        #expect(try fleet[1].text(1, ofRow: 1) == "seen and replaced")
        try fleet.meet()
        try fleet.expectLevel()
        #expect(try fleet[0].text(1, ofRow: 1) == "seen and replaced")
        // From now on wall time decides again, on both.
        try fleet[0].set(1, ofRow: 1, to: "earlier", at: 60)
        try fleet[1].set(1, ofRow: 1, to: "later", at: 70)
        try fleet.meet()
        #expect(try fleet[0].text(1, ofRow: 1) == "later")
        try fleet.expectLevel()
    }

    @Test("go on when the time of one is used up")
    func timesDoNotEnd() throws {
        let fleet = try AttackFleet(2)
        try fleet[0].beginEpoch(0, ticks: .max)
        try fleet[0].set(1, ofRow: 1, to: "after the last tick", at: 5)
        try fleet.meet()
        try fleet[1].set(1, ofRow: 1, to: "and after that", at: 4)
        try fleet.meet()
        try fleet.expectLevel()
        #expect(try fleet[0].text(1, ofRow: 1) == "and after that")
    }
}

/// Devices whose lanes travel apart, one of which has a clock that jumps far ahead at times, and
/// one of which begins new epochs.
private struct EpochWorld {
    private var random: SplitMix64
    private var stores: ObservedStores
    private var inFlight: [(to: Int, segment: Segment)] = []
    private var epoch: UInt32 = 0
    private var now: Int64 = 0

    init(seed: Seed) throws {
        random = seed.generator
        stores = try ObservedStores(3)
    }

    mutating func step() throws {
        now += Int64(random.next() % 4)
        let index = Int(random.next() % 3)
        let other = (index + 1 + Int(random.next() % 2)) % 3
        switch random.next() % 100 {
        case 0..<6:
            epoch += 1
            try stores[0].beginEpoch(epoch)
        case 6..<46: try write(index)
        case 46..<76:
            let lane = random.pick(Lane.all)
            let base = try stores[index].summary().vectors[lane]
            let segment = try stores[other].segment(of: lane, since: base)
            inFlight.append((index, segment))
            if random.chance(70) { try deliver(inFlight.count - 1) }
        default:
            guard !inFlight.isEmpty else { return }
            try deliver(Int(random.next() % UInt64(inFlight.count)))
        }
        try stores.checkLevel()
    }

    private mutating func write(_ index: Int) throws {
        let isAhead = index == 2 && random.chance(10)
        let lane = random.pick([Lane.control, .settings])
        let number = Int64(random.next() % 100)
        try stores.write(index, at: isAhead ? now + 1_000_000 : now) {
            try $0.put(
                CellDraft(
                    key: .field(1, ofRow: UInt8(number % 2), in: lane), kind: .register,
                    value: CellValue.integer(number).encoded))
        }
    }

    private mutating func deliver(_ place: Int) throws {
        let (to, segment) = inFlight[place]
        if random.chance(70) { inFlight.remove(at: place) }
        do { try stores.apply(segment, to: to) } catch let error as StoreError
            where error.code == .baseNotSeen
        {
            return
        }
    }

    /// All meet; then whoever writes last wins everywhere, whatever its clock shows.
    mutating func heal() throws {
        for index in 0..<3 {
            try meet()
            try stores.write(index, at: 0) {
                try $0.put(
                    CellDraft(
                        key: .field(1, ofRow: 1), kind: .register,
                        value: CellValue.integer(Int64(1000 + index)).encoded))
            }
            try meet()
            for store in stores.all {
                #expect(try store.text(1, ofRow: 1) == "\(1000 + index)")
            }
        }
        try stores.checkLevel()
    }

    private mutating func meet() throws {
        for _ in 0..<2 {
            for to in 0..<3 {
                for from in 0..<3 where from != to {
                    for segment in try stores.news(for: to, from: from) {
                        try stores.apply(segment, to: to)
                    }
                }
            }
        }
    }
}

extension ReplicaStore {
    /// Lets the store hear of a clock, and of nothing else, in the lane of control.
    fileprivate func beginEpoch(_ epoch: UInt32, ticks: UInt64 = 0) throws {
        let seen = try summary().vectors[.control]
        _ = try apply(
            Segment(
                lane: .control, base: seen, claim: seen,
                clock: HybridTimestamp(epoch: epoch, ticks: ticks), cells: []))
    }
}
