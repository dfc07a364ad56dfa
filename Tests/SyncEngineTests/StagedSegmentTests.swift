import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

/// What had arrived of a segment before a cut is not sent again.
@Suite struct StagedSegmentTests {
    private var smallChunks: SessionLimits {
        var limits = SessionLimits()
        limits.chunkCellsMax = 3
        return limits
    }

    private func sender(_ cells: Range<UInt8>) throws -> ModelReplica {
        let sender = ModelReplica(1)
        for index in cells { try sender.count(UInt64(index) + 1, at: .entry(index)) }
        return sender
    }

    private func dots(_ cells: [Cell]) -> [Lane: DotSet] { [.usage: DotSet(cells.map(\.dot))] }

    /// Two sides at the point where all three chunks of eight cells have been sent and none read.
    private func beforeTheChunks(_ limits: SessionLimits? = nil) throws -> PairHarness {
        let pair = PairHarness(
            try sender(0..<8), ModelReplica(2), limits: limits ?? smallChunks)
        pair.connect()
        while pair.chunks(from: .initiator).count < 3 { try #require(pair.step()) }
        return pair
    }

    @Test func whatCameIsGatheredAndThenKept() throws {
        let pair = try beforeTheChunks()
        pair.deliver(to: .responder, drained: true)
        pair.advance(by: smallChunks.stagingDelay / 2)
        pair.deliver(to: .responder, drained: true)
        #expect(pair[.responder].staged.isEmpty)
        pair.advance(by: smallChunks.stagingDelay / 2)
        #expect(pair[.responder].staged.count == 6)
        pair.handle(.inputDrained, on: .responder)
        pair.advance(by: smallChunks.stagingDelay)
        #expect(pair[.responder].staged.count == 6)
        pair.deliver(to: .responder)
        #expect(pair[.responder].staged.count == 6)
        #expect(pair[.responder].replica.vectors[.usage].total == 8)
    }

    @Test func whatCameWholeIsNotKeptFirst() throws {
        let pair = try beforeTheChunks()
        pair.runUntilIdle()
        #expect(pair[.responder].staged.isEmpty)
        #expect(pair[.responder].replica.vectors[.usage].total == 8)
    }

    @Test func withoutDelayWhatCameAtATimeIsKept() throws {
        var limits = smallChunks
        limits.stagingDelay = .zero
        let pair = try beforeTheChunks(limits)
        pair.deliver(to: .responder, drained: false)
        #expect(pair[.responder].staged.isEmpty)
        pair.deliver(to: .responder, drained: true)
        #expect(pair[.responder].staged.count == 6)
    }

    @Test func whatCameBeforeACutIsKept() throws {
        let pair = try beforeTheChunks()
        pair.deliver(to: .responder)
        pair.handle(.disconnected, on: .responder)
        #expect(pair[.responder].staged.count == 3)
        #expect(pair[.responder].session.isClosed && pair[.responder].closeReason == nil)
        pair.handle(.disconnected, on: .responder)
        #expect(pair[.responder].staged.count == 3)
    }

    @Test func whatCameBeforeARefusalIsKept() throws {
        let pair = try beforeTheChunks()
        pair.deliver(to: .responder, drained: false)
        pair.handle(.received(.refusal(Refusal(.failed, "the disk"))), on: .responder)
        #expect(pair[.responder].staged.count == 3)
        let other = try beforeTheChunks()
        other.deliver(to: .responder, drained: false)
        let greeting = Hello(ModelReplica(3).summary(), reference: .greeting)
        other.handle(.received(.hello(greeting)), on: .responder)
        #expect(other[.responder].staged.count == 3)
        #expect(other[.responder].closeReason != nil)
    }

    @Test func whatIsHeldIsLeftOut() throws {
        let sender = try sender(0..<8)
        let held = Array(sender.sortedCells.prefix(6))
        let receiver = ModelReplica(2)
        let pair = PairHarness(sender, receiver, limits: smallChunks)
        pair[.responder].facts.staged = dots(held)
        pair.connect()
        var added: [DotSet] = []
        while pair.step(onApply: { added.append($1) }) {}
        #expect(
            pair.chunks(from: .initiator).flatMap(\.cells) == Array(sender.sortedCells.suffix(2)))
        #expect(added == [DotSet(held.map(\.dot))])
    }

    @Test func whatTheSenderHoldsNoMoreIsDropped() throws {
        let sender = try sender(0..<4)
        let held = sender.sortedCells
        try sender.count(99, at: .entry(0))
        let pair = PairHarness(sender, ModelReplica(2), limits: smallChunks)
        pair[.responder].facts.staged = dots(held)
        pair.connect()
        var added: [DotSet] = []
        while pair.step(onApply: { added.append($1) }) {}
        let chunks = pair.chunks(from: .initiator)
        #expect(chunks.flatMap(\.cells).map(\.amount) == [100])
        #expect(chunks.first?.head?.dropped == DotSet([held[0].dot]))
        #expect(added == [DotSet(held.dropFirst().map(\.dot))])
    }

    @Test func aPeerThatIsSilentIsAskedForASignOfLife() {
        var limits = SessionLimits()
        limits.heartbeatInterval = .seconds(60)
        let pair = PairHarness(ModelReplica(1), ModelReplica(2), limits: limits)
        pair.connect()
        pair.runWithoutTime()
        let before = pair[.initiator].sent.count
        pair.handle(.received(.heartbeat(isAnswer: false)), on: .initiator)
        #expect(pair[.initiator].sent.dropFirst(before) == [.heartbeat(isAnswer: true)])
        pair.advance(by: .seconds(60))
        #expect(pair[.initiator].sent.last == .heartbeat(isAnswer: false))
        pair.cut()
        pair.advance(by: .seconds(30))
        guard case .timedOut(_)? = pair[.initiator].closeReason else {
            Issue.record("closed with \(String(describing: pair[.initiator].closeReason))")
            return
        }
    }
}
