import ReplicaModel
import SyncTestKit
import Testing

private enum Notes: RowCollection {
    static let id: CollectionID = 1040
    static let name = "notes"
    static let rows = NaturalRows<String>("title")

    static let text = Field<Notes, LastWriter<String>>(1, "text")
    static let tags = Field<Notes, AddWinsSet<String>>(2, "tags")
    static let fields: [any FieldOf<Notes>] = [text, tags]
}

private enum Marks: RowCollection {
    static let id: CollectionID = 1041
    static let name = "marks"
    static let rows = StandingRows<String>("place")

    static let count = Field<Marks, Counter>(1, "count")
    static let fields: [any FieldOf<Marks>] = [count]
}

/// The limits as an app meets them.
@Suite("What is too long for a cell")
struct LengthTests {
    private static let keyMax = 511
    private static let textMax = 65_535

    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test("what is as long as it may be is kept")
    func longest() throws {
        let replica = ModelReplica(1)
        let key = Self.text(Self.keyMax)
        try replica.insert(key, into: Notes.self)
        try replica.set(Notes.text, of: key, to: Self.text(Self.textMax))
        try replica.add(key, to: Notes.tags, of: key)
        try replica.increment(Marks.count, of: key, by: 1)
        #expect(try replica.value(Notes.text, of: key)?.utf8.count == Self.textMax)
        #expect(try replica.value(Notes.tags, of: key) == [key])
        #expect(try replica.value(Marks.count, of: key) == 1)
    }

    @Test("of a byte more only that is named, with the limit that an app sees")
    func tooLong() throws {
        let replica = ModelReplica(1)
        try replica.insert("a", into: Notes.self)
        let key = Self.text(Self.keyMax + 1)
        #expect(throws: Self.error("a key of 512 bytes in 'notes'; 511 fit")) {
            try replica.insert(key, into: Notes.self)
        }
        #expect(throws: Self.error("a key of 512 bytes in 'marks'; 511 fit")) {
            try replica.increment(Marks.count, of: key, by: 1)
        }
        #expect(throws: Self.error("an element of 512 bytes in 'notes.tags'; 511 fit")) {
            try replica.add(key, to: Notes.tags, of: "a")
        }
        #expect(throws: Self.error("a value of 65536 bytes in 'notes.text'; 65535 fit")) {
            try replica.set(Notes.text, of: "a", to: Self.text(Self.textMax + 1))
        }
    }

    private static func error(_ text: String) -> SchemaError { SchemaError(.tooLong, text) }
}
