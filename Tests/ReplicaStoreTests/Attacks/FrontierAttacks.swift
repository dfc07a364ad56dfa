import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Cuts, acknowledgements and the frontier that they make.
///
/// What was tried and broke: see the rows that were forgotten too early or came back in
/// `ForgettingAttacks`; here are the rules behind them, each by itself.
@Suite("Frontiers")
struct FrontierAttacks {
    @Test("do not go back when a device is restored to before what it had acknowledged")
    func restoredDevicesTakeNothingBack() throws {
        let fleet = try AttackFleet(3)
        let backup = try fleet.backUp(2)
        try fleet[0].set(1, ofRow: 1, to: "acknowledged by all")
        try fleet.meet()
        try fleet.forget()
        let frontier = try fleet[0].summary().frontier
        #expect(!frontier[.settings].isEmpty)

        try fleet.restore(2, to: backup)
        // The restored device proposes and acknowledges under its new name what little it has.
        try fleet[2].change { try $0.propose() }
        try fleet[2].change { try $0.acknowledgeCuts() }
        for _ in 0..<2 { for index in 0..<3 { try fleet.pull(index, from: (index + 1) % 3) } }
        try fleet.meet()
        for index in 0..<3 {
            #expect(try fleet[index].summary().frontier.dominates(frontier), "device \(index)")
        }
        try fleet[2].set(1, ofRow: 1, to: "and it goes on")
        try fleet.meet()
        try fleet.forget()
        let dot = try #require(try fleet[0].read { try $0.cell(at: .field(1, ofRow: 1)) }?.dot)
        for index in 0..<3 {
            #expect(try fleet[index].summary().frontier[.settings].contains(dot))
        }
        try fleet.expectLevel()
    }

    @Test("do not go back when a device joins that has acknowledged nothing, and wait for it")
    func joinersTakeNothingBack() throws {
        let fleet = try AttackFleet(2)
        try fleet[0].set(1, ofRow: 1, to: "before")
        try fleet.meet()
        try fleet.forget()
        let frontier = try fleet[0].summary().frontier
        let joiner = try ReplicaStore.inMemory(9)
        try fleet[0].change { try $0.admit(joiner.device) }
        try joiner.pull(from: fleet[0])
        #expect(try joiner.summary().frontier.dominates(frontier), "it joins with a snapshot")
        #expect(try fleet[0].summary().frontier.dominates(frontier))

        try fleet[1].set(1, ofRow: 1, to: "after")
        try fleet.meet()
        try fleet.forget()
        let dot = try #require(try fleet[0].read { try $0.cell(at: .field(1, ofRow: 1)) }?.dot)
        #expect(
            try !fleet[0].summary().frontier[.settings].contains(dot), "not without the new one")
        try joiner.pull(from: fleet[0])
        try joiner.change { try $0.acknowledgeCuts() }
        for index in [0, 1] { try fleet[index].pull(from: joiner) }
        #expect(try fleet[0].summary().frontier[.settings].contains(dot))
    }

    @Test("of the receiver ask what a sender has seen, not what it has acknowledged")
    func seenIsEnough() throws {
        let fleet = try AttackFleet(2)
        try fleet[0].set(1, ofRow: 1, to: "seen by both")
        try fleet.meet()
        try fleet[0].change { try $0.propose() }
        try fleet.pull(1, from: 0)
        try fleet[1].change { try $0.acknowledgeCuts() }
        try fleet[0].change { try $0.acknowledgeCuts() }
        try fleet.pull(0, from: 1)
        // One has moved on; the other does not know yet that it may.
        #expect(try !fleet[0].summary().frontier[.settings].isEmpty)
        #expect(try fleet[1].summary().frontier[.settings].isEmpty)
        try fleet[1].set(1, ofRow: 2, to: "from the one that is behind")
        let segment = try fleet[1].segment(
            of: .settings, since: fleet[0].summary().vectors[.settings])
        #expect(!segment.isSnapshot)
        _ = try fleet[0].apply(segment)
        #expect(try fleet[0].text(1, ofRow: 2) == "from the one that is behind")
        try fleet.meet()
        try fleet.expectLevel()
    }

    @Test("move on in a quiet lane once a device that was retired is back")
    func quietLanesMoveOn() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].count(1, at: 1)
        try fleet.meet()
        // The others settle a cut without the third device, which hears of all of it.
        try fleet[0].change { try $0.retire(fleet[2].device) }
        try fleet.meet()
        try fleet.forget(0, 1)
        try fleet.pull(2, from: 0)
        try fleet[2].change { try $0.admit(fleet[2].device) }
        let fourth = try ReplicaStore.inMemory(9)
        try fourth.change { try $0.admit(fourth.device) }
        for _ in 0..<3 {
            for index in 0..<3 {
                try fourth.pull(from: fleet[index])
                try fleet[index].pull(from: fourth)
                try fleet[index].change { try $0.acknowledgeCuts() }
            }
            try fourth.change { try $0.acknowledgeCuts() }
            try fleet.meet()
        }
        // Nothing is written in that lane any more, and still everyone has said that it was seen.
        let told = try fleet[0].read { snapshot in
            try (0..<3).map {
                try Forgetting(snapshot).acknowledged(by: fleet[$0].device, in: .usage)
            }
        }
        let seen = try fleet[0].summary().vectors[.usage]
        for vector in told { #expect(vector == seen) }
    }

    @Test("are acknowledged once: saying so again costs nothing")
    func acknowledgedOnce() throws {
        let fleet = try AttackFleet(2)
        let backup = try fleet.backUp(1)
        try fleet[0].set(1, ofRow: 1, to: "text")
        try fleet.meet()
        try fleet.forget()
        // Also a device that has outlived what it acknowledged says its lesser part only once.
        try fleet.restore(1, to: backup)
        try fleet[1].change { try $0.propose() }
        for index in [0, 1] {
            try fleet[index].change { try $0.acknowledgeCuts() }
            let vectors = try fleet[index].summary().vectors
            let hasWritten = try fleet[index].change { try $0.acknowledgeCuts() }
            #expect(!hasWritten)
            #expect(try fleet[index].summary().vectors == vectors)
        }
    }
}
