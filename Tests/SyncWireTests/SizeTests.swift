import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire
import Testing

/// Whoever roams pays for every byte: what is typical has to stay small.
///
/// The sizes are of whole
/// frames and depend on nothing but the encoder; none of these bodies is large enough to be
/// compressed. Four bytes of each but the first are its check.
@Suite("Sizes on the wire")
struct SizeTests {
    private let writer = WriterID(high: 0xa1b2_c3d4_e5f6_0718, low: 0x2930_4152_6374_8596)
    private let start: UInt64 = 1_764_000_000_000
    /// The digits of an ICCID, as the key of a profile's row.
    private let row = Array("8981300012345678901".utf8)

    @Test("Who both sides are takes 40 bytes each")
    func preamble() throws {
        let preamble = Preamble(fleet: .init(high: 1, low: 2), device: .init(high: 3, low: 4))
        var end = WireEnd(.initiator)
        #expect(try end.encoder.frame(for: .preamble(preamble)).count == 40)
    }

    @Test("A first greeting takes 13 bytes, 20 more for a writer and one or two for another lane")
    func hello() throws {
        var sizes: [Int] = []
        for lanes in [[], [Lane.settings], [.settings, .usage], Lane.all] {
            var end = WireEnd(.initiator)
            sizes.append(try end.encoder.frame(for: greeting(lanes)).count)
        }
        #expect(sizes == [13, 33, 34, 36])
    }

    @Test("Two that have not changed since they met greet with 15 and 7 bytes")
    func greetingAgain() throws {
        var ends = try remembering()
        let sent = try ends.pass(
            .hello(Hello(state, reference: .state(state))), from: .initiator)
        let answer = try ends.pass(
            .hello(Hello(state, reference: .greeting)), from: .responder)
        #expect(sent.frame.count == 15)
        #expect(answer.frame.count == 7)
    }

    @Test("Who has changed one thing says so with 19 bytes and sends it with 43")
    func greetingWithNews() throws {
        var ends = try remembering()
        var vectors = state.vectors
        vectors[.settings].raise(writer, to: 41)
        let hello = Hello(
            ReplicaSummary(vectors: vectors, digest: Digest(value: 1), clock: at(seconds: 60)),
            reference: .state(state), following: [.settings])
        let sent = try ends.pass(.hello(hello), from: .initiator)
        let value = CellValue.text("Japan 5 GB").encoded
        let early = try ends.pass(
            edit(of: 3, value, sequence: 41, seconds: 60), from: .initiator)
        let answer = try ends.pass(
            .hello(
                Hello(
                    ReplicaSummary(vectors: vectors, digest: Digest(value: 1), clock: .zero),
                    reference: .greeting, applied: 1)), from: .responder)
        #expect(sent.frame.count == 19)
        #expect(early.frame.count == 43)
        #expect(answer.frame.count == 8)
    }

    @Test("A push of one register on an open connection takes no more than 30 bytes")
    func push() throws {
        var sender = try greeted()
        let value = CellValue.text("Japan 5 GB").encoded
        _ = try sender.frame(for: edit(of: 3, value, sequence: 41, seconds: 60))
        let next = try sender.frame(for: edit(of: 3, value, sequence: 42, seconds: 90))
        let integer = try sender.frame(
            for: edit(of: 4, CellValue.integer(1_000).encoded, sequence: 43, seconds: 91))
        #expect(next.count == 21)
        #expect(integer.count == 14)
    }

    @Test("A changed field takes 46 bytes with its row and value; the next of its row 23, again 20")
    func change() throws {
        var sender = try greeted()
        let value = CellValue.text("Japan 5 GB").encoded
        let first = try sender.frame(for: edit(of: 3, value, sequence: 200, seconds: 60))
        let next = try sender.frame(for: edit(of: 4, value, sequence: 201, seconds: 90))
        let again = try sender.frame(for: edit(of: 4, value, sequence: 202, seconds: 91))
        #expect(first.count - row.count - value.count <= 16)
        #expect(first.count == 46)
        #expect(next.count == 23)
        #expect(again.count == 20)
    }

