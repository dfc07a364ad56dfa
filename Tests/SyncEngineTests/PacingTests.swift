import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

@Suite("Long segments and what is more urgent") struct PacingTests {
    private func draft(_ lane: Lane, _ row: UInt8) -> CellDraft {
        CellDraft(
            key: CellKey(
                lane: lane, collection: CollectionID(rawValue: 1024), row: [row],
                field: FieldID(rawValue: 1)),
            kind: lane == .usage ? .counter : .register,
            value: lane == .usage ? [row & 0x7f] : CellValue.integer(Int64(row)).encoded)
    }

    /// Two sides of which the responder has a hundred counters that go in many chunks.
    private func pair() throws -> PairHarness {
        let (one, other) = (ModelReplica(1), ModelReplica(2))
        for row: UInt8 in 0..<100 { try other.write(draft(.usage, row)) }
        var limits = SessionLimits()
        limits.chunkBytes = 200
        let pair = PairHarness(one, other, limits: limits)
        pair.isPaced = true
        pair.connect()
        pair.runWithoutTime()
        return pair
    }

    @Test func chunksWaitForRoom() throws {
        let pair = try pair()
        #expect(pair.chunks(from: .responder).count == 1)
        #expect(pair[.responder].session.hasMoreToSend)
        pair.handle(.room, on: .responder)
        #expect(pair.chunks(from: .responder).count == 2)
        while pair[.responder].session.hasMoreToSend { pair.handle(.room, on: .responder) }
        #expect(pair.synchronizedReports(of: .responder) == 0)
        pair.runUntilIdle()
        #expect(pair[.initiator].replica.digest == pair[.responder].replica.digest)
        #expect(pair.synchronizedReports(of: .responder) == 1)
    }

    @Test(arguments: [Lane.control, .settings])
    func whatIsMoreUrgentGoesInBetween(lane: Lane) throws {
        let pair = try pair()
        try pair.write(on: .responder) { try $0.write(draft(lane, 7)) }
        pair.advance(by: .milliseconds(50))
        pair.runWithoutTime()
        #expect(pair.chunks(from: .responder).map(\.lane) == [.usage, lane])
        #expect(pair[.initiator].replica.vectors[lane].entries.count == 1)
        #expect(pair[.initiator].replica.vectors[.usage].isEmpty)
        while pair[.responder].session.hasMoreToSend { pair.handle(.room, on: .responder) }
        pair.runUntilIdle()
        #expect(pair[.initiator].replica.digest == pair[.responder].replica.digest)
        #expect(pair[.responder].closeReason == nil)
    }

    @Test func whatIsWrittenToTheSameLaneMeanwhileFollows() throws {
        let pair = try pair()
        try pair.write(on: .responder) { try $0.write(draft(.usage, 120)) }
        pair.advance(by: .milliseconds(50))
        pair.runWithoutTime()
        #expect(pair.chunks(from: .responder).count { $0.head != nil } == 1)
        while pair[.responder].session.hasMoreToSend { pair.handle(.room, on: .responder) }
        pair.runUntilIdle()
        #expect(pair.chunks(from: .responder).count { $0.head != nil } == 2)
        #expect(pair[.initiator].replica.digest == pair[.responder].replica.digest)
    }

    @Test func aPeerThatTakesBytesSlowlyIsNotGivenUp() throws {
        let pair = try pair()
        while pair[.responder].session.hasMoreToSend {
            pair.advance(by: .seconds(20))
            pair.handle(.room, on: .responder)
        }
        #expect(pair[.responder].closeReason == nil)
        pair.advance(by: .seconds(31))
        #expect(pair[.responder].closeReason != nil, "nothing came back, and all had been sent")
    }

    @Test func usageWaitsWhereBytesArePaidForAndTravelsWithWhatDoesNot() throws {
        var limits = SessionLimits()
        limits.usageDelay = .seconds(60)
        let pair = PairHarness(ModelReplica(1), ModelReplica(2), limits: limits)
        pair.connect()
        pair.runUntilIdle()
        try pair.write(on: .initiator) { try $0.write(draft(.usage, 1)) }
        try pair.write(on: .initiator) { try $0.write(draft(.usage, 2)) }
        pair.runWithoutTime()
        pair.advance(by: .seconds(59))
        #expect(pair.chunks(from: .initiator).isEmpty)
        pair.advance(by: .seconds(1))
        #expect(pair.chunks(from: .initiator).map(\.lane) == [.usage])
        pair.runUntilIdle()

        try pair.write(on: .initiator) { try $0.write(draft(.usage, 3)) }
        try pair.write(on: .initiator) { try $0.write(draft(.settings, 3)) }
        pair.advance(by: .milliseconds(50))
        #expect(pair.chunks(from: .initiator).map(\.lane) == [.usage, .settings, .usage])
    }
}
