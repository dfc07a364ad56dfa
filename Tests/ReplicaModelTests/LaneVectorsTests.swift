import CausalTime
import ReplicaModel
import SyncTestKit
import Testing

@Suite struct LaneVectorsTests {
    private let all: [LaneVectors] = sequences(of: [0, 1] as [UInt64], count: 4).map { digits in
        var vectors = LaneVectors()
        vectors[.control] = .of((1, digits[0]))
        vectors[.settings] = .of((1, digits[1]), (2, digits[2]))
        vectors[.usage] = .of((2, digits[3]))
        return vectors
    }

    @Test func mergingObeysTheLaws() throws {
        try checkMergeLaws(of: all) { left, right in
            var merged = left
            merged.merge(right)
            return merged
        }
    }

    @Test func oneDominatesAnotherIfItDoesSoInEveryLane() {
        for a in all {
            for b in all {
                let everywhere = Lane.all.allSatisfy { a[$0].dominates(b[$0]) }
                #expect(a.dominates(b) == everywhere)
            }
        }
    }

    @Test func everyLaneInUseHasAVectorOfItsOwn() {
        for lane in Lane.all {
            var vectors = LaneVectors()
            vectors[lane] = .of((1, 7))
            for other in Lane.all {
                #expect(vectors[other] == (other == lane ? .of((1, 7)) : VersionVector()))
            }
        }
    }

    @Test func anUnknownLaneIsEmptyAndStaysSo() {
        var vectors = LaneVectors()
        for number in [UInt8(Lane.all.count), 77, 255] {
            vectors[Lane(rawValue: number)] = .of((1, 7))
            #expect(vectors[Lane(rawValue: number)].isEmpty)
        }
        #expect(vectors == LaneVectors())
    }

    @Test func lanesAreSentControlFirst() {
        #expect(Lane.all == Lane.all.sorted())
        #expect(Lane.all.map(\.description) == ["control", "settings", "usage"])
        #expect(Lane(rawValue: 9).description == "lane 9")
    }
}
