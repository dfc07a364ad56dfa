import ReplicaModel
import SyncTestKit
import Testing

@Suite struct ByteCodingTests {
    /// Every power of two and its neighbours.
    private static let numbers: [UInt64] = (0..<64).flatMap { shift -> [UInt64] in
        let power = UInt64(1) << UInt64(shift)
        return [power - 1, power, power &+ 1, ~power]
    }

    private func varint(_ value: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.varint(value)
        return writer.bytes
    }

    @Test(
        arguments: [
            (0, [0]), (1, [1]), (127, [0x7f]), (128, [0x80, 1]), (300, [0xac, 2]),
            (.max, [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
        ] as [(UInt64, [UInt8])])
    func varintsHaveSevenBitsAByteTheLowestFirst(value: UInt64, bytes: [UInt8]) {
        #expect(varint(value) == bytes)
    }

    @Test func everythingWrittenIsReadBack() throws {
        for number in Self.numbers {
            var writer = ByteWriter()
            writer.varint(number)
            writer.byte(7)
            writer.fixed64(number)
            writer.counted([1, 2, 3])
            writer.raw([9, 8])
            writer.varint(Int64(bitPattern: number).zigzag)
            var reader = ByteReader(writer.bytes)
            #expect(try reader.varint() == number)
            #expect(try reader.byte() == 7)
            #expect(try reader.fixed64() == number)
            #expect(try reader.counted(atMost: 3, of: "bytes") == [1, 2, 3])
            #expect(try reader.raw(2) == [9, 8])
            #expect(try reader.varint().unzigzag == Int64(bitPattern: number))
            try reader.end()
        }
    }

    @Test func smallNumbersOfEitherSignAreSmall() {
        let signed: [Int64] = [0, -1, 1, -2, 2]
        #expect(signed.map(\.zigzag) == [0, 1, 2, 3, 4])
        #expect(Int64.min.zigzag == .max && Int64.max.zigzag == .max - 1)
    }

    /// All byte strings of up to two bytes, and all longer ones that end in a rare byte.
    @Test func aVarintIsReadOnlyInItsShortestForm() {
        let bytes = (0...255).map { UInt8($0) }
        let ends: [UInt8] = [0, 1, 2, 0x7f, 0x80, 0xff]
        var all: [[UInt8]] = [[]] + bytes.map { [$0] } + sequences(of: bytes, count: 2)
        for length in 3...11 {
            for filler in [0x80, 0xff, 0xaa] as [UInt8] {
                all += sequences(of: ends, count: 2).map {
                    Array(repeating: filler, count: length - 2) + $0
                }
            }
        }
        for candidate in all {
            var reader = ByteReader(candidate)
            guard let value = reader.onlyVarint() else { continue }
            #expect(varint(value) == candidate)
        }
    }

    @Test(
        arguments: [
            [], [0x80], [0x80, 0], [0xff, 0x80, 0], [0xff, 0xff],
            [255, 255, 255, 255, 255, 255, 255, 255, 255, 2],
            [255, 255, 255, 255, 255, 255, 255, 255, 255, 0x81, 0],
            [128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1],
        ] as [[UInt8]])
    func bytesThatAreNoVarintAreRefused(bytes: [UInt8]) {
        #expect(throws: ByteReader.Fault.self) {
            var reader = ByteReader(bytes)
            _ = try reader.varint()
        }
    }

    @Test func limitsAreKeptExactly() throws {
        var reader = ByteReader([5])
        #expect(try reader.count(atMost: 5, of: "things") == 5)
        let tooMany = #expect(throws: ByteReader.Fault.self) {
            var reader = ByteReader([5])
            _ = try reader.count(atMost: 4, of: "things")
        }
        #expect(tooMany?.expected == "at most 4 things" && tooMany?.offset == 1)
        #expect(throws: ByteReader.Fault.self) {
            var reader = ByteReader(varint(.max))
            _ = try reader.count(atMost: .max, of: "things")
        }
        #expect(throws: ByteReader.Fault.self) {
            var reader = ByteReader([3, 1, 2])
            _ = try reader.counted(atMost: 3, of: "bytes")
        }
        #expect(throws: ByteReader.Fault.self) {
            var reader = ByteReader([1, 2])
            _ = try reader.raw(-1)
        }
        #expect(throws: ByteReader.Fault.self) {
            var reader = ByteReader([1, 2, 3, 4, 5, 6, 7])
            _ = try reader.fixed64()
        }
        #expect(throws: ByteReader.Fault.self) { try ByteReader([1]).end() }
        try ByteReader([]).end()
    }

    /// Random bytes under random reads: each gives a value or a fault, and never reads past the
    /// end.
    @Test(arguments: Seed.first(40))
    func noBytesTrap(seed: Seed) {
        var generator = seed.generator
        for _ in 0..<500 {
            let count = Int(generator.next() % 24)
            let bytes = (0..<count).map { _ in
                generator.pick([
                    0, 1, 0x7f, 0x80, 0xff, UInt8(truncatingIfNeeded: generator.next()),
                ])
            }
            var reader = ByteReader(bytes)
            for _ in 0..<12 {
                let before = reader.offset
                do throws(ByteReader.Fault) {
                    try Self.readSomething(from: &reader, using: &generator)
                } catch {
                    #expect(error.offset <= bytes.count, "\(seed)")
                }
                #expect(reader.offset >= before, "\(seed)")
                #expect(reader.offset + reader.remaining == bytes.count, "\(seed)")
                #expect(reader.remaining >= 0, "\(seed)")
            }
        }
    }

    private static func readSomething(
        from reader: inout ByteReader, using generator: inout SplitMix64
    ) throws(ByteReader.Fault) {
        switch generator.next() % 7 {
        case 0: _ = try reader.byte()
        case 1: _ = try reader.varint()
        case 2: _ = try reader.count(atMost: Int(generator.next() % 300), of: "things")
        case 3: _ = try reader.fixed64()
        case 4: _ = try reader.raw(Int(truncatingIfNeeded: generator.next()))
        case 5: _ = try reader.counted(atMost: .max, of: "bytes")
        default: try reader.end()
        }
    }
}
