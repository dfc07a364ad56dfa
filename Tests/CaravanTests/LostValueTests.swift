import Caravan
import Testing

/// Values that lost are written again, and only where that makes sense.
@Suite("Restoring a lost value")
struct LostValueTests {
    private static let travel = SessionTests.travel

    private static func meet(_ one: Replica, _ other: Replica) throws {
        var near = one.session()
        var far = other.answeringSession()
        try SessionTests.exchange(&near, &far)
    }

    private static func nickname(_ replica: Replica) async throws -> String? {
        try await replica.read { fleet in
            try fleet.profiles().first { $0.iccid == travel }?.fields[.nickname]
        }
    }

    /// Two replicas that edited a field apart, and what lost; which of the two it was is open.
    private static func lost() async throws -> (phone: Replica, laptop: Replica, LostValue) {
        let (phone, laptop) = try await SessionTests.pair()
        try await phone.write { try $0.addProfile(travel, [.nickname: "Travel"]) }
        try meet(phone, laptop)
        try await phone.write { try $0.setProfile(travel, .nickname, to: "Japan") }
        try await laptop.write { try $0.setProfile(travel, .nickname, to: "Nippon") }
        try meet(phone, laptop)
        return (phone, laptop, try #require(try await phone.lostValues().first))
    }

    @Test("writes it over what won, on every replica")
    func restores() async throws {
        let (phone, laptop, lost) = try await Self.lost()
        let text = try #require(CellValue(encoded: lost.value)).description
        #expect(["Japan", "Nippon"].contains(text))
        #expect(try await Self.nickname(phone) != text)
        #expect(try await phone.restore(lost))
        #expect(try await Self.nickname(phone) == text)
        // What stands there already is not written again.
        let before = try await phone.summary()
        #expect(try await !phone.restore(lost))
        #expect(try await phone.summary() == before)
        try Self.meet(phone, laptop)
        #expect(try await Self.nickname(laptop) == text)
    }

    @Test("is refused while its row is deleted, and done once the row is back")
    func needsTheRow() async throws {
        let (phone, _, lost) = try await Self.lost()
        try await phone.write { try $0.removeProfile(Self.travel) }
        let before = try await phone.summary()
        let error = await #expect(throws: SchemaError.self) { try await phone.restore(lost) }
        #expect(error?.code == .noSuchRow)
        #expect(try await phone.summary() == before)
        try await phone.write { fleet in
            try fleet.addProfile(Self.travel)
            try fleet.restore(lost)
        }
        let text = CellValue(encoded: lost.value)?.description
        #expect(try await Self.nickname(phone) == text)
    }

    private enum Notes: RowCollection {
        static let id: CollectionID = 1040
        static let name = "notes"
        static let rows = NaturalRows<String>("place")

        static let text = Field<Notes, MultiValue<String>>(1, "text")
        static let tags = Field<Notes, AddWinsSet<String>>(2, "tags")
        static let log = Field<Notes, Ring<String>>(3, "log")
        static let seen = Field<Notes, SingleWriter<String>>(4, "seen")
        static let owner = Field<Notes, Exclusive<DeviceID>>(5, "owner")
        static let title = Field<Notes, LastWriter<String>>(6, "title")
        static let fields: [any FieldOf<Notes>] = [text, tags, log, seen, owner, title]
    }

    /// A phone whose row was deleted while the laptop wrote in it, and is back.
    private static func notes() async throws -> (phone: Replica, laptop: Replica, [LostValue]) {
        var configuration = Replica.Configuration()
        configuration.schema = try Schema.fleet.adding(Notes.self)
        let phone = try await Replica.inMemory(
            name: "phone", deviceClass: .phone, configuration: configuration)
        let laptop = try await Replica.inMemory(
            fleet: phone.fleet, name: "laptop", deviceClass: .laptop)
        try await phone.write { try $0.cells.insert("Baur", into: Notes.self) }
        try meet(phone, laptop)
        try await phone.write { try $0.cells.delete("Baur", from: Notes.self) }
        try await laptop.write { fleet in
            try fleet.cells.set(Notes.text, of: "Baur", to: "by the lake")
            try fleet.cells.add("hotel", to: Notes.tags, of: "Baur")
            try fleet.cells.append("called", to: Notes.log, of: "Baur")
            try fleet.cells.set(Notes.seen, of: "Baur", to: "yes")
            try fleet.cells.override(Notes.owner, of: "Baur", to: fleet.device, term: 1)
        }
        try meet(phone, laptop)
        try await phone.write { try $0.cells.restore("Baur", in: Notes.self) }
        return (phone, laptop, try await phone.lostValues())
    }

    @Test("writes a register of a collection that the schema does not name, and nothing else of it")
    func restoresUnnamedRegisters() async throws {
        let (phone, laptop) = try await SessionTests.pair()
        try await phone.write { try $0.cells.insert("Baur", into: Notes.self) }
        try Self.meet(phone, laptop)
        // Of writes in one millisecond that of the device that wrote more often is the later one.
        let titles = [(laptop, "Hotel Baur"), (phone, "Baur"), (phone, "Baur au Lac")]
        for (replica, text) in titles {
            try await replica.write { fleet in
                try fleet.cells.set(Notes.title, of: "Baur", to: text)
                try fleet.cells.set(Notes.text, of: "Baur", to: text)
            }
        }
        try Self.meet(phone, laptop)
        let lost = try #require(
            try await laptop.lostValues().first { $0.key.field.rawValue == 6 })
        let text = CellValue(encoded: lost.value)?.description
        #expect(lost.kind == .register && lost.causalLength == 1)
        #expect(try await Self.title(laptop) != text)
        #expect(try await laptop.restore(lost))
        #expect(try await !laptop.restore(lost))
        #expect(try await Self.title(laptop) == text)
        try Self.meet(phone, laptop)
        #expect(try await Self.title(phone) == text)

        try await phone.write { try $0.cells.delete("Baur", from: Notes.self) }
        try Self.meet(phone, laptop)
        let error = await #expect(throws: SchemaError.self) { try await laptop.restore(lost) }
        #expect(error?.code == .noSuchRow)
        // The title that the phone's deletion took with it is no sibling, the text is.
        let sibling = try #require(try await phone.lostValues().first { $0.kind == .sibling })
        await #expect(throws: SchemaError.self) { try await phone.restore(sibling) }
    }

