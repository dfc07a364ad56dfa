import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

/// Greetings of replicas that remember having been at one state.
@Suite struct CommonStateTests {
    /// Two replicas that have met, and remember it.
    private func met() throws -> (replicas: [ModelReplica], common: ReplicaSummary) {
        let replicas = [ModelReplica(1), ModelReplica(2)]
        for replica in replicas { try replica.count(5, at: .entry(1)) }
        let pair = PairHarness(replicas[0], replicas[1])
        pair.connect()
        pair.runUntilIdle()
        for side in PairHarness.Side.allCases {
            #expect(pair[side].remembered == [replicas[0].vectors])
        }
        return (replicas, replicas[0].summary())
    }

    private func meeting(
        _ replicas: [ModelReplica], remembered: [ReplicaSummary?]
    ) -> PairHarness {
        let pair = PairHarness(replicas[0], replicas[1])
        for side in PairHarness.Side.allCases {
            pair[side].facts.common = [remembered[side.rawValue]].compactMap(\.self)
        }
        return pair
    }

    private func greetings(from side: PairHarness.Side, of pair: PairHarness) -> [Hello] {
        pair[side].sent.compactMap { if case .hello(let hello) = $0 { hello } else { nil } }
    }

    @Test func thatNothingChangedIsSaidByName() throws {
        let (replicas, common) = try met()
        let pair = meeting(replicas, remembered: [common, common])
        pair.connect()
        pair.runUntilIdle()
        #expect(pair.delivered == 4)
        #expect(greetings(from: .initiator, of: pair).map(\.reference) == [.state(common)])
        #expect(greetings(from: .responder, of: pair).map(\.reference) == [.greeting])
        #expect(pair.synchronizedReports(of: .initiator) == 1)
    }

    @Test func newsFollowsTheGreetingAtOnce() throws {
        let (replicas, common) = try met()
        try replicas[0].count(9, at: .entry(1))
        let pair = meeting(replicas, remembered: [common, common])
        pair.connect()
        #expect(pair[.initiator].sent.count == 3, "preamble, greeting and a segment")
        pair.runUntilIdle()
        #expect(pair.delivered == 5, "and preamble and greeting back, which acknowledges")
        #expect(greetings(from: .responder, of: pair).map(\.applied) == [1])
        #expect(replicas[0].cells == replicas[1].cells)
    }

    /// Whichever side has forgotten, both end level and nothing is repeated.
    @Test(arguments: [[true, false], [false, true], [false, false], [true, true]])
    func aStateThatOneSideForgotCostsARoundTrip(remembers: [Bool]) throws {
        let (replicas, common) = try met()
        for (index, replica) in replicas.enumerated() {
            try replica.count(UInt64(10 + index), at: .entry(1))
        }
        let pair = meeting(replicas, remembered: remembers.map { $0 ? common : nil })
        pair.connect()
        pair.runUntilIdle()
        #expect(replicas[0].summary() == replicas[1].summary())
        let isUnknown = remembers == [true, false]
        #expect(greetings(from: .initiator, of: pair).count == (isUnknown ? 2 : 1))
        #expect(greetings(from: .responder, of: pair).map(\.isReferenceUnknown) == [isUnknown])
        for side in PairHarness.Side.allCases {
            #expect(pair.synchronizedReports(of: side) == 1)
            #expect(pair[side].closeReason == nil)
        }
    }

    /// The one who answers sends first: what its segment supersedes need not come back.
    @Test func whatThePeerSupersedesIsNotSent() throws {
        let row = CellKey.field(1, ofRow: 1)
        let replicas = [ModelReplica(1), ModelReplica(2)]
        try replicas[0].setField(row, to: .integer(1))
        replicas[1].now = WallTime(milliseconds: 99)
        try replicas[1].setField(row, to: .integer(2))
        let pair = PairHarness(replicas[0], replicas[1])
        pair.connect()
        pair.runUntilIdle()
        #expect(replicas[0].cells == replicas[1].cells)
        #expect(pair.chunks(from: .responder).flatMap(\.cells).count == 1)
        #expect(pair.chunks(from: .initiator).map(\.cells) == [[]], "a claim alone")
    }

    /// Of two that edited the same since they met, the one with the later edits sends first.
    @Test(arguments: [true, false])
    func theEarlierEditsAreNotSent(initiatorIsLater: Bool) throws {
        let (replicas, common) = try met()
        let times: [Int64] = initiatorIsLater ? [9_000_000, 5_000_000] : [5_000_000, 9_000_000]
        for (index, replica) in replicas.enumerated() {
            replica.now = WallTime(milliseconds: times[index])
            // More than would be sent along with the greeting.
            for round in 0..<4 {
                for row: UInt8 in 0..<20 {
                    try replica.setField(
                        .field(1, ofRow: row), to: .integer(Int64(index * 100 + round)))
                }
            }
        }
        let pair = meeting(replicas, remembered: [common, common])
        pair.connect()
        pair.runUntilIdle()
        #expect(replicas[0].summary() == replicas[1].summary())
        let later: PairHarness.Side = initiatorIsLater ? .initiator : .responder
        #expect(pair.chunks(from: later).flatMap(\.cells).count == 20)
        #expect(pair.chunks(from: later.other).flatMap(\.cells).isEmpty)
        for side in PairHarness.Side.allCases {
            #expect(pair.synchronizedReports(of: side) == 1)
            #expect(pair[side].closeReason == nil)
        }
    }

    /// In every order of delivery, with a write on either side at every moment.
    @Test func earlySegmentsAgreeInEveryOrderOfDelivery() throws {
        for order in sequences(of: PairHarness.Side.allCases, count: 8) {
            for moment in 0..<8 {
                let (replicas, common) = try met()
                try replicas[0].count(7, at: .entry(2))
                if moment.isMultiple(of: 2) { try replicas[1].count(8, at: .entry(3)) }
                let pair = meeting(replicas, remembered: [common, common])
                pair.connect()
                for (index, side) in order.enumerated() {
                    if index == moment {
                        try pair.write(on: side) { try $0.count(1, at: .entry(4)) }
                    }
                    pair.deliver(to: side, drained: index.isMultiple(of: 3))
                }
                for side in PairHarness.Side.allCases { pair.handle(.inputDrained, on: side) }
                pair.runUntilIdle()
                pair.noticeChanges()
                pair.runUntilIdle()
                #expect(replicas[0].summary() == replicas[1].summary())
            }
        }
    }
}
