import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// A transaction of one cell leaves the tables of the state as they are: the cell says the rest.
@Suite("A write of one cell")
struct CarriedStateTests {
    let store: ReplicaStore

    init() throws {
        store = try .inMemory(1)
        try store.set(1, ofRow: 1, to: "first", at: 1)
    }

    /// How far the table says that a lane has been seen.
    private func tabled(_ lane: Lane) throws -> Int64? {
        let rows = try store.query(
            "SELECT max(sequence) FROM vector WHERE lane = ?", [.integer(Int64(lane.rawValue))])
        guard case .integer(let sequence) = rows.rows.first?.first else { return nil }
        return sequence
    }

    private func expectTheSameReopened(_ name: String = "") throws {
        let image = try store.image()
        #expect(image.violations == [], "\(name)")
        #expect(try store.reopened().image() == image, "\(name)")
    }

    @Test("changes no other table, and is known in full to whoever opens the replica")
    func cellsCarryTheState() throws {
        let writer = try #require(try store.image().writer)
        #expect(try tabled(.settings) == 2)
        for number in 1...3 {
            try store.set(1, ofRow: 1, to: "edit \(number)", at: Int64(number) * 1000)
            try expectTheSameReopened("edit \(number)")
        }
        #expect(try tabled(.settings) == 2)
        let reopened = try store.reopened()
        #expect(try reopened.summary().vectors[.settings][writer] == 5)
        #expect(try reopened.summary().clock.wallTime == WallTime(milliseconds: 3000))
        // The mark counts the writes: without all of them the next one would have another writer.
        try reopened.set(1, ofRow: 1, to: "goes on", at: 1)
        #expect(try reopened.image().writer == writer)
        #expect(try reopened.summary().vectors[.settings][writer] == 6)
    }

    @Test("is in the tables after the next transaction that is more than that")
    func otherTransactionsWriteTheTables() throws {
        try store.set(1, ofRow: 1, to: "one cell", at: 2)
        #expect(try tabled(.settings) == 2)
        try store.set(1, ofRow: 2, to: "a row and a cell", at: 3)
        #expect(try tabled(.settings) == 5)
        try store.count(1, at: 1)
        #expect(try tabled(.usage) == nil, "the clock of the counter is in the tables")
        let peer = try ReplicaStore.inMemory(2)
        try peer.set(1, ofRow: 3, to: "theirs", at: 4)
        try store.pull(from: peer)
        #expect(try tabled(.usage) == 1)
        try expectTheSameReopened()
    }

    @Test("is no less known if its cell says no time and an earlier one does")
    func unstampedCellsHideNoTime() throws {
        try store.set(1, ofRow: 1, to: "late", at: 5_000)
        try store.write(at: WallTime(milliseconds: 1)) { transaction in
            try transaction.put(
                CellDraft(
                    key: CellKey(
                        lane: .settings, collection: CollectionID(rawValue: 50), row: [],
                        field: FieldID(rawValue: 1)), kind: .fact,
                    value: CellValue.bool(true).encoded))
        }
        #expect(try store.reopened().summary().clock.wallTime == WallTime(milliseconds: 5_000))
        try expectTheSameReopened()
    }

    @Test("may be followed by anything", arguments: 1...20 as ClosedRange<UInt64>)
    func anyHistoryIsKnown(seed: UInt64) throws {
        var random = Seed(seed).generator
        let peer = try ReplicaStore.inMemory(2)
        for step: Int64 in 1...60 {
            let row = UInt8(random.next() % 4)
            switch random.next() % 10 {
            case 0: try store.delete(row: row, at: step)
            case 1: try store.pull(from: peer)
            case 2: try peer.set(1, ofRow: row, to: "theirs \(step)", at: step)
            case 3: try peer.pull(from: store)
            case 4, 5: try store.count(1, at: row)
            default: try store.set(UInt32(1 + step % 2), ofRow: row, to: "\(step)", at: step)
            }
            try expectTheSameReopened("seed \(seed), step \(step)")
        }
        try peer.pull(from: store)
        try store.pull(from: peer)
        #expect(try store.summary().digest == peer.summary().digest)
    }
}