    private static func title(_ replica: Replica) async throws -> String? {
        try await replica.read { try $0.cells.row("Baur", of: Notes.self)?[Notes.title] }
    }

    @Test("writes values and elements of sets, and nothing that is another device's")
    func restoresByType() async throws {
        let (phone, laptop, lost) = try await Self.notes()
        #expect(Set(lost.map(\.key.field.rawValue)) == [1, 2, 3, 4, 5])
        var refused: [UInt32: SchemaError.Code] = [:]
        for value in lost {
            do {
                try await phone.restore(value)
            } catch let error as SchemaError {
                refused[value.key.field.rawValue] = error.code
            }
        }
        #expect(refused == [3: .notRestorable, 4: .notOwner, 5: .notRestorable])
        let row = try await phone.read { try $0.cells.row("Baur", of: Notes.self) }
        #expect(row?[Notes.text].all == ["by the lake"])
        #expect(row?[Notes.tags] == ["hotel"])
        #expect(row?[Notes.log] == [:] && row?[Notes.seen] == [:])
        // The laptop knows what it said of itself, but its schema does not name the collection.
        try Self.meet(phone, laptop)
        let own = try #require(lost.first { $0.key.field.rawValue == 4 })
        await #expect(throws: SchemaError.self) { try await laptop.restore(own) }
        let schema = phone.schema
        try await laptop.write { try $0.restore(own, describedBy: schema) }
        let seen = try await laptop.read { try $0.cells.value(Notes.seen, of: "Baur") }
        #expect(seen == [laptop.device: "yes"])
    }
}
