import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

@Suite struct ExchangeTests {
    private let row = CellKey.field(1, ofRow: 1)

    /// A pair of which both sides have written in all lanes.
    private func pairWithNews(
        limits: SessionLimits = SessionLimits(),
        answerOrder: PairHarness.AnswerOrder = .atOnce
    ) throws -> PairHarness {
        let replicas = [ModelReplica(1), ModelReplica(2)]
        for replica in replicas {
            try replica.createRow(row)
            try replica.setField(row, to: .text("of \(replica.device.abbreviated)"))
            try replica.count(5, at: .entry(1))
            try replica.state(
                .integer(1), at: .entry(replica === replicas[0] ? 1 : 2, in: .control))
        }
        return PairHarness(replicas[0], replicas[1], limits: limits, answerOrder: answerOrder)
    }

    /// A pair that is connected and level.
    private func warmPair(limits: SessionLimits = SessionLimits()) throws -> PairHarness {
        let pair = try pairWithNews(limits: limits)
        pair.connect()
        pair.runUntilIdle()
        return pair
    }

    private func expectLevel(_ pair: PairHarness) {
        #expect(pair[.initiator].replica.summary() == pair[.responder].replica.summary())
        for side in PairHarness.Side.allCases {
            #expect(pair.synchronizedReports(of: side) == 1)
            #expect(pair[side].closeReason == nil && pair[side].underWay.isEmpty)
            #expect(pair[side].session.deadline == nil)
        }
    }

    @Test func equalReplicasAreSynchronizedByTheirGreetings() {
        let pair = PairHarness(ModelReplica(1), ModelReplica(2))
        pair.connect()
        pair.runUntilIdle()
        expectLevel(pair)
        #expect(pair.delivered == 4)
    }

    @Test(arguments: PairHarness.AnswerOrder.allCases)
    func bothSidesGetWhatTheyLackMostUrgentLaneFirst(order: PairHarness.AnswerOrder) throws {
        let pair = try pairWithNews(answerOrder: order)
        pair.connect()
        pair.runUntilIdle()
        expectLevel(pair)
        for side in PairHarness.Side.allCases {
            #expect(pair.chunks(from: side).map(\.lane) == Lane.all)
        }
    }

    @Test func onlyWhatThePeerLacksIsSent() throws {
        let pair = try warmPair()
        let again = PairHarness(pair[.initiator].replica, pair[.responder].replica)
        try again[.initiator].replica.count(1, at: .entry(7))
        again.connect()
        again.runUntilIdle()
        expectLevel(again)
        #expect(again.chunks(from: .initiator).flatMap(\.cells).count == 1)
        #expect(again.chunks(from: .responder).isEmpty)
    }

    @Test func synchronizedIsReportedOnlyWhenBothHaveEverything() throws {
        let pair = try pairWithNews()
        pair.connect()
        while pair.step() {
            for side in PairHarness.Side.allCases where pair.synchronizedReports(of: side) > 0 {
                // What the other had when it greeted is here, and it has confirmed what we had.
                #expect(pair[side].replica.vectors.dominates(pair[side.other].noticed))
                #expect(pair[side.other].replica.vectors.dominates(pair[side].noticed))
            }
        }
        expectLevel(pair)
    }

    // MARK: Pushing

    @Test func aChangeIsPushedAtOnce() throws {
        let pair = try warmPair()
        try pair.write(on: .responder) { try $0.count(5, at: .entry(2)) }
        #expect(pair.nextDeadline == pair.now)
        pair.advance(by: .zero)
        pair.runWithoutTime()
        expectLevel(pair)
    }

    @Test func changesThatFollowAPushTravelTogether() throws {
        let pair = try warmPair()
        try pair.write(on: .initiator) { try $0.setField(row, to: .integer(0)) }
        pair.advance(by: .zero)
        pair.runWithoutTime()
        let before = pair[.initiator].sent.count
        for value in 1...4 {
            pair.advance(by: .milliseconds(10))
            try pair.write(on: .initiator) { try $0.setField(row, to: .integer(Int64(value))) }
        }
        #expect(pair.nextDeadline == pair.now + .milliseconds(10), "not put off by later changes")
        pair.runUntilIdle()
        expectLevel(pair)
        let sent = pair[.initiator].sent.dropFirst(before)
        #expect(sent.count == 1)
        #expect(pair.chunks(from: .initiator).last?.cells.count == 1, "only the latest state")
    }

