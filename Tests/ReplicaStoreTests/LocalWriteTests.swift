import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

@Suite("A local write")
struct LocalWriteTests {
    let store: ReplicaStore

    init() throws { store = try .inMemory(1) }

    @Test("takes the next sequence of its lane, without gaps, also after one that failed")
    func sequencesHaveNoGaps() throws {
        struct Stop: Error {}
        for number in 1...20 {
            try store.set(1, ofRow: 1, to: "\(number)")
            try store.count(1, at: 1)
            #expect(throws: Stop.self) {
                try store.write(at: WallTime(milliseconds: 0)) { transaction in
                    try transaction.put(CellDraft(key: .row(9), kind: .row, causalLength: 1))
                    throw Stop()
                }
            }
        }
        let image = try store.image()
        let writer = try #require(image.writer)
        #expect(image.summary.vectors[.control][writer] == 1, "the introduction")
        #expect(image.summary.vectors[.settings][writer] == 21, "a row and 20 edits")
        #expect(image.summary.vectors[.usage][writer] == 20)
        #expect(image.violations == [])
    }

    @Test("is later than every earlier one, whatever the wall clock shows")
    func stampsIncrease() throws {
        var last = HybridTimestamp.zero
        for wall: Int64 in [1000, 2000, 1999, 0, -5, 2000, .min, 2001] {
            try store.set(1, ofRow: 1, to: "at \(wall)", at: wall)
            let cell = try #require(try store.read { try $0.cell(at: .field(1, ofRow: 1)) })
            #expect(cell.timestamp > last, "\(wall)")
            last = cell.timestamp
        }
        #expect(last.wallTime == WallTime(milliseconds: 2001))
    }

    @Test("is later than all that was seen before the store was closed")
    func clockIsDurable() throws {
        try store.set(1, ofRow: 1, to: "in the future", at: 5_000_000)
        let reopened = try store.reopened()
        try reopened.set(2, ofRow: 1, to: "now", at: 1)
        let cells = try reopened.read { snapshot in
            try [1, 2].compactMap { try snapshot.cell(at: .field($0, ofRow: 1)) }
        }
        #expect(cells[0].timestamp < cells[1].timestamp)
    }

    @Test("that a rule forbids throws and leaves nothing, not even a lost value")
    func forbiddenWritesLeaveNothing() throws {
        try store.set(1, ofRow: 1, to: "held")
        try store.delete(row: 1)
        let before = try store.image()
        let forbidden = [
            CellDraft(key: .field(1, ofRow: 1), kind: .register, causalLength: 1),
            CellDraft(key: .row(1), kind: .row, causalLength: 1),
            CellDraft(key: .row(1), kind: .row, causalLength: Cell.causalLengthMax + 1),
            CellDraft(key: .entry(1, owner: .numbered(3)), kind: .fact),
            CellDraft(
                key: .entry(1), kind: .fact,
                value: Array(repeating: 0, count: Cell.valueBytesMax + 1)),
        ]
        for draft in forbidden {
            // A body that goes on after the refusal commits nothing of the refused write.
            try store.write(at: WallTime(milliseconds: 0)) { transaction in
                let refusal = try code { try transaction.put(draft) }
                #expect(refusal == .ruleBroken, "\(draft.key)")
            }
        }
        let after = try store.image()
        #expect(after.cells == before.cells)
        #expect(after.summary.vectors == before.summary.vectors)
        #expect(after.lost == before.lost)
        #expect(after.violations == [])
    }

    @Test("in a row is gone with the row, and does not come back with a new life of it")
    func deletionBuriesFields() throws {
        try store.set(1, ofRow: 1, to: "of the first life")
        try store.set(2, ofRow: 1, to: "also")
        try store.delete(row: 1)
        #expect(try store.text(1, ofRow: 1) == nil)
        try store.set(1, ofRow: 1, to: "of the second life")
        #expect(try store.text(1, ofRow: 1) == "of the second life")
        #expect(try store.text(2, ofRow: 1) == nil)
        #expect(try store.image().violations == [])
    }

    @Test("introduces its writer, once")
    func writersAreIntroduced() throws {
        try store.count(1, at: 1)
        try store.count(1, at: 1)
        let writer = try #require(try store.image().writer)
        let devices = try store.read { try $0.devicesOfWriters() }
        #expect(devices == [writer: store.device])
        #expect(try store.image().cells.count { $0.key.collection == .writers } == 1)
    }
}

@Suite("Lost values")
struct LostValueTests {
    @Test("hold the loser of two concurrent edits, on both sides")
    func losersAreKept() throws {
        let (phone, laptop) = (try ReplicaStore.inMemory(1), try ReplicaStore.inMemory(2))
        try phone.set(1, ofRow: 1, to: "base")
        try laptop.pull(from: phone)
        try phone.set(1, ofRow: 1, to: "earlier", at: 10)
        try laptop.set(1, ofRow: 1, to: "later", at: 20)
        try phone.meet(laptop)
        for (store, reason) in [(phone, LostValue.Reason.replaced), (laptop, .outranked)] {
            #expect(try store.text(1, ofRow: 1) == "later")
            let lost = try store.image().lost
            #expect(lost.first?.reason == reason)
            #expect(lost.first?.value == CellValue.text("earlier").encoded)
        }
    }

    @Test("hold edits that others made of a row which was deleted meanwhile")
    func editsOfDeletedRowsAreKept() throws {
        let (phone, laptop) = (try ReplicaStore.inMemory(1), try ReplicaStore.inMemory(2))
        try phone.set(1, ofRow: 1, to: "base")
        try laptop.pull(from: phone)
        try phone.delete(row: 1)
        try laptop.set(1, ofRow: 1, to: "not knowing")
        try phone.meet(laptop)
        for store in [phone, laptop] {
            #expect(try store.text(1, ofRow: 1) == nil)
            #expect(try store.image().violations == [])
            let lost = try store.image().lost
            #expect(lost.first?.reason == .rowDeleted)
            #expect(lost.first?.value == CellValue.text("not knowing").encoded)
        }
    }

    @Test("are a ring of the newest 256, the newest first")
    func theRingIsBounded() throws {
        let (phone, laptop) = (try ReplicaStore.inMemory(1), try ReplicaStore.inMemory(2))
        for number: Int64 in 1...300 {
            try phone.set(1, ofRow: 1, to: "phone \(number)", at: 2 * number)
            try laptop.set(1, ofRow: 1, to: "laptop \(number)", at: 2 * number + 1)
            try phone.pull(from: laptop)
        }
        let lost = try phone.image().lost
        #expect(lost.count == 256)
        #expect(lost.first?.value == CellValue.text("phone 300").encoded)
        #expect(lost.last?.value == CellValue.text("phone 45").encoded)
    }
}
