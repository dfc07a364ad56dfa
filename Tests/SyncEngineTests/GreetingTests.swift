import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

@Suite struct GreetingTests {
    private let identity = Preamble(fleet: .numbered(1), device: .numbered(1))
    private let peer = Preamble(
        capabilities: .own, fleet: .numbered(1), device: .numbered(2))
    private let start = MonotonicTime(sinceStart: .seconds(100))

    private var summary: ReplicaSummary { ModelReplica(2).summary() }

    /// A session that has been connected, and has its summary if it asked for it.
    private func opened(_ role: SyncSession.Role) -> SyncSession {
        var session = SyncSession(role: role, identity: identity)
        _ = session.handle(.connected, at: start)
        if role == .initiator {
            _ = session.handle(.gathered(GreetingFacts(summary: summary)), at: start)
        }
        return session
    }

    private func code(of actions: [SyncSession.Action]) -> Refusal.Code? {
        guard actions.count == 2, case .send(.refusal(let told)) = actions[0],
            case .close(.refused(let reason)) = actions[1], told == reason
        else { return nil }
        return reason.code
    }

    @Test func theInitiatorGreetsFirstAndTheResponderOnlyOnceItHasBeenGreeted() {
        let pair = PairHarness(ModelReplica(1), ModelReplica(2))
        pair.connect()
        let empty = ModelReplica(1).summary()
        let greeting = Hello(empty, reference: .none(clock: .zero))
        let answer = Hello(empty, reference: .greeting, tellsDigest: true)
        #expect(
            pair[.initiator].sent == [
                .preamble(
                    Preamble(capabilities: .own, fleet: .numbered(1), device: .numbered(1))),
                .hello(greeting),
            ])
        #expect(pair[.responder].sent.isEmpty)

        pair.deliver(to: .responder)
        #expect(pair[.responder].sent == [.preamble(peer)])
        #expect(pair[.responder].reports == [.greeted(.numbered(1))])

