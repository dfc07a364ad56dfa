import ReplicaModel
import SyncWire
import Testing

@Suite("Columns of integers")
struct IntegerColumnTests {
    private func written(_ values: [UInt64]) -> [UInt8] {
        var out = ByteWriter()
        IntegerColumn.write(values, to: &out)
        return out.bytes
    }

    @Test("No value takes nothing and one value no mode")
    func short() {
        #expect(written([]).isEmpty)
        #expect(written([300]) == [0xac, 0x02])
    }

    @Test("The shortest way is taken")
    func shortest() {
        #expect(written([5, 1, 9, 2]) == [0, 5, 1, 9, 2])
        #expect(written([7, 7, 7]) == [1, 7])
        #expect(written([1, 1, 1, 1, 1, 2, 2, 2]) == [2, 1, 5, 2, 3])
        #expect(written([1_000, 1_001, 1_002, 1_001]) == [3, 0xe8, 0x07, 2, 2, 1])
        #expect(written([.max, 0, .max]).first == 3)
    }

    @Test("Numbers below 256 that jump about take a byte each")
    func bytes() {
        #expect(written([200, 3, 150, 255]) == [4, 200, 3, 150, 255])
        #expect(written([200, 3, 150, 256]).first != 4)
    }

    @Test("Of equally short ways the one with the lowest number is taken")
    func ties() {
        #expect(written([0, 1, 2, 3]).first == 0)
        #expect(written([4, 4, 4, 9]).first == 0)
        #expect(written([.max, .max]).first == 1)
    }
}
