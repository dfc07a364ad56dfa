import CausalTime
import SyncEngine
import SyncWire
import Testing

@Suite("Table of writers")
struct WriterTableTests {
    private func writer(_ number: UInt64) -> WriterID { WriterID(high: number, low: 0) }

    @Test("The initiator's writers have even indexes, the responder's odd ones")
    func parity() {
        var table = WriterTable()
        #expect(table.introduce(writer(1), by: .initiator) == 0)
        #expect(table.introduce(writer(2), by: .initiator) == 2)
        #expect(table.introduce(writer(3), by: .responder) == 1)
        #expect(table.introduce(writer(4), by: .initiator) == 4)
        #expect(
            (0..<6).map { table[$0] } == [writer(1), writer(3), writer(2), nil, writer(4), nil])
        #expect(table[-1] == nil)
        #expect(table[.max] == nil)
    }

    @Test("A writer that both sides introduced is named by the index that was known first")
    func crossing() {
        var table = WriterTable()
        _ = table.introduce(writer(1), by: .responder)
        _ = table.introduce(writer(1), by: .initiator)
        #expect(table.index(of: writer(1)) == 1)
        #expect(table[0] == writer(1))
        #expect(table[1] == writer(1))
    }

    @Test("Each side may introduce 32,768 writers, and no more")
    func limit() {
        var table = WriterTable()
        for number in 0..<UInt64(WriterTable.introductionsMax) {
            _ = table.introduce(writer(number), by: .initiator)
        }
        #expect(table.introduce(writer(99_999), by: .initiator) == nil)
        #expect(table.introduce(writer(99_999), by: .responder) == 1)
    }
}
