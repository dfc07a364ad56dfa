import CausalTime
import SyncTestKit
import Testing

@Suite struct IdentifierTests {
    private let samples: [DeviceID] = {
        var generator = Seed(1).generator
        return [DeviceID(high: 0, low: 0), DeviceID(high: .max, low: .max)]
            + (0..<100).map { _ in .random(using: &generator) }
            + [DeviceID(high: 1, low: 0), DeviceID(high: 0, low: 1)]
    }()

    @Test func bytesAndTextGiveBackTheIdentifier() {
        for identifier in samples {
            #expect(DeviceID(bytes: identifier.bytes) == identifier)
            #expect(DeviceID(identifier.description) == identifier)
            #expect(DeviceID(identifier.description.uppercased()) == identifier)
        }
    }

    @Test func bytesAreBigEndian() {
        let identifier = DeviceID(high: 0x0001_0203_0405_0607, low: 0x0809_0a0b_0c0d_0e0f)
        #expect(identifier.bytes == (0..<16).map { UInt8($0) })
        #expect(identifier.description == "000102030405060708090a0b0c0d0e0f")
        #expect(identifier.abbreviated == "00010203")
    }

    @Test func anyOtherNumberOfBytesIsNoIdentifier() {
        for count in 0...40 where count != 16 {
            #expect(DeviceID(bytes: [UInt8](repeating: 7, count: count)) == nil)
        }
    }

    @Test(arguments: [
        "", "0", "000102030405060708090a0b0c0d0e0", "000102030405060708090a0b0c0d0e0f0",
        "000102030405060708090a0b0c0d0e0g", " 00102030405060708090a0b0c0d0e0f",
        "+00102030405060708090a0b0c0d0e0f", "-0010203-405060708090a0b0c0d0e0f",
        "00010203040506070809０a0b0c0d0e", "éééééééééééééééé",
    ])
    func textThatIsNot32HexadecimalDigitsIsNoIdentifier(text: String) {
        #expect(DeviceID(text) == nil)
    }

    @Test func orderIsThatOfTheBytes() {
        for left in samples {
            for right in samples {
                #expect((left < right) == left.bytes.lexicographicallyPrecedes(right.bytes))
            }
        }
    }

    @Test func oneGeneratorGivesOneSequenceOfIdentifiers() {
        var first = Seed(7).generator
        var second = Seed(7).generator
        #expect(DeviceID.random(using: &first) == .random(using: &second))
        #expect(DeviceID.random(using: &first) != .random(using: &first))
    }

    @Test func aWriterIsTheHashOfItsDeviceAndNonce() {
        let device = DeviceID(high: 0x0001_0203_0405_0607, low: 0x0809_0a0b_0c0d_0e0f)
        let hash = StableHash.hash128((0..<16).map { UInt8($0) } + [0, 0, 0, 0, 0, 0, 1, 2])
        #expect(WriterID(device: device, nonce: 258) == WriterID(high: hash.0, low: hash.1))
    }

    @Test func writersDifferByDeviceAndByNonce() {
        let writers = samples.prefix(20).flatMap { device in
            (0..<20).map { WriterID(device: device, nonce: $0) }
        }
        #expect(Set(writers).count == 400)
    }

    @Test func dotsAreOrderedByWriterThenSequence() {
        let dots: [Dot] = [.at(1, 1), .at(1, 2), .at(2, 1), .at(2, 2)]
        for (index, dot) in dots.enumerated() {
            for (otherIndex, other) in dots.enumerated() {
                #expect((dot < other) == (index < otherIndex))
            }
        }
        #expect(Dot.at(0x3fa9_c011, 42).description == "3fa9c011:42")
    }
}
