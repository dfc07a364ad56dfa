import SyncEngine
import SyncTestKit
import SyncWire
import Testing
import ZstdStream

@Suite("Compressed streams")
struct ZstdStreamTests {
    private func body(_ number: Int, count: Int = 3_000) -> [UInt8] {
        var random = SplitMix64(seed: UInt64(number / 2))
        return (0..<count).map { _ in UInt8(random.below(20)) }
    }

    @Test("Every body can be inflated as soon as it is there")
    func flush() throws {
        let compressor = ZstdCompressor()
        let decompressor = ZstdDecompressor()
        for number in 0..<6 {
            let body = body(number)
            let compressed = try compressor.compress(body)
            #expect(try decompressor.decompress(compressed, atMost: body.count) == body)
        }
    }

    @Test("A body that came before makes the next one small, until the stream is restarted")
    func memory() throws {
        let compressor = ZstdCompressor()
        let first = try compressor.compress(body(0))
        let second = try compressor.compress(body(1))
        compressor.restart()
        let third = try compressor.compress(body(1))
        #expect(second.count < 40)
        #expect(first == third)
        let decompressor = ZstdDecompressor()
        for bytes in [first, second] {
            #expect(try decompressor.decompress(bytes, atMost: 3_000) == body(0))
        }
        decompressor.restart()
        #expect(try decompressor.decompress(third, atMost: 3_000) == body(0))
    }

    @Test("A stream that was restarted on one side only is refused")
    func lostRestart() throws {
        let compressor = ZstdCompressor()
        let decompressor = ZstdDecompressor()
        _ = try decompressor.decompress(try compressor.compress(body(0)), atMost: 3_000)
        let second = try compressor.compress(body(1))
        decompressor.restart()
        #expect(throws: WireError(.malformed, "")) {
            try decompressor.decompress(second, atMost: 3_000)
        }
    }

    @Test("No more comes out than is allowed, to the byte")
    func cap() throws {
        let body = [UInt8](repeating: 0, count: 1 << 20)
        let compressed = try ZstdCompressor().compress(body)
        #expect(compressed.count < 200)
        #expect(try ZstdDecompressor().decompress(compressed, atMost: body.count) == body)
        for limit in [0, 1, 16 << 10, 64 << 10, body.count - 1] {
            #expect(throws: WireError(.tooLarge, "")) {
                try ZstdDecompressor().decompress(compressed, atMost: limit)
            }
        }
    }

    @Test("Bytes that zstd has not made are refused")
    func garbage() {
        for count in 4..<64 {
            #expect(throws: WireError(.malformed, "")) {
                try ZstdDecompressor().decompress(body(2, count: count), atMost: 1 << 20)
            }
        }
    }
}
