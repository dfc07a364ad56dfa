import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import SyncWire
import Testing

@Suite("Messages over a wire")
struct RoundTripTests {
    @Test("Every message arrives as it was sent, in both directions at once", arguments: 1...20)
    func roundTrip(seed: UInt64) throws {
        var messages = (
            initiator: RandomMessages(seed: seed), responder: RandomMessages(seed: seed &+ 7_000)
        )
        let hello = messages.initiator.hello()
        let answer = messages.responder.answer(to: hello)
        messages.initiator.heard(answer)
        messages.responder.heard(hello)
        var ends = WirePair()
        ends.recall(hello.reference, greetedBy: .initiator)
        // What was sent and has not arrived: both sides introduce writers before they have read
        // what the other introduced.
        var flying: (toResponder: [SyncMessage], toInitiator: [SyncMessage]) = ([], [])
        var bytes: (toResponder: [UInt8], toInitiator: [UInt8]) = ([], [])
        var random = SplitMix64(seed: seed)
        for turn in 0..<60 {
            let fromInitiator = turn == 1 ? .hello(hello) : messages.initiator.message(turn)
            flying.toResponder.append(fromInitiator)
            bytes.toResponder += try ends.encode(fromInitiator, as: .initiator)
            if turn == 1 {
                // A responder greets after it has been greeted.
                #expect(try ends.responder.read(bytes.toResponder) == flying.toResponder)
                (flying.toResponder, bytes.toResponder) = ([], [])
            }
            let fromResponder = turn == 1 ? .hello(answer) : messages.responder.message(turn)
            flying.toInitiator.append(fromResponder)
            bytes.toInitiator += try ends.encode(fromResponder, as: .responder)
            if random.chance(5) { ends.initiator.encoder.restartCompression() }
            // What answers a greeting is sent after that has been read.
            guard random.chance(40) || turn == 1 || turn == 59 else { continue }
            #expect(try ends.responder.read(bytes.toResponder) == flying.toResponder)
            #expect(try ends.initiator.read(bytes.toInitiator) == flying.toInitiator)
            flying = ([], [])
            bytes = ([], [])
        }
    }

    @Test("Bytes that arrive one by one make the same messages", arguments: 1...8)
    func byteByByte(seed: UInt64) throws {
        let stream = try recorded(seed: seed, turns: 12, cellsMax: 60).joined()
        var atOnce = WireEnd(reading: seed)
        let expected = try atOnce.read(Array(stream))
        var oneByOne = WireEnd(reading: seed)
        var messages: [SyncMessage] = []
        for byte in stream { messages += try oneByOne.read([byte]) }
        #expect(messages == expected)
        #expect(messages.count == 12)
    }

    @Test(
        "A value that compresses better than a receiver allows is sent raw, and the stream goes on")
    func incrediblyCompressible() throws {
        var ends = WirePair()
        let writer = WriterID(high: 1, low: 1)
        _ = try ends.pass(
            .preamble(Preamble(fleet: .init(high: 1, low: 1), device: .init(high: 1, low: 2))),
            from: .initiator)
        var random = SplitMix64(seed: 1)
        let noise = (0..<200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        // What stands in the dropped block comes again: a stream that went on would refer to it.
        let counts = [100, Cell.valueBytesMax, 200, 200, Cell.valueBytesMax, 150]
        for (index, count) in counts.enumerated() {
            let message = SyncMessage.chunk(
                .single(
                    register: (0..<count).map { noise[noise.count - 1 - $0 % noise.count] },
                    row: [1], dot: Dot(writer: writer, sequence: UInt64(index) + 1)))
            let (frame, messages) = try ends.pass(message, from: .initiator)
            #expect(messages == [message])
            #expect((frame.count > 1_000) == (count == Cell.valueBytesMax))
        }
    }

    @Test("The random messages have every head and every flag")
    func isOfEveryForm() throws {
        var heads: Set<UInt8> = []
        var flags: Set<UInt8> = []
        for seed in UInt64(1)...40 {
            for frame in try recorded(seed: seed, turns: 60, cellsMax: 60).dropFirst() {
                let parts = try #require(FrameParts(beginning: frame[...]))
                let head = frame[parts.headIndex]
                heads.insert(head)
                guard head & 0b111 == 3, head & 0x80 == 0 else { continue }
                flags.formUnion((0..<8).filter { frame[parts.headIndex + 1] >> $0 & 1 != 0 })
            }
        }
        #expect(heads.isSuperset(of: [2, 4, 5, 6, 0x0e, 0x03, 0x0b, 0x13, 0x1b, 0x2b, 0x3b, 0x9b]))
        #expect(flags == Set(0..<8))
    }

    @Test("A segment that is whole has no continuation")
    func nothingAfterTheLast() throws {
        var end = WireEnd(.initiator)
        let dot = Dot(writer: WriterID(high: 1, low: 1), sequence: 1)
        let whole = SegmentChunk.single(register: [0], row: [1], dot: dot)
        _ = try end.encoder.frame(for: .chunk(whole))
        #expect(throws: WireError(.failed, "")) {
            try end.encoder.frame(
                for: .chunk(
                    SegmentChunk(
                        lane: whole.lane, head: nil, cells: whole.cells, isLast: true)))
        }
    }

    @Test(
        "Messages that contradict themselves do not become bytes", arguments: Contradiction.allCases
    )
    func contradictions(contradiction: Contradiction) throws {
        var end = WireEnd(.initiator)
        #expect(throws: WireError(contradiction.code, "")) {
            try end.encoder.frame(for: contradiction.message)
        }
    }
}

extension RandomMessages {
    /// The message of a turn: preamble and greeting come first.
    mutating func message(_ turn: Int) -> SyncMessage {
        switch turn {
        case 0: preamble()
        case 1: .hello(hello())
        default: next()
        }
    }
}

extension WireEnd {
    /// A responder that can read what ``recorded(seed:turns:cellsMax:)`` gives.
    init(reading seed: UInt64) {
        let messages = RandomMessages(seed: seed)
        self.init(.responder, remembering: messages.states, frontier: messages.frontier)
    }
}

/// The frames of a stream of the initiator, which has not read anything.
func recorded(seed: UInt64, turns: Int, cellsMax: Int = 5) throws -> [[UInt8]] {
    var messages = RandomMessages(seed: seed, cellsMax: cellsMax)
    var end = WireEnd(.initiator)
    return try (0..<turns).map { try end.encoder.frame(for: messages.message($0)) }
}

extension SegmentChunk {
    /// A segment of one register, claimed up to its own write.
    static func single(
        register value: [UInt8], row: [UInt8], dot: Dot, lane: Lane = .settings,
        timestamp: HybridTimestamp = .zero, causalLength: UInt64 = 0, applied: UInt64 = 0
    ) -> SegmentChunk {
        let cell = Cell(
            key: CellKey(
                lane: lane, collection: CollectionID(rawValue: 2), row: row,
                field: FieldID(rawValue: 3)),
            kind: .register, dot: dot, timestamp: timestamp, causalLength: causalLength,
            value: value)
        return single(cell, applied: applied, clock: timestamp)
    }

    /// A segment of one cell, claimed up to its own write.
    static func single(
        _ cell: Cell, applied: UInt64 = 0, clock: HybridTimestamp = .zero
    ) -> SegmentChunk {
        SegmentChunk(
            lane: cell.key.lane,
            head: Head(
                applied: applied,
                claim: VersionVector([(cell.dot.writer, cell.dot.sequence)]), clock: clock),
            cells: [cell], isLast: true)
    }
}