    @Test("A counter that is raised again takes 15 bytes")
    func bump() throws {
        var sender = try greeted()
        let first = try sender.frame(for: usage(of: 1_500_000, sequence: 41, seconds: 5))
        let next = try sender.frame(for: usage(of: 2_750_000, sequence: 42, seconds: 65))
        let large = try sender.frame(for: usage(of: 9_000_000_000, sequence: 300, seconds: 125))
        #expect(first.count - row.count <= 27)
        #expect(next.count == 15)
        #expect(large.count == 19)
    }

    @Test("A sign of life takes six bytes")
    func heartbeat() throws {
        var end = WireEnd(.initiator)
        #expect(try end.encoder.frame(for: .heartbeat(isAnswer: false)).count == 6)
    }

    @Test("An acknowledgement takes seven bytes, after many segments eight")
    func acknowledgement() throws {
        var end = WireEnd(.initiator)
        #expect(try end.encoder.frame(for: .acknowledgement(applied: 99)).count == 7)
        #expect(try end.encoder.frame(for: .acknowledgement(applied: 16_000)).count == 8)
    }

    @Test("250 new counters of one writer take less than four bytes each")
    func batch() throws {
        var sender = try greeted()
        let cells = (0..<UInt64(250)).map { number -> Cell in
            let day = Array("\(10_000 + number)".utf8)
            return counter(number * 1_000_003, row: row + day, sequence: number + 1)
        }
        let chunk = SegmentChunk(
            lane: .usage,
            head: .init(
                applied: 0, claim: VersionVector([(writer, UInt64(250))]), clock: at(seconds: 60)),
            cells: cells, isLast: true)
        #expect(try sender.frame(for: .chunk(chunk)).count < 250 * 4)
    }

    // MARK: Messages

    private func greeting(_ lanes: [Lane]) -> SyncMessage {
        var vectors = LaneVectors()
        for lane in lanes { vectors[lane].raise(writer, to: 40) }
        return .hello(
            Hello(
                ReplicaSummary(
                    vectors: vectors, digest: Digest(value: .max), clock: at(seconds: 0)),
                reference: .none(clock: at(seconds: 0))))
    }

    /// A state at which both sides were.
    private var state: ReplicaSummary {
        var vectors = LaneVectors()
        for lane in Lane.all { vectors[lane].raise(writer, to: 40) }
        return ReplicaSummary(
            vectors: vectors, digest: Digest(value: .max), clock: at(seconds: 0))
    }

    private func remembering() throws -> WirePair {
        var ends = WirePair()
        ends.recall(.state(state), greetedBy: .initiator)
        for side in [SyncSession.Role.initiator, .responder] {
            _ = try ends.pass(
                .preamble(Preamble(fleet: .init(high: 1, low: 2), device: .init(high: 3, low: 4))),
                from: side)
        }
        return ends
    }

    /// An encoder whose greeting has introduced the writer.
    private func greeted() throws -> Encoder {
        var encoder = WireEnd(.initiator).encoder
        _ = try encoder.frame(for: greeting(Lane.all))
        return encoder
    }

    private func at(seconds: UInt64) -> HybridTimestamp {
        HybridTimestamp(epoch: 0, ticks: (start + 1_000 * seconds) << 16)
    }

    private func edit(
        of field: UInt32, _ value: [UInt8], sequence: UInt64, seconds: UInt64
    ) -> SyncMessage {
        let cell = Cell(
            key: CellKey(
                lane: .settings, collection: CollectionID(rawValue: 20), row: row,
                field: FieldID(rawValue: field)),
            kind: .register, dot: Dot(writer: writer, sequence: sequence),
            timestamp: at(seconds: seconds), causalLength: 1, value: value)
        return .chunk(.single(cell, clock: at(seconds: seconds)))
    }

    private func counter(_ amount: UInt64, row: [UInt8], sequence: UInt64) -> Cell {
        var value = ByteWriter()
        value.varint(amount)
        return Cell(
            key: CellKey(
                lane: .usage, collection: CollectionID(rawValue: 30), row: row,
                field: FieldID(rawValue: 1), owner: writer),
            kind: .counter, dot: Dot(writer: writer, sequence: sequence), value: value.bytes)
    }

    private func usage(of amount: UInt64, sequence: UInt64, seconds: UInt64) -> SyncMessage {
        let cell = counter(amount, row: row, sequence: sequence)
        return .chunk(.single(cell, clock: at(seconds: seconds)))
    }
}
