import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

/// A peer of the same fleet that breaks the rules of the exchange.
@Suite struct HostilePeerTests {
    private let start = MonotonicTime(sinceStart: .zero)

    /// A session past the greetings, whose replica and peer have seen nothing.
    private func exchanging(limits: SessionLimits = SessionLimits()) -> SyncSession {
        let peer = Preamble(fleet: .numbered(1), device: .numbered(2))
        var session = SyncSession(
            role: .initiator, identity: Preamble(fleet: .numbered(1), device: .numbered(1)),
            limits: limits)
        let empty = ModelReplica(1).summary()
        for event in [
            SyncSession.Event.connected, .gathered(GreetingFacts(summary: empty)),
            .received(.preamble(peer)), .received(.hello(Hello(empty, reference: .greeting))),
        ] { _ = session.handle(event, at: start) }
        return session
    }

    private func chunk(
        _ lane: Lane = .usage, claim: VersionVector? = nil, applied: UInt64 = 0,
        cells: [Cell] = [], isLast: Bool = false
    ) -> SyncMessage {
        .chunk(
            SegmentChunk(
                lane: lane,
                head: claim.map { SegmentChunk.Head(applied: applied, claim: $0, clock: .zero) },
                cells: cells, isLast: isLast))
    }

    /// The refusal that the last of the messages brings about; every other one is accepted.
    private func refusal(
        of messages: [SyncMessage], limits: SessionLimits = SessionLimits()
    ) -> Refusal.Code? {
        var session = exchanging(limits: limits)
        for message in messages.dropLast() {
            _ = session.handle(.received(message), at: start)
            #expect(!session.isClosed)
        }
        guard let last = messages.last else { return nil }
        for case .close(.refused(let refusal)) in session.handle(.received(last), at: start) {
            return refusal.code
        }
        return nil
    }

    @Test func aGreetingAfterTheGreetingsIsRefused() {
        let hello = SyncMessage.hello(Hello(ModelReplica(2).summary(), reference: .greeting))
        let preamble = SyncMessage.preamble(Preamble(fleet: .numbered(1), device: .numbered(2)))
        #expect(refusal(of: [hello]) == .outOfOrder)
        #expect(refusal(of: [preamble]) == .outOfOrder)
    }

    @Test func anAcknowledgementOfWhatWasNotSentIsRefused() {
        #expect(refusal(of: [.acknowledgement(applied: 0)]) == nil)
        #expect(refusal(of: [.acknowledgement(applied: 1)]) == .outOfOrder)
        #expect(refusal(of: [.acknowledgement(applied: .max)]) == .outOfOrder)
        #expect(refusal(of: [chunk(claim: .of((2, 1)), applied: 1)]) == .outOfOrder)
    }

    @Test func anAcknowledgementThatTakesSomethingBackIsRefused() throws {
        let replica = ModelReplica(1)
        var session = exchanging()
        try replica.count(1, at: .entry(1))
        _ = session.handle(.changed(replica.vectors), at: start)
        let later = start + .milliseconds(50)
        for case .export(let lane, let base) in session.handle(.timeReached, at: later) {
            _ = session.handle(.exported(replica.segment(of: lane, since: base)), at: later)
        }
        _ = session.handle(.received(.acknowledgement(applied: 1)), at: later)
        #expect(!session.isClosed)
        _ = session.handle(.received(.acknowledgement(applied: 0)), at: later)
        #expect(session.isClosed)
    }

