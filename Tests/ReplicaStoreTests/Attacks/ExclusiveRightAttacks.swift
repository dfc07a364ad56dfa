import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// A right that only one device may use at a time.
///
/// What was tried and broke: an offer that can be withdrawn, because the one to whom it was made
/// may have accepted it meanwhile, and both are then active under one token; two authorities that
/// override at once under one number; and a holder that is restored to before it gave the right
/// away and gives it away again. An offer is final, two overrides of one number leave the right
/// nobody's, and so do two devices that were given it under one token once they hear of each other.
@Suite("A right that one device has")
struct ExclusiveRightAttacks {
    @Test("is active at one device per token, in any order of messages", arguments: Seed.first(12))
    func isExclusive(seed: Seed) throws {
        var world = try RightWorld(seed: seed)
        for _ in 0..<150 { try world.step() }
        try world.heal()
        #expect(world.changes > 0)
    }

    @Test("is not taken back once it was offered, also if nobody has heard of the offer")
    func offersAreFinal() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].override(to: 0)
        try fleet[0].offer(from: 0, to: 1)
        #expect(try !fleet[0].isActive(0))
        #expect(throws: SchemaError.self) { try fleet[0].offer(from: 0, to: 2) }
        #expect(throws: SchemaError.self) { try fleet[0].answer(as: 0, accepts: true) }
        #expect(throws: SchemaError.self) { try fleet[0].answer(as: 0, accepts: false) }
        try fleet.meet()
        try fleet[1].answer(as: 1, accepts: true)
        #expect(try fleet[1].isActive(1) && !fleet[0].isActive(0))
        try fleet.meet()
        #expect(throws: SchemaError.self, "there is no offer any more") {
            try fleet[1].answer(as: 1, accepts: false)
        }
        try fleet.expectLevel()
    }

    @Test("is nobody's after two authorities gave it away under one number, until one does again")
    func contestedRights() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].override(to: 2)
        try fleet.meet()
        try fleet[0].override(to: 0)
        try fleet[1].override(to: 1)
        #expect(try fleet[0].isActive(0) && fleet[1].isActive(1), "neither knows of the other")
        try fleet.meet()
        for index in 0..<3 {
            for holder in 0..<3 { #expect(try !fleet[index].isActive(holder)) }
            #expect(throws: SchemaError.self) { try fleet[index].offer(from: index, to: 2) }
        }
        try fleet[1].override(to: 1)
        try fleet.meet()
        try fleet.expectLevel()
        for index in 0..<3 { #expect(try fleet[index].isActive(1)) }
    }

    @Test("that a restored holder gives away again is nobody's as soon as the two meet")
    func restoredHolder() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].override(to: 0)
        try fleet.meet()
        let backup = try fleet.backUp(0)
        try fleet[0].offer(from: 0, to: 1)
        try fleet.pull(1, from: 0)
        try fleet[1].answer(as: 1, accepts: true)

        try fleet.restore(0, to: backup)
        try fleet[0].offer(from: 0, to: 2)
        try fleet.pull(2, from: 0)
        try fleet[2].answer(as: 2, accepts: true)
        try fleet.meet()
        try fleet.expectLevel()
        for index in 0..<3 {
            for holder in 0..<3 { #expect(try !fleet[index].isActive(holder)) }
        }
        try fleet[0].override(to: 2)
        try fleet.meet()
        for index in 0..<3 { #expect(try fleet[index].isActive(2)) }
    }
}

/// Devices that hand a right on, and one authority; messages are lost, late and repeated.
private struct RightWorld {
    private var random: SplitMix64
    private let fleet: AttackFleet
    private var inFlight: [(to: Int, segment: Segment)] = []
    private var tokens: [FencingToken?] = [nil, nil, nil]
    private(set) var changes = 0

    init(seed: Seed) throws {
        random = seed.generator
        fleet = try AttackFleet(3)
        try fleet[0].override(to: 0)
        try fleet.meet()
    }

    mutating func step() throws {
        let me = Int(random.next() % 3)
        let other = (me + 1 + Int(random.next() % 2)) % 3
        switch random.next() % 100 {
        case 0..<40: try act(me, other)
        case 40..<43: try fleet[me].change { try $0.propose() }
        case 43..<50: try fleet[me].change { try $0.acknowledgeCuts() }
        case 50..<80:
            for lane in [Lane.control, .settings] {
                let seen = try fleet[me].summary().vectors[lane]
                inFlight.append((me, try fleet[other].segment(of: lane, since: seen)))
                if random.chance(70) { try deliver(inFlight.count - 1) }
            }
        default:
            guard !inFlight.isEmpty else { return }
            try deliver(Int(random.next() % UInt64(inFlight.count)))
        }
        try check()
    }

    /// Does something that is possible, if anything is.
    private mutating func act(_ me: Int, _ other: Int) throws {
        for kind in [0, 1, 2, 3].shuffled(using: &random) {
            do {
                switch kind {
                case 0: try fleet[me].offer(from: me, to: other)
                case 1: try fleet[me].answer(as: me, accepts: true)
                case 2: try fleet[me].answer(as: me, accepts: false)
                default:
                    guard me == 0, random.chance(20) else { continue }
                    try fleet[0].override(to: other)
                }
                changes += 1
                return
            } catch let error as SchemaError where [.notHolder, .notOffered].contains(error.code) {
                continue
            }
        }
    }

    private mutating func deliver(_ place: Int) throws {
        let (to, segment) = inFlight[place]
        if random.chance(60) { inFlight.remove(at: place) }
        let refusal = try code { _ = try fleet[to].apply(segment) }
        #expect([nil, .baseNotSeen, .behindFrontier].contains(refusal))
    }

    private mutating func check() throws {
        var active: [FencingToken: Int] = [:]
        for me in 0..<3 {
            let status = try fleet[me].right()
            let token = try #require(status.token)
            #expect(tokens[me].map { $0 <= token } ?? true, "what guards a resource goes back")
            tokens[me] = token
            guard status.isActive(me) else { continue }
            #expect(active[token] == nil, "two active under \(token)")
            active[token] = me
        }
    }

    func heal() throws {
        try fleet.meet()
        try fleet.expectLevel()
        let first = try fleet[0].right()
        try fleet.expectAll(first) { try $0.value(Shared.holder, of: Shared.row) }
        #expect(!first.isContested, "one authority never contests itself")
    }
}

extension ReplicaStore {
    fileprivate func right() throws -> ExclusiveStatus<Int> {
        try read { try $0.value(Shared.holder, of: Shared.row) }
    }

    fileprivate func isActive(_ holder: Int) throws -> Bool { try right().isActive(holder) }

    fileprivate func override(to holder: Int) throws {
        try change { try $0.override(Shared.holder, of: Shared.row, to: holder, term: 1) }
    }

    fileprivate func offer(from holder: Int, to other: Int) throws {
        try change { try $0.offer(Shared.holder, of: Shared.row, from: holder, to: other) }
    }

    fileprivate func answer(as holder: Int, accepts: Bool) throws {
        try change {
            if accepts {
                try $0.accept(Shared.holder, of: Shared.row, as: holder)
            } else {
                try $0.decline(Shared.holder, of: Shared.row, as: holder)
            }
        }
    }
}
