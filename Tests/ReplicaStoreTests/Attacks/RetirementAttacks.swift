import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Devices that are given up, and come back.
///
/// What was tried and broke: a retirement that names how much of the device had been seen, beyond
/// which its writes are refused. Whoever holds more cannot pass it on, so half of all fleets never
/// became level again; and writes that a returning device issued again under another name counted
/// twice where the first had arrived after all. A retirement refuses nothing. It only says that
/// nobody waits for the device.
@Suite("Retired devices")
struct RetirementAttacks {
    @Test("leave what others have of them, also what the one that retired them has not seen")
    func heldWritesStay() throws {
        let fleet = try AttackFleet(4)
        try fleet[3].write("seen by one", adding: 7, at: 2)
        try fleet.pull(1, from: 3)
        try fleet[0].change { try $0.retire(fleet[3].device) }
        // From now on the device itself is at the bottom of a lake.
        try fleet.pull(2, from: 0)
        try fleet.meet(0, 1, 2)
        for index in 0..<3 {
            #expect(try fleet[index].title() == "seen by one")
            #expect(try fleet[index].total() == 7)
        }
        try fleet.forget(0, 1, 2)
        let frontier = try fleet[0].summary().frontier[.settings]
        #expect(frontier == (try fleet[0].summary().vectors[.settings]), "nobody waits for it")
    }

    @Test("come back with all that they measured, once, and bring back nothing that is gone")
    func returnWithEverything() throws {
        let fleet = try AttackFleet(3)
        let note = try fleet[0].change { try $0.insert(into: Notes.self) }
        try fleet[2].write("before", adding: 1, at: 1)
        try fleet.meet()
        try fleet[2].write("seen by one", adding: 10, at: 2)
        try fleet.pull(1, from: 2)
        try fleet[2].write("seen by nobody", adding: 100, at: 3)
        try fleet[2].change(at: 4) {
            try $0.set(Notes.text, of: note, to: "in a row that is gone")
            try $0.increment(Traffic.bytes, of: "1", by: 1000)
        }
        try fleet[0].change { try $0.retire(fleet[2].device) }
        try fleet[0].change { try $0.delete(note, from: Notes.self) }
        try fleet.meet(0, 1)
        try fleet.forget(0, 1)
        #expect(try fleet[0].read { try $0.cells(of: Notes.id, in: .settings) }.isEmpty)

        try fleet.meet()
        try fleet[2].change { try $0.keepUp(Upkeep()) }
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(111) { try $0.value(Shared.total, of: Shared.row) }
        try fleet.expectAll(1000) { try $0.value(Traffic.bytes, of: "1") }
        try fleet.expectAll("seen by nobody") { try $0.value(Shared.title, of: Shared.row) }
        try fleet.expectAll(false) { try $0.exists(note, in: Notes.self) }
        try fleet.expectAll(true) { try Membership($0).contains(fleet[2].device) }
    }

    @Test("come back from a backup, and find what they had written since")
    func returnFromABackup() throws {
        let fleet = try AttackFleet(3)
        try fleet[2].write("before", adding: 1, at: 1)
        let backup = try fleet.backUp(2)
        try fleet[2].write("seen by one", adding: 10, at: 2)
        try fleet.pull(1, from: 2)
        try fleet[0].change { try $0.retire(fleet[2].device) }
        try fleet.meet(0, 1)
        try fleet.forget(0, 1)
        try fleet.restore(2, to: backup)
        try fleet[2].write("after", adding: 100, at: 1)
        try fleet.meet()
        try fleet[2].change { try $0.keepUp(Upkeep()) }
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(111) { try $0.value(Shared.total, of: Shared.row) }
        try fleet.expectAll("seen by one") { try $0.value(Shared.title, of: Shared.row) }
    }

    @Test("that retired each other both come back, and the fleet goes on forgetting")
    func retiredByEachOther() throws {
        let fleet = try AttackFleet(2)
        try fleet[0].change { try $0.retire(fleet[1].device) }
        try fleet[1].change { try $0.retire(fleet[0].device) }
        for index in [0, 1] {
            try fleet[index].write("by \(index)", adding: 1, at: 5)
            // Each forgets by itself, so neither has seen what the other one has forgotten.
            try fleet.forget(index)
        }
        for lane in [Lane.control, .settings] {
            let summaries = try [0, 1].map { try fleet[$0].summary() }
            #expect(!summaries[0].vectors[lane].dominates(summaries[1].frontier[lane]))
            #expect(!summaries[1].vectors[lane].dominates(summaries[0].frontier[lane]))
        }
        for _ in 0..<2 {
            try fleet.meet()
            for index in [0, 1] { try fleet[index].change { try $0.keepUp(Upkeep()) } }
        }
        try fleet.meet()
        try fleet.expectAll(2) { try Membership($0).members.count }
        try fleet.forget()
        try fleet.expectLevel()
        let summary = try fleet[0].summary()
        #expect(summary.frontier[.settings] == summary.vectors[.settings])
    }

    @Test("that are retired again while they come back are members in the end")
    func retiredAgain() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].change { try $0.retire(fleet[2].device) }
        try fleet.meet(0, 2)
        try fleet[2].change { try $0.keepUp(Upkeep()) }
        // This one knows neither of the retirement nor of the return.
        try fleet[1].change { try $0.retire(fleet[2].device) }
        try fleet[2].write("on its way", adding: 3, at: 2)
        try fleet.meet()
        for _ in 0..<2 {
            try fleet[2].change { try $0.keepUp(Upkeep()) }
            try fleet.meet()
        }
        try fleet.expectAll(true) { try Membership($0).contains(fleet[2].device) }
        try fleet.forget()
        try fleet.expectLevel()
        try fleet.expectAll(3) { try $0.value(Shared.total, of: Shared.row) }
    }
}

extension ReplicaStore {
    fileprivate func write(_ title: String, adding amount: UInt64, at time: Int64) throws {
        try change(at: time) {
            try $0.set(Shared.title, of: Shared.row, to: title)
            try $0.increment(Shared.total, of: Shared.row, by: amount)
        }
    }

    fileprivate func title() throws -> String? {
        try read { try $0.value(Shared.title, of: Shared.row) }
    }

    fileprivate func total() throws -> UInt64 {
        try read { try $0.value(Shared.total, of: Shared.row) }
    }
}
