import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import SyncWire
import Testing

/// What one connection has brought, the next need not bring again.
@Suite("Connections after others")
struct ResumptionTests {
    /// What arrived at a side.
    private func frames(of recorded: RecordedExchange, to side: Vector.Side) -> [[UInt8]] {
        recorded.courses[side]?.frames ?? []
    }

    @Test("Two that have met and not changed pass 40 and 15 bytes, and 40 and 7 back")
    func equals() throws {
        let first = ExchangedWrites.small()
        #expect(first.isLevel)
        let again = RecordedExchange(
            initiator: first.outcome(of: .initiator), responder: first.outcome(of: .responder))
        #expect(again.isLevel)
        #expect(frames(of: again, to: .responder).map(\.count) == [40, 15])
        #expect(frames(of: again, to: .initiator).map(\.count) == [40, 7])
    }

    @Test("If one of them remembers nothing, both become level with a greeting more")
    func forgetful() throws {
        let first = ExchangedWrites.small()
        let (phone, laptop) = (first.outcome(of: .initiator), first.outcome(of: .responder))
        laptop.forgetMeetings()
        // Both have changed, so that neither is at a state that the other knows.
        for (replica, writer) in [
            (phone, WorkedExchange.phoneWriter), (laptop, WorkedExchange.laptopWriter),
        ] {
            replica.write(
                .register(
                    .text("new"), ofRow: 9, causalLength: 0, at: .at(1_764_000_900_000),
                    by: Dot(writer: writer, sequence: 40)))
        }
        let again = RecordedExchange(initiator: phone, responder: laptop)
        #expect(again.isLevel)
        let types = frames(of: again, to: .responder).compactMap { frame in
            FrameParts(beginning: frame[...]).map { frame[$0.headIndex] & 0b111 }
        }
        #expect(types.prefix(5) == [1, 2, 3, 2, 3])
    }

    @Test("What had arrived of a segment that was cut off is not sent again", arguments: 1...4)
    func cutOff(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let phone = MemoryReplica()
        for number in UInt64(1)...400 {
            phone.write(
                Cell(
                    key: CellKey(
                        lane: .settings, collection: CollectionID(rawValue: 20),
                        row: random.bytes(upTo: 8), field: FieldID(rawValue: 1)),
                    kind: .register, dot: Dot(writer: WorkedExchange.phoneWriter, sequence: number),
                    timestamp: .at(1_764_000_000_000 + number), value: [4] + random.bytes(upTo: 40))
            )
        }
        var limits = SessionLimits()
        limits.chunkBytes = 1_000
        let whole = RecordedExchange(
            initiator: phone, responder: MemoryReplica(), limits: limits)
        #expect(whole.isLevel)
        let sent = frames(of: whole, to: .responder)
        #expect(sent.count > 15)
        let half = sent.count / 2
        let laptop = MemoryReplica()
        var side = ExchangeSide(.responder, laptop, limits: limits)
        _ = side.begin()
        for frame in sent.prefix(half) { _ = side.perform(.arrival(frame)) }
        #expect(laptop.cells.isEmpty && !side.connection.isClosed)
        _ = side.perform(.cut)
        #expect(laptop.cells.isEmpty && side.connection.isClosed)

        // Meanwhile one of the writes that arrived is superseded.
        let kept = try #require(phone.sorted.first)
        phone.write(
            Cell(
                key: kept.key, kind: .register,
                dot: Dot(writer: WorkedExchange.phoneWriter, sequence: 401),
                timestamp: .at(1_764_000_900_000), value: [4, 1]))
        let again = RecordedExchange(initiator: phone, responder: laptop, limits: limits)
        #expect(again.isLevel)
        #expect(again.outcome(of: .responder).staged(.settings).isEmpty)
        let rest = frames(of: again, to: .responder)
        let before = sent[2..<half].reduce(0) { $0 + $1.count }
        #expect(
            rest.reduce(0) { $0 + $1.count } < sent.reduce(0) { $0 + $1.count } - before * 3 / 4)
    }
}
