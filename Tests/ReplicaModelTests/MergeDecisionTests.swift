import CausalTime
import ReplicaModel
import SyncTestKit
import Testing

@Suite struct MergeDecisionTests {
    private func edit(_ life: UInt64, at ticks: UInt64 = 1, by dot: Dot = .at(1, 1)) -> Cell {
        .register(.integer(1), ofRow: 1, causalLength: life, at: .at(ticks), by: dot)
    }

    private func row(_ life: UInt64, at ticks: UInt64 = 1, by dot: Dot = .at(3, 1)) -> Cell {
        .row(1, causalLength: life, at: .at(ticks), by: dot)
    }

    @Test func theFirstWriteOfACellIsAccepted() {
        #expect(
            MergeDecision.about(edit(1), current: nil, row: row(1))
                == .accept(edit(1)))
        #expect(
            MergeDecision.about(edit(0), current: nil, row: nil)
                == .accept(edit(0)))
        #expect(
            MergeDecision.about(row(1), current: nil, row: nil)
                == .accept(row(1)))
    }

    @Test func ofTwoEditsTheLaterStays() {
        let early = edit(1, at: 1)
        let late = edit(1, at: 2, by: .at(2, 1))
        #expect(
            MergeDecision.about(late, current: early, row: row(1))
                == .accept(late))
        #expect(MergeDecision.about(early, current: late, row: row(1)) == .outranked)
        #expect(MergeDecision.about(early, current: early, row: row(1)) == .outranked)
    }

    @Test func anEditOfAnEarlierLifeLosesHoweverLateItIs() {
        for life in [2, 3, 4] as [UInt64] {
            let late = edit(1, at: 99)
            #expect(MergeDecision.about(late, current: nil, row: row(life)) == .rowGone)
            #expect(MergeDecision.isBuried(late, under: row(life)))
        }
        #expect(!MergeDecision.isBuried(edit(3), under: row(3)))
    }

    @Test func onlyFieldsOfARowAreBuried() {
        let dead = row(2)
        #expect(!MergeDecision.isBuried(dead, under: dead))
        #expect(MergeDecision.isBuried(.counter(5, at: 1, by: .at(1, 1)), under: dead))
        #expect(MergeDecision.isBuried(.fact(.bool(true), at: 1, by: .at(1, 1)), under: dead))
    }

    @Test func aRowGoesOnlyForward() {
        #expect(
            MergeDecision.about(row(2), current: row(1, at: 9), row: row(1, at: 9))
                == .accept(row(2)))
        #expect(MergeDecision.about(row(1, at: 9), current: row(2), row: row(2)) == .outranked)
    }

    // MARK: Small worlds

    /// All worlds of three replicas and four creations, deletions and edits of a row, with every
    /// delivery of whole segments: direct, relayed, late, and repeated.
    @Test(arguments: [[0, 0, 0], [4, 0, 9]] as [[Int64]])
    func everyReplicaHoldsWhatItClaimsInEveryWorld(walls: [Int64]) throws {
        let worlds = try explore(from: RowWorld(walls: walls), by: \.key) { world in
            try world.successors(operations: 4)
        }
        #expect(worlds > 45_000)
    }
}
