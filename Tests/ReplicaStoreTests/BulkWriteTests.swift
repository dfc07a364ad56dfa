import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

@Suite("Very many cells at once")
struct BulkWriteTests {
    let phone: ReplicaStore
    let laptop: ReplicaStore
    let tablet: ReplicaStore

    init() throws {
        phone = try .inMemory(1)
        laptop = try .inMemory(2, takesInBulk: true)
        tablet = try .inMemory(3)
    }

    private func schema(of store: ReplicaStore) throws -> [[SQLValue]] {
        try store.query("SELECT type, name, sql FROM sqlite_schema ORDER BY name").rows
    }

    /// Rows between others, with fields that win and that lose, and rows that are gone.
    private func write(to store: ReplicaStore, rows: [UInt8], at time: Int64) throws {
        for row in rows {
            for field: UInt32 in 1...3 {
                try store.set(field, ofRow: row, to: "\(field) of \(row) at \(time)", at: time)
            }
            try store.count(UInt64(row), at: row)
            if row.isMultiple(of: 5) { try store.delete(row: row, at: time + 1) }
        }
    }

    @Test("leave what the same cells leave that come as few")
    func sameAsFew() throws {
        let watch = try ReplicaStore.inMemory(4)
        try write(to: watch, rows: [2, 5, 9, 14], at: 50)
        try write(to: phone, rows: Array(1...30), at: 40)
        try write(to: phone, rows: [9, 14, 31], at: 60)
        let before = try schema(of: laptop)
        for receiver in [laptop, tablet] {
            try receiver.pull(from: watch)
            try receiver.pull(from: phone)
        }
        #expect(try laptop.image() == tablet.image())
        #expect(try laptop.image().violations == [])
        #expect(try !laptop.image().lost.isEmpty)
        #expect(try schema(of: laptop) == before)
    }

    @Test("that contradict each other leave everything as it was, the index over writes as well")
    func contradiction() throws {
        try write(to: laptop, rows: [1, 2], at: 1)
        let base = try laptop.summary().vectors[.settings]
        let (image, schema) = (try laptop.image(), try schema(of: laptop))
        let cells = (3...40).map {
            Cell.row($0, causalLength: 1, at: .at(50), by: .at(9, $0 == 40 ? 20 : UInt64($0)))
        }
        let segment = Segment(
            lane: .settings, base: base, claim: base.merging(.of((9, 40))), clock: .at(60),
            cells: cells)
        #expect(try code { _ = try laptop.apply(segment) } == .ruleBroken)
        #expect(try laptop.image() == image)
        #expect(try self.schema(of: laptop) == schema)
        _ = try laptop.apply(
            Segment(
                lane: .settings, base: base, claim: base.merging(.of((9, 40))), clock: .at(60),
                cells: cells.dropLast()))
        #expect(try laptop.image().violations == [])
        #expect(try self.schema(of: laptop) == schema)
    }

    @Test("are found by their writes afterwards")
    func found() throws {
        try write(to: phone, rows: Array(1...20), at: 1)
        let early = try phone.summary().vectors[.settings]
        try write(to: phone, rows: Array(10...25), at: 2)
        try laptop.pull(from: phone)
        #expect(
            try laptop.segment(of: .settings, since: early).cells
                == phone.segment(of: .settings, since: early).cells)
    }
}