    @Test func whatCameFromThePeerIsNotSentBack() throws {
        let pair = try warmPair()
        let before = pair[.responder].sent.count
        try pair.write(on: .initiator) { try $0.count(5, at: .entry(2)) }
        pair.runUntilIdle()
        pair.noticeChanges()
        pair.runUntilIdle()
        let answers = pair[.responder].sent.dropFirst(before)
        #expect(Array(answers) == [.acknowledgement(applied: 4)])
        expectLevel(pair)
    }

    @Test func segmentsThatCrossMeetAndNothingIsRepeated() throws {
        let pair = try warmPair()
        let cells = PairHarness.Side.allCases.map { pair.chunks(from: $0).flatMap(\.cells).count }
        for round in 1...3 as ClosedRange<UInt64> {
            for side in PairHarness.Side.allCases {
                try pair.write(on: side) { try $0.count(round, at: .entry(2)) }
            }
            pair.advance(by: .milliseconds(50))
            #expect(pair[.initiator].inbox.count == 1 && pair[.responder].inbox.count == 1)
            pair.runUntilIdle()
            pair.noticeChanges()
        }
        pair.runUntilIdle()
        expectLevel(pair)
        for side in PairHarness.Side.allCases {
            let sent = pair.chunks(from: side).flatMap(\.cells).count
            #expect(sent - cells[side.rawValue] == 3)
        }
    }

    /// Pushes, acknowledgements and pushes against them in every order of delivery.
    @Test func mirrorsAgreeInEveryOrderOfDelivery() throws {
        for order in sequences(of: PairHarness.Side.allCases, count: 9) {
            let pair = try pairWithNews()
            pair.connect()
            for (index, side) in order.enumerated() {
                if index.isMultiple(of: 3) {
                    try pair.write(on: side) { try $0.count(1, at: .entry(UInt8(index))) }
                    pair.advance(by: .milliseconds(50))
                }
                pair.deliver(to: side, drained: index.isMultiple(of: 2))
            }
            for side in PairHarness.Side.allCases { pair.handle(.inputDrained, on: side) }
            pair.runUntilIdle()
            expectLevel(pair)
        }
    }

    @Test func anAcknowledgementTravelsWithASegmentWhereThereIsOne() throws {
        let pair = try warmPair()
        try pair.write(on: .initiator) { try $0.count(5, at: .entry(2)) }
        pair.advance(by: .milliseconds(50))
        pair.deliver(to: .responder, drained: false)
        try pair.write(on: .responder) { try $0.count(6, at: .entry(2)) }
        let before = pair[.responder].sent.count
        pair.advance(by: .milliseconds(50))
        pair.handle(.inputDrained, on: .responder)
        #expect(pair[.responder].sent.count == before + 1)
        pair.runUntilIdle()
        expectLevel(pair)
    }

    // MARK: Chunks

    @Test func aLargeSegmentIsCutIntoChunksOfAboutTheGivenSize() throws {
        var limits = SessionLimits()
        limits.chunkBytes = 200
        let replica = ModelReplica(1)
        for index in 0..<20 as Range<UInt8> {
            let bytes = [UInt8](repeating: index, count: index == 7 ? 900 : 30)
            try replica.setField(.field(1, ofRow: index), to: .bytes(bytes))
        }
        let pair = PairHarness(replica, ModelReplica(2), limits: limits)
        pair.connect()
        pair.runUntilIdle()
        expectLevel(pair)
        let chunks = pair.chunks(from: .initiator)
        #expect(chunks.count > 7)
        #expect(chunks.map { $0.head != nil } == chunks.indices.map { $0 == 0 })
        #expect(chunks.map(\.isLast) == chunks.indices.map { $0 == chunks.count - 1 })
        let large = chunks.filter { $0.cells.contains { $0.value.count > 200 } }
        #expect(large.map(\.cells.count) == [1], "a cell too large for a chunk is one by itself")
    }

