import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Periods that were declared settled, and what is counted in them all the same.
@Suite("Settled periods")
struct ClosureAttacks {
    @Test(
        "keep what a device counts in them after it has forgotten its own part",
        arguments: [false, true])
    func countingGoesOn(usageFirst: Bool) throws {
        let fleet = try AttackFleet(2)
        try fleet[0].change { try $0.increment(Traffic.bytes, of: "1", by: 10) }
        try fleet.meet()
        try fleet[0].change {
            try $0.close(
                rowsOf: Traffic.id, in: .usage,
                beginningWith: Traffic.rows.bytes(of: "1"))
        }
        try fleet.meet()
        // One learns that everyone has seen it before the other does.
        for lane in Lane.all { try fleet[0].change { try $0.proposeCut(of: lane) } }
        try fleet.pull(1, from: 0)
        for index in [0, 1] { try fleet[index].change { try $0.acknowledgeCuts() } }
        try fleet.pull(0, from: 1)
        #expect(try fleet[0].read { try $0.cells(of: Traffic.id, in: .usage) }.isEmpty)
        #expect(try !fleet[1].read { try $0.cells(of: Traffic.id, in: .usage) }.isEmpty)
        try fleet[0].change { try $0.increment(Traffic.bytes, of: "1", by: 1) }
        // The connection is cut between the lanes: the new count arrives, the word does not yet.
        if usageFirst {
            _ = try fleet[1].apply(
                fleet[0].segment(of: .usage, since: fleet[1].summary().vectors[.usage]))
        }
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(1) { try $0.value(Traffic.bytes, of: "1") }
    }
}
