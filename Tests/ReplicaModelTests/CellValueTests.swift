import ReplicaModel
import SyncTestKit
import Testing

@Suite struct CellValueTests {
    @Test(
        arguments: [
            (.bool(false), [0]), (.bool(true), [1]), (.integer(0), [2, 0]), (.integer(-1), [2, 1]),
            (.integer(150), [2, 0xac, 2]),
            (.integer(.min), [2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
            (.text(""), [3]), (.text("né"), [3, 0x6e, 0xc3, 0xa9]), (.bytes([]), [4]),
            (.bytes([0, 255]), [4, 0, 255]),
        ] as [(CellValue, [UInt8])])
    func aValueHasOneEncoding(value: CellValue, bytes: [UInt8]) {
        #expect(value.encoded == bytes)
        #expect(CellValue(encoded: bytes) == value)
    }

    @Test(
        arguments: [
            [], [0, 0], [1, 0], [2], [2, 0x80], [2, 0x80, 0], [2, 1, 1], [3, 0xff], [3, 0xc3],
            [3, 0xed, 0xa0, 0x80], [3, 0xc0, 0x80], [5], [5, 1], [255],
        ] as [[UInt8]])
    func anyOtherBytesAreNoValue(bytes: [UInt8]) {
        #expect(CellValue(encoded: bytes) == nil)
    }

    @Test func textKeepsItsScalarsEvenWhereTheyLookAlike() throws {
        let composed = CellValue.text("\u{e9}").encoded
        let decomposed = CellValue.text("e\u{301}").encoded
        #expect(composed != decomposed)
        #expect(try #require(CellValue(encoded: decomposed)).encoded == decomposed)
    }

    /// Whatever is read at all is written with the same bytes: there is no second encoding.
    @Test(arguments: Seed.first(40))
    func whatIsReadIsWrittenBackUnchanged(seed: Seed) {
        var generator = seed.generator
        var readable = 0
        for _ in 0..<1000 {
            let count = Int(generator.next() % 12)
            let bytes =
                [UInt8(generator.next() % 6)]
                + (0..<count).map { _ in
                    generator.pick([0, 0x41, 0x80, 0xc3, 0xa9, UInt8(generator.next() % 256)])
                }
            guard let value = CellValue(encoded: bytes) else { continue }
            readable += 1
            #expect(value.encoded == bytes, "\(seed)")
        }
        #expect(readable > 100, "\(seed)")
    }

    @Test func valuesAreReadableByPeople() {
        #expect(CellValue.bool(true).description == "yes")
        #expect(CellValue.integer(-3).description == "-3")
        #expect(CellValue.bytes([0, 10, 255]).description == "000aff")
        #expect(CellValue.text("Reise").description == "Reise")
    }
}
