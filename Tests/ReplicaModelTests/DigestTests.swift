import CausalTime
import ReplicaModel
import SyncTestKit
import Testing

@Suite struct DigestTests {
    private let sample = Cell(
        key: CellKey(
            lane: .settings, collection: CollectionID(rawValue: 300), row: [0xaa, 0xbb],
            field: FieldID(rawValue: 5)),
        kind: .register,
        dot: Dot(writer: WriterID(high: 0x0102_0304_0506_0708, low: 9), sequence: 129),
        timestamp: HybridTimestamp(epoch: 2, ticks: 0x1_0001), causalLength: 3,
        value: CellValue.text("ok").encoded)

    /// Whoever changes these bytes changes every digest in the field.
    @Test func theCanonicalBytesAreTheseAndNoOthers() {
        let expected: [[UInt8]] = [
            [1],  // lane
            [0xac, 0x02],  // collection 300
            [5],  // field
            [1],  // kind: register
            [2, 0xaa, 0xbb],  // row
            [0],  // no item
            [1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 0, 0, 0, 0, 9],  // writer
            [0x81, 0x01],  // sequence 129
            [2],  // epoch
            [0x81, 0x80, 0x04],  // ticks
            [3],  // causal length
            [3, 3, 0x6f, 0x6b],  // value: three bytes, a text, "ok"
        ]
        #expect(sample.canonicalBytes == expected.flatMap(\.self))
        var digest = Digest()
        digest.insert(sample)
        #expect(digest.value == StableHash.hash64(expected.flatMap(\.self)))
    }

    @Test func aChangeOfAnyFieldChangesTheDigest() {
        let base = sample
        func changed(
            lane: Lane = .settings, collection: UInt32 = 300, row: [UInt8] = [0xaa, 0xbb],
            field: UInt32 = 5, kind: MergeKind = .register
        ) -> Cell {
            Cell(
                key: CellKey(
                    lane: lane, collection: CollectionID(rawValue: collection), row: row,
                    field: FieldID(rawValue: field)),
                kind: kind, dot: base.dot, timestamp: base.timestamp,
                causalLength: base.causalLength, value: base.value)
        }
        func rewritten(
            dot: Dot? = nil, timestamp: HybridTimestamp? = nil, causalLength: UInt64 = 3,
            value: [UInt8]? = nil
        ) -> Cell {
            Cell(
                key: base.key, kind: .register, dot: dot ?? base.dot,
                timestamp: timestamp ?? base.timestamp, causalLength: causalLength,
                value: value ?? base.value)
        }
        let writer = base.dot.writer
        let variants = [
            base, changed(lane: .usage), changed(collection: 301), changed(row: [0xaa]),
            changed(row: [0xaa, 0xbb, 0]), changed(row: [0xaa, 0xbc]), changed(field: 6),
            changed(kind: .row), changed(kind: .fact),
            rewritten(dot: Dot(writer: writer, sequence: 130)),
            rewritten(dot: Dot(writer: WriterID(high: writer.high, low: 8), sequence: 129)),
            rewritten(dot: Dot(writer: WriterID(high: 1, low: 9), sequence: 129)),
            rewritten(timestamp: HybridTimestamp(epoch: 3, ticks: 0x1_0001)),
            rewritten(timestamp: HybridTimestamp(epoch: 2, ticks: 0x1_0002)),
            rewritten(causalLength: 4), rewritten(value: CellValue.text("oK").encoded),
            rewritten(value: []),
        ]
        let digests = variants.map { cell in
            var digest = Digest()
            digest.insert(cell)
            return digest
        }
        #expect(Set(digests).count == variants.count)
        #expect(Set(variants.map(\.canonicalBytes)).count == variants.count)
    }

    @Test func theDigestIsASumThatAnyOrderGives() {
        let cells = (1...5).map { Cell.counter(UInt64($0), at: 1, by: .at(UInt32($0), 1)) }
        let sums = permutations(of: cells).map { order in
            var digest = Digest()
            for cell in order { digest.insert(cell) }
            return digest
        }
        #expect(Set(sums).count == 1)

        var split = (Digest(), Digest())
        for cell in cells.prefix(2) { split.0.insert(cell) }
        for cell in cells.dropFirst(2) { split.1.insert(cell) }
        #expect(split.0 + split.1 == sums[0])
    }

    @Test func takingOutWhatWasPutInLeavesTheRest() {
        let cells = (1...4).map { Cell.counter(UInt64($0), at: 1, by: .at(UInt32($0), 1)) }
        var digest = Digest()
        var expected = Digest()
        for cell in cells { digest.insert(cell) }
        for cell in cells.prefix(2) { expected.insert(cell) }
        digest.remove(cells[3])
        digest.remove(cells[2])
        #expect(digest == expected)
        for cell in cells.prefix(2) { digest.remove(cell) }
        #expect(digest == Digest() && digest.value == 0)
    }

    @Test func aDigestIsPrintedWithAllItsDigits() {
        #expect(Digest(value: 0xab).description == "00000000000000ab")
        #expect(Digest(value: .max).description == "ffffffffffffffff")
    }
}