    @Test func aChunkHoldsNoMoreCellsThanTheLimit() throws {
        var limits = SessionLimits()
        limits.chunkCellsMax = 3
        let replica = ModelReplica(1)
        for index in 0..<7 as Range<UInt8> { try replica.count(1, at: .entry(index)) }
        let pair = PairHarness(replica, ModelReplica(2), limits: limits)
        pair.connect()
        pair.runUntilIdle()
        expectLevel(pair)
        #expect(pair.chunks(from: .initiator).map(\.cells.count) == [3, 3, 1])
    }

    @Test func aClaimOfNothingThatIsHeldIsStillMade() throws {
        let replica = ModelReplica(1)
        try replica.setField(row, to: .integer(1))
        let peer = ModelReplica(2)
        try peer.apply(replica.segment(of: .settings, since: VersionVector()))
        // A write that another one, already known, makes invisible: only its dot has news.
        let third = ModelReplica(3)
        third.now = WallTime(milliseconds: 0)
        try third.setField(row, to: .integer(0))
        replica.now = WallTime(milliseconds: 99)
        try replica.setField(row, to: .integer(2))
        try peer.apply(replica.segment(of: .settings, since: peer.vectors[.settings]))
        try replica.apply(third.segment(of: .settings, since: VersionVector()))
        let pair = PairHarness(replica, peer)
        pair.connect()
        pair.runUntilIdle()
        expectLevel(pair)
        #expect(pair.chunks(from: .initiator).map(\.cells) == [[]])
    }

    @Test func aReplicaThatFailsEndsTheSessionAndNothingIsAcknowledged() throws {
        let pair = try pairWithNews()
        pair.connect()
        pair[.responder].isBroken = true
        pair.runUntilIdle()
        #expect(pair[.responder].closeReason == .replicaFailed("the disk is full"))
        #expect(pair[.initiator].session.isClosed)
        #expect(pair.synchronizedReports(of: .initiator) == 0)
        #expect(
            !pair[.responder].sent.contains {
                if case .acknowledgement = $0 { true } else { false }
            })
    }

    // MARK: Timeouts

    @Test func aPeerThatDoesNotAcknowledgeIsLeftAfterTheProgressTimeout() throws {
        let pair = try warmPair()
        try pair.write(on: .initiator) { try $0.count(5, at: .entry(2)) }
        pair.advance(by: .milliseconds(50))
        #expect(pair[.initiator].session.deadline == pair.now + .seconds(30))
        pair.advance(by: .milliseconds(29_999))
        #expect(!pair[.initiator].session.isClosed)
        pair.advance(by: .milliseconds(1))
        guard case .timedOut(_)? = pair[.initiator].closeReason else {
            Issue.record("closed with \(String(describing: pair[.initiator].closeReason))")
            return
        }
        #expect(
            pair[.responder].closeReason == nil, "the other side owes nothing and waits for nothing"
        )
    }

    @Test func aPeerThatDoesNotFinishASegmentIsLeft() throws {
        let pair = try warmPair()
        let head = SegmentChunk.Head(applied: 3, claim: .of((9, 1)), clock: .zero)
        let begun = SegmentChunk(lane: .usage, head: head, cells: [], isLast: false)
        pair.handle(.received(.chunk(begun)), on: .responder)
        #expect(pair[.responder].session.deadline == pair.now + .seconds(30))
        pair.advance(by: .seconds(20))
        let more = SegmentChunk(lane: .usage, head: nil, cells: [], isLast: false)
        pair.handle(.received(.chunk(more)), on: .responder)
        #expect(pair[.responder].session.deadline == pair.now + .seconds(30), "it moves")
        pair.advance(by: .seconds(30))
        #expect(pair[.responder].session.isClosed)
    }

    @Test func anIdleSessionWaitsForEver() throws {
        let pair = try warmPair()
        pair.advance(by: .seconds(1_000_000))
        expectLevel(pair)
        for side in PairHarness.Side.allCases {
            pair.handle(.timeReached, on: side)
            #expect(pair[side].closeReason == nil)
        }
    }
}
