import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Stores that go back in time: restored from a backup, rolled back, copied.
///
/// What was tried and broke: telling a rewound store from the numbers of its writes, by comparing
/// with peers when it meets them. A store that has made as many writes again by then looks as if
/// nothing had happened; one name then stands for two writes, of which one is lost, or replicas
/// stay different for ever. In a few of every hundred runs acknowledged writes were gone. Now
/// nobody looks for rewinds: whoever cannot prove continuity is another writer from its first write
/// on.
@Suite("Rewound stores")
struct RewindAttacks {
    @Test("that have made as many writes again as they have lost lose nothing that a peer has")
    func asManyWritesAgain() throws {
        let fleet = try AttackFleet(2)
        try fleet[0].write(title: "before", adding: 1, at: 1)
        let backup = try fleet.backUp(0)
        for time: Int64 in 2...4 {
            try fleet[0].write(title: "former \(time)", adding: 10, at: time)
        }
        try fleet.pull(1, from: 0)

        try fleet.restore(0, to: backup)
        for time: Int64 in 2...4 {
            try fleet[0].write(title: "latter \(time)", adding: 100, at: time)
        }
        #expect(try fleet[0].title() == "latter 4")
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(331, "every addition counts once") {
            try $0.value(Shared.total, of: Shared.row)
        }
        // Of two edits at one time either may win, on both devices the same one.
        let titles = try (0..<2).map { try fleet[$0].title() }
        #expect(titles[0] == titles[1] && titles[0]?.hasSuffix("4") == true)
    }

    @Test("that have written the very same again have written it twice")
    func sameContentAgain() throws {
        let fleet = try AttackFleet(3)
        let backup = try fleet.backUp(0)
        try fleet[0].write(title: "the same", adding: 10, at: 2)
        try fleet.pull(1, from: 0)
        try fleet.restore(0, to: backup)
        try fleet[0].write(title: "the same", adding: 10, at: 2)
        // The third device hears of the restored store first: to it nothing looks wrong.
        try fleet.pull(2, from: 0)
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(20) { try $0.value(Shared.total, of: Shared.row) }
        try fleet.expectAll("the same") { try $0.value(Shared.title, of: Shared.row) }
    }

    @Test("that are restored again and again from one backup never use a name twice")
    func restoredAgainAndAgain() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].write(title: "before", adding: 1, at: 1)
        let backup = try fleet.backUp(0)
        var names: Set<WriterID> = []
        for round: Int64 in 1...3 {
            try fleet.restore(0, to: backup)
            try fleet[0].write(title: "round \(round)", adding: 10, at: round)
            names.insert(try #require(try fleet[0].image().writer))
            // A different device hears of each round.
            try fleet.pull(Int(round) % 2 + 1, from: 0)
        }
        #expect(names.count == 3)
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(31) { try $0.value(Shared.total, of: Shared.row) }
        try fleet.expectAll("round 3") { try $0.value(Shared.title, of: Shared.row) }
    }

    @Test("hear of their own former writes through others, like of anybody's")
    func ownWritesComeBack() throws {
        let fleet = try AttackFleet(3)
        let backup = try fleet.backUp(0)
        try fleet[0].write(title: "written once", adding: 10, at: 5)
        let dot = try #require(try fleet[0].read { $0.vectors[.settings] }.entries.first)
        try fleet.pull(1, from: 0)
        try fleet.restore(0, to: backup)
        try fleet.pull(2, from: 1)
        try fleet.pull(0, from: 2)
        #expect(try fleet[0].title() == "written once")
        #expect(try fleet[0].summary().vectors[.settings][dot.writer] == dot.sequence)
        try fleet[0].write(title: "and later", adding: 1, at: 4)
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll("and later", "what was heard of is outranked") {
            try $0.value(Shared.title, of: Shared.row)
        }
        try fleet.expectAll(11) { try $0.value(Shared.total, of: Shared.row) }
    }

    @Test("have lost what nobody else had seen, claim none of it, and nothing else is lost")
    func unseenWritesAreGone() throws {
        let fleet = try AttackFleet(2)
        try fleet[0].write(title: "before", adding: 1, at: 1)
        try fleet.meet()
        let backup = try fleet.backUp(0)
        let seen = try fleet[0].summary().vectors
        try fleet[0].write(title: "seen by nobody", adding: 10, at: 2)
        try fleet.restore(0, to: backup)
        #expect(try fleet[0].summary().vectors == seen)
        try fleet[1].write(title: "elsewhere", adding: 100, at: 3)
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(101) { try $0.value(Shared.total, of: Shared.row) }
    }
}

extension ReplicaStore {
    /// Sets the title and adds to the total, in one transaction.
    fileprivate func write(title: String, adding amount: UInt64, at time: Int64) throws {
        try change(at: time) {
            try $0.set(Shared.title, of: Shared.row, to: title)
            try $0.increment(Shared.total, of: Shared.row, by: amount)
        }
    }

    fileprivate func title() throws -> String? {
        try read { try $0.value(Shared.title, of: Shared.row) }
    }
}