        pair.deliver(to: .responder)
        #expect(pair[.responder].sent == [.preamble(peer), .hello(answer)])
        pair.runUntilIdle()
        #expect(pair[.initiator].reports.first == .greeted(.numbered(2)))
        #expect(pair[.initiator].sent.count == 2)
    }

    @Test(arguments: [
        (Preamble(fleet: .numbered(9), device: .numbered(2)), Refusal.Code.otherFleet),
        (Preamble(version: 2, fleet: .numbered(1), device: .numbered(2)), .unsupportedVersion),
        (Preamble(version: 0, fleet: .numbered(9), device: .numbered(1)), .unsupportedVersion),
        (Preamble(fleet: .numbered(1), device: .numbered(1)), .sameDevice),
    ])
    func aStrangerIsToldWhyItIsRefused(stranger: Preamble, reason: Refusal.Code) {
        for role in [SyncSession.Role.initiator, .responder] {
            var session = opened(role)
            let actions = session.handle(.received(.preamble(stranger)), at: start)
            #expect(code(of: actions) == reason)
            #expect(session.isClosed && session.deadline == nil)
        }
    }

    @Test func aRefusedPeerClosesWithoutAnAnswer() {
        var session = opened(.initiator)
        let refusal = Refusal(.otherFleet, "not ours")
        #expect(
            session.handle(.received(.refusal(refusal)), at: start)
                == [.close(.refusedByPeer(refusal))])
        #expect(session.isClosed)
    }

    @Test func unknownCapabilitiesAreIgnored() {
        var session = opened(.initiator)
        let able = Preamble(
            capabilities: Capabilities(rawValue: .max), fleet: .numbered(1), device: .numbered(2))
        #expect(
            session.handle(.received(.preamble(able)), at: start)
                == [.report(.greeted(.numbered(2)))])
    }

    @Test func nothingMayComeBeforeThePreamble() {
        let chunk = SegmentChunk(lane: .usage, head: nil, cells: [], isLast: true)
        let early: [SyncMessage] = [
            .hello(Hello(summary, reference: .greeting)), .chunk(chunk),
            .acknowledgement(applied: 0), .heartbeat(isAnswer: false),
        ]
        for role in [SyncSession.Role.initiator, .responder] {
            for message in early {
                var session = opened(role)
                #expect(code(of: session.handle(.received(message), at: start)) == .outOfOrder)
            }
        }
    }

    @Test func betweenPreambleAndGreetingOnlyTheGreetingMayCome() {
        let chunk = SegmentChunk(lane: .usage, head: nil, cells: [], isLast: true)
        let early: [SyncMessage] = [.preamble(peer), .chunk(chunk), .acknowledgement(applied: 0)]
        for role in [SyncSession.Role.initiator, .responder] {
            for message in early {
                var session = opened(role)
                _ = session.handle(.received(.preamble(peer)), at: start)
                #expect(code(of: session.handle(.received(message), at: start)) == .outOfOrder)
            }
        }
    }

    @Test func aPeerThatDoesNotGreetInTimeIsLeft() {
        for role in [SyncSession.Role.initiator, .responder] {
            var session = opened(role)
            _ = session.handle(.received(.preamble(peer)), at: start)
            #expect(session.deadline == start + .seconds(10))
            #expect(session.handle(.timeReached, at: start + .milliseconds(9_999)).isEmpty)
            #expect(!session.isClosed)
            let actions = session.handle(.timeReached, at: start + .seconds(10))
            guard actions.count == 1, case .close(.timedOut(_)) = actions[0] else {
                Issue.record("did \(actions)")
                continue
            }
            #expect(session.isClosed)
        }
    }

    @Test func aReplicaThatCannotSayHowFarItIsEndsTheSession() {
        let pair = PairHarness(ModelReplica(1), ModelReplica(2))
        pair[.responder].isBroken = true
        pair.connect()
        pair.runUntilIdle()
        #expect(pair[.responder].closeReason == .replicaFailed("the disk is full"))
        guard case .refusedByPeer(let refusal)? = pair[.initiator].closeReason else {
            Issue.record("closed with \(String(describing: pair[.initiator].closeReason))")
            return
        }
        #expect(refusal.code == .failed)
        #expect(!refusal.text.contains("disk"), "a peer learns nothing of the reason")
    }

    @Test func beforeTheConnectionAndAfterTheEndNothingHappens() {
        let events: [SyncSession.Event] = [
            .received(.preamble(peer)), .inputDrained, .timeReached,
            .gathered(GreetingFacts(summary: summary)),
            .changed(LaneVectors()), .applied(summary),
            .exported(ModelReplica(1).segment(of: .usage, since: VersionVector())),
        ]
        for event in events {
            var session = SyncSession(role: .initiator, identity: identity)
            #expect(session.handle(event, at: start).isEmpty)
            #expect(session.deadline == nil && !session.isClosed)
        }
        var closed = opened(.responder)
        _ = closed.refuse(Refusal(.malformed, "noise"))
        let late: [SyncSession.Event] =
            events + [
                .connected, .replicaFailed("late"),
                .received(.refusal(Refusal(.failed, "late"))),
            ]
        for event in late { #expect(closed.handle(event, at: start).isEmpty) }
        #expect(closed.refuse(Refusal(.malformed, "again")).isEmpty)
    }

    @Test func aRefusalIsCutToItsLimitBetweenCharacters() {
        for text in ["", "short", String(repeating: "x", count: 500)] {
            #expect(Refusal(.failed, text).text == text.prefix(160))
        }
        let accents = Refusal(.failed, String(repeating: "é", count: 100)).text
        #expect(accents == String(repeating: "é", count: 80))
        let flags = Refusal(.failed, String(repeating: "🇩🇪", count: 50)).text
        #expect(flags == String(repeating: "🇩🇪", count: 20))
    }

    /// A device does not stop writing because it greets someone.
    @Test func whatChangesDuringTheGreetingIsSent() throws {
        for side in PairHarness.Side.allCases {
            for moment in 0...4 {
                let pair = PairHarness(ModelReplica(1), ModelReplica(2))
                pair.connect()
                for _ in 0..<moment { pair.step() }
                try pair.write(on: side) { try $0.count(5, at: .entry(1)) }
                pair.runUntilIdle()
                #expect(
                    pair[side.other].replica.cells == pair[side].replica.cells,
                    "written by the \(side) after \(moment) messages")
                #expect(pair.synchronizedReports(of: side) == 1)
                #expect(pair.synchronizedReports(of: side.other) == 1)
            }
        }
    }
}
