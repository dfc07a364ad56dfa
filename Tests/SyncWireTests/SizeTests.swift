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

    @Test("A greeting takes 28 bytes, 18 more for a writer and two for its use in another lane")
    func hello() throws {
        var sizes: [Int] = []
        for lanes in [[], [Lane.settings], [.settings, .usage], Lane.all] {
            var end = WireEnd(.initiator)
            sizes.append(try end.encoder.frame(for: greeting(lanes)).count)
        }
        #expect(sizes == [28, 46, 48, 50])
    }

    @Test("A changed field takes 30 bytes and its row and value; the next of its row 40, again 36")
    func change() throws {
        var sender = try greeted()
        let value = CellValue.text("Japan 5 GB").encoded
        let first = try sender.frame(for: edit(of: 3, value, sequence: 200, seconds: 60))
        let next = try sender.frame(for: edit(of: 4, value, sequence: 201, seconds: 90))
        let again = try sender.frame(for: edit(of: 4, value, sequence: 202, seconds: 91))
        #expect(first.count - row.count - value.count <= 30)
        #expect(first.count == 60)
        #expect(next.count == 40)
        #expect(again.count == 36)
    }

    @Test("A counter that is raised again takes no more than 24 bytes")
    func bump() throws {
        var sender = try greeted()
        let first = try sender.frame(for: usage(of: 1_500_000, sequence: 41, seconds: 5))
        let next = try sender.frame(for: usage(of: 2_750_000, sequence: 42, seconds: 65))
        let large = try sender.frame(for: usage(of: 9_000_000_000, sequence: 300, seconds: 125))
        #expect(first.count - row.count <= 27)
        #expect(next.count == 24)
        #expect(large.count <= 26)
    }

    @Test("An acknowledgement takes seven bytes, after many segments eight")
    func acknowledgement() throws {
        var end = WireEnd(.initiator)
        #expect(try end.encoder.frame(for: .acknowledgement(applied: 99)).count == 7)
        #expect(try end.encoder.frame(for: .acknowledgement(applied: 16_000)).count == 8)
    }

    @Test("250 new counters of one writer take less than six bytes each")
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
        #expect(try sender.frame(for: .chunk(chunk)).count < 250 * 6)
    }

    // MARK: Messages

    private func greeting(_ lanes: [Lane]) -> SyncMessage {
        var vectors = LaneVectors()
        for lane in lanes { vectors[lane].raise(writer, to: 40) }
        return .hello(
            Hello(
                ReplicaSummary(
                    vectors: vectors, digest: Digest(value: .max), clock: at(seconds: 0))))
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
