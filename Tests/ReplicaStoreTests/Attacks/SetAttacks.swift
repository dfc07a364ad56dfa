import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Sets and values that several devices write at once.
///
/// What was tried and broke: one cell for all writers of a place, found under its newest write
/// alone, so that a device which had seen that write was never sent the others; removals that were
/// no write of their own and so reached nobody; and contexts without what their transfer claims,
/// so that what a frontier had freed of them let removed elements come back. Between a third and
/// four fifths of all runs went wrong. Every writer has a cell of its own at a place, a removal is
/// a write, and what was seen is what the vector says.
@Suite("Values written at once")
struct SetAttacks {
    @Test("all reach a device that has seen the newest of them")
    func nothingHidesBehindTheNewest() throws {
        let fleet = try AttackFleet(4)
        try fleet[0].choose("one", at: 1)
        try fleet[1].choose("two", at: 2)
        // Devices hear of the writes one by one, in every order, before they hear of both.
        try fleet.pull(2, from: 1)
        try fleet.pull(3, from: 0)
        try fleet.pull(2, from: 3)
        try fleet.pull(3, from: 2)
        for index in [2, 3] {
            #expect(try fleet[index].choices() == ["one", "two"], "device \(index)")
        }
        try fleet[3].choose("both replaced", at: 3)
        try fleet.pull(2, from: 3)
        try fleet.pull(0, from: 2)
        #expect(try fleet[0].choices() == ["both replaced"])
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(["both replaced"]) {
            Set(try $0.value(Shared.choice, of: Shared.row).all)
        }
    }

    @Test("are removed by a write that travels without what it removed")
    func removalsTravel() throws {
        let fleet = try AttackFleet(4)
        try fleet[0].change { try $0.add("JP", to: Shared.tags, of: Shared.row) }
        try fleet.pull(1, from: 0)
        try fleet.pull(2, from: 0)
        try fleet[1].change { try $0.remove("JP", from: Shared.tags, of: Shared.row) }
        // One has the addition, the other has never heard of it: both hear of the removal alone.
        let removal = try fleet[1].segment(
            of: .settings, since: fleet[2].summary().vectors[.settings])
        #expect(removal.cells.count == 1 && removal.cells[0].value.isEmpty)
        try fleet.pull(2, from: 1)
        try fleet.pull(3, from: 2)
        for index in [2, 3] { #expect(try fleet[index].tags().isEmpty, "device \(index)") }
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll([]) { try $0.value(Shared.tags, of: Shared.row) }
    }

    @Test("stay if they were added again without knowing of the removal")
    func additionsWin() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].change { try $0.add("JP", to: Shared.tags, of: Shared.row) }
        try fleet.meet()
        try fleet[1].change { try $0.remove("JP", from: Shared.tags, of: Shared.row) }
        try fleet[2].change { try $0.add("JP", to: Shared.tags, of: Shared.row) }
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(["JP"]) { try $0.value(Shared.tags, of: Shared.row) }
    }

    @Test("do not come back once everyone has forgotten that they were replaced")
    func replacedValuesStayAway() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].choose("old", at: 1)
        try fleet[0].change { try $0.add("JP", to: Shared.tags, of: Shared.row) }
        try fleet.meet()
        let late = try fleet[0].segment(of: .settings, since: VersionVector())
        let backup = try fleet.backUp(2)
        try fleet[1].choose("new", at: 2)
        try fleet[1].change { try $0.remove("JP", from: Shared.tags, of: Shared.row) }
        try fleet.meet()
        try fleet.forget()
        let kept = try fleet[0].image().cells.filter { $0.key.collection == Shared.id }
        #expect(kept.count == 1 && kept[0].context.isEmpty, "nothing says any more what it saw")

        // A message from before arrives now, and a device comes back with what it had then.
        for index in [0, 1] { _ = try code { _ = try fleet[index].apply(late) } }
        try fleet.restore(2, to: backup)
        #expect(try fleet[2].choices() == ["old"] && fleet[2].tags() == ["JP"])
        try fleet.meet(0, 1)
        #expect(try fleet[0].choices() == ["new"] && fleet[0].tags().isEmpty)
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(["new"]) { Set(try $0.value(Shared.choice, of: Shared.row).all) }
        try fleet.expectAll([]) { try $0.value(Shared.tags, of: Shared.row) }
    }

    @Test("of a device that was away stay beside those that it has not seen, also after forgetting")
    func unseenValuesStay() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].choose("old", at: 1)
        try fleet.meet()
        // Retired, the third device is not waited for; it writes meanwhile.
        try fleet[0].change { try $0.retire(fleet[2].device) }
        try fleet[2].choose("from afar", at: 2)
        try fleet[1].choose("at home", at: 3)
        try fleet.meet(0, 1)
        try fleet.forget(0, 1)
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(["from afar", "at home"], "neither had seen the other") {
            Set(try $0.value(Shared.choice, of: Shared.row).all)
        }
    }
}

extension ReplicaStore {
    fileprivate func choose(_ text: String, at time: Int64) throws {
        try change(at: time) { try $0.set(Shared.choice, of: Shared.row, to: text) }
    }

    fileprivate func choices() throws -> Set<String> {
        try read { Set(try $0.value(Shared.choice, of: Shared.row).all) }
    }

    fileprivate func tags() throws -> Set<String> {
        try read { try $0.value(Shared.tags, of: Shared.row) }
    }
}