    @Test func aSegmentMustBeBegunAndNotInsideAnother() {
        #expect(refusal(of: [chunk()]) == .outOfOrder)
        #expect(refusal(of: [chunk(isLast: true)]) == .outOfOrder)
        #expect(refusal(of: [chunk(claim: .of((2, 1))), chunk(claim: .of((2, 2)))]) == .outOfOrder)
        #expect(
            refusal(of: [chunk(claim: .of((2, 1))), chunk(.control, claim: .of((2, 1)))]) == nil,
            "segments of two lanes may take turns")
        #expect(refusal(of: [chunk(claim: .of((2, 1))), chunk(.settings)]) == .outOfOrder)
        #expect(refusal(of: [chunk(claim: .of((2, 1))), chunk(isLast: true)]) == nil)
        #expect(
            refusal(of: [chunk(claim: .of((2, 1))), chunk(isLast: true), chunk()]) == .outOfOrder)
    }

    @Test func aLaneThatIsNotInUseIsRefused() {
        let unused = Lane(rawValue: UInt8(Lane.all.count))
        #expect(refusal(of: [chunk(unused, claim: .of((2, 1)), isLast: true)]) == .malformed)
    }

    @Test func aCellThatItsSegmentDoesNotClaimIsRefused() {
        let cell = Cell.counter(5, at: 1, by: .at(2, 2))
        #expect(refusal(of: [chunk(claim: .of((2, 2)), cells: [cell])]) == nil)
        #expect(refusal(of: [chunk(claim: .of((2, 1)), cells: [cell])]) == .outOfOrder)
        #expect(refusal(of: [chunk(claim: .of((3, 9)), cells: [cell])]) == .outOfOrder)
        #expect(
            refusal(of: [chunk(claim: .of((2, 1))), chunk(cells: [cell], isLast: true)])
                == .outOfOrder)
    }

    @Test func aSegmentThatGrowsTooLargeIsRefusedBeforeItIsWhole() {
        var limits = SessionLimits()
        limits.segmentBytesMax = 1000
        let cells = (1...9).map { index in
            Cell(
                key: .field(1, ofRow: UInt8(index), in: .usage), kind: .register,
                dot: .at(2, UInt64(index)), value: [UInt8](repeating: 0, count: 200))
        }
        let claim = VersionVector.of((2, 9))
        let fitting = [chunk(claim: claim, cells: Array(cells[0..<2])), chunk(cells: [cells[2]])]
        #expect(refusal(of: fitting, limits: limits) == nil)
        #expect(
            refusal(of: fitting + [chunk(cells: Array(cells[3..<5]))], limits: limits) == .tooLarge)
        #expect(refusal(of: [chunk(claim: claim, cells: cells)], limits: limits) == .tooLarge)
    }

    /// One claim alone can stand for so many writers that a vector of them cannot be told any more.
    @Test func aClaimOfTooManyWritersIsRefused() {
        func claim(of count: Int) -> VersionVector {
            VersionVector(
                (0..<count).map { (WriterID(high: 7, low: UInt64($0)), UInt64(1)) })
        }
        let most = Segment.writersMax - 64
        #expect(refusal(of: [chunk(claim: claim(of: most), isLast: true)]) == nil)
        #expect(refusal(of: [chunk(claim: claim(of: most + 1), isLast: true)]) == .tooLarge)
        // Who has as many already still hears of what those write.
        let full = claim(of: Segment.writersMax)
        #expect(Segment.hasRoom(for: claim(of: most + 1), in: full))
        #expect(!Segment.hasRoom(for: .of((2, 1)), in: full))
    }

    @Test func segmentsOfSeveralLanesAreTooLargeTogether() {
        var limits = SessionLimits()
        limits.segmentBytesMax = 1000
        func half(of lane: Lane) -> SyncMessage {
            let cells = (1...3).map { index in
                Cell(
                    key: .field(1, ofRow: UInt8(index), in: lane), kind: .register,
                    dot: .at(2, UInt64(index)), value: [UInt8](repeating: 0, count: 200))
            }
            return chunk(lane, claim: .of((2, 3)), cells: cells)
        }
        #expect(refusal(of: [half(of: .usage)], limits: limits) == nil)
        #expect(refusal(of: [half(of: .usage), half(of: .settings)], limits: limits) == .tooLarge)
    }

    @Test func aRefusedSegmentIsNeverApplied() {
        var session = exchanging()
        _ = session.handle(.received(chunk(claim: .of((2, 1)))), at: start)
        let stray = Cell.counter(5, at: 1, by: .at(2, 2))
        let actions = session.handle(.received(chunk(cells: [stray], isLast: true)), at: start)
        #expect(!actions.contains { if case .apply = $0 { true } else { false } })
        #expect(session.handle(.received(chunk(isLast: true)), at: start).isEmpty)
    }

    /// Whatever a peer sends, the session ends in a refusal or goes on; it never traps, and it
    /// applies only what its segment claims.
    @Test(arguments: Seed.first(200))
    func noSequenceOfMessagesTraps(seed: Seed) throws {
        var generator = seed.generator
        let pair = PairHarness(ModelReplica(1), ModelReplica(2))
        pair.connect()
        if generator.chance(80) { pair.runUntilIdle() }
        try pair.write(on: .responder) { try $0.count(3, at: .entry(1)) }
        for _ in 0..<40 {
            if generator.chance(20) { pair.advance(by: .milliseconds(50)) }
            let message = anything(using: &generator)
            let before = pair[.responder].session
            var session = before
            let actions = session.handle(.received(message), at: pair.now)
            for case .apply(let segment, _) in actions {
                #expect(segment.claim.dominates(segment.base), "\(seed)")
                #expect(segment.cells.allSatisfy { segment.claim.contains($0.dot) }, "\(seed)")
                // Its cells are made up, so it is not applied here; the session thinks it is.
                _ = session.handle(.applied(pair[.responder].replica.summary()), at: pair.now)
            }
            if !session.isClosed { pair[.responder].session = session }
        }
    }

    private func anything(using generator: inout SplitMix64) -> SyncMessage {
        let small = generator.next() % 4
        let vector = VersionVector.of((2, small), (3, generator.next() % 4))
        let cells = (0..<generator.next() % 3).map { _ in
            Cell.counter(generator.next(), at: 1, by: .at(2, generator.next() % 4 + 1))
        }
        let number: UInt64 = generator.pick([0, 1, 2, 3, .max])
        switch generator.next() % 8 {
        case 0: return .acknowledgement(applied: number)
        case 1: return .hello(Hello(ModelReplica(3).summary(), reference: .greeting))
        case 2: return .preamble(Preamble(fleet: .numbered(1), device: .numbered(3)))
        default:
            return chunk(
                Lane(rawValue: UInt8(generator.next() % 4)),
                claim: generator.chance(60) ? vector : nil, applied: number, cells: cells,
                isLast: generator.chance(50))
        }
    }
}
