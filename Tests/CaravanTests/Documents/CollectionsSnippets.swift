import Caravan
import Testing

// Collections.md (1)
enum Mood: String, CellConvertible {
    case calm, tired
}

enum Trips: RowCollection {
    static let id: CollectionID = 1024
    static let name = "trips"
    static let rows = UniqueRows()

    static let title = Field<Trips, LastWriter<String>>(1, "title")
    static let stops = Field<Trips, AddWinsSet<String>>(2, "stops")
    static let kilometres = Field<Trips, Counter>(3, "kilometres")
    static let mood = Field<Trips, SingleWriter<Mood>>(4, "mood")
    static let fields: [any FieldOf<Trips>] = [title, stops, kilometres, mood]
}
// end

@Suite("An app's own collections")
struct CollectionsSnippets {
    @Test("are written, read, observed and queried as it is written")
    func work() async throws {
        try await TemporaryFolder.with { folder in
            let replica = try await make(folder)
            let trip = try await write(replica)
            #expect(try await read(replica) == ["Basel to Berlin"])
            #expect(try await observe(replica) == ["Basel to Berlin"])
            let rows = try await query(replica)
            #expect(rows.rows == [[.text("Basel to Berlin"), .text("[\"Freiburg\"]")]])
            #expect(try await replica.read { try $0.cells.exists(trip, in: Trips.self) })
            try await remove(trip, from: replica)
            #expect(try await read(replica) == ["Basel to Berlin"])
            try await replica.close()
        }
    }

    private func make(_ folder: String) async throws -> Replica {
        // Collections.md (2)
        var configuration = Replica.Configuration()
        configuration.schema = try Schema.fleet.adding(Trips.self)
        let replica = try await Replica.create(
            at: folder + "/phone", name: "phone", deviceClass: .phone,
            configuration: configuration)
        // end
        return replica
    }

    private func write(_ replica: Replica) async throws -> RowID {
        // Collections.md (3)
        let trip = try await replica.write { fleet in
            let trip = try fleet.cells.insert(into: Trips.self)
            try fleet.cells.set(Trips.title, of: trip, to: "Basel to Berlin")
            try fleet.cells.add("Freiburg", to: Trips.stops, of: trip)
            try fleet.cells.increment(Trips.kilometres, of: trip, by: 874)
            try fleet.cells.set(Trips.mood, of: trip, to: .calm)
            return trip
        }
        // end
        return trip
    }

    private func read(_ replica: Replica) async throws -> [String] {
        // Collections.md (4)
        let titles = try await replica.read { fleet in
            try fleet.cells.rows(of: Trips.self).map { $0[Trips.title] ?? "untitled" }
        }
        // end
        return titles
    }

    private func observe(_ replica: Replica) async throws -> [String] {
        // Collections.md (6)
        for try await titles in replica.values(of: .tripTitles) {
            print(titles.joined(separator: ", "))
            if titles.count == 1 { return titles }
        }
        // end
        return []
    }

    private func query(_ replica: Replica) async throws -> SQLRows {
        // Collections.md (7)
        let rows = try await replica.query(
            "SELECT title, stops FROM trips WHERE kilometres > ?", [.integer(500)])
        // end
        return rows
    }

    private func remove(_ trip: RowID, from replica: Replica) async throws {
        // Collections.md (8)
        try await replica.write { try $0.cells.delete(trip, from: Trips.self) }
        try await replica.write { try $0.cells.restore(trip, in: Trips.self) }
        // end
        try await replica.write { try $0.cells.set(Trips.title, of: trip, to: "Basel to Berlin") }
    }

    // Collections.md (9)
    enum Packing: RowCollection {
        static let id: CollectionID = 1025
        static let name = "packing"
        static let rows = NaturalRows<String>("item")

        static let isPacked = Field<Packing, LastWriter<Bool>>(1, "is_packed")
        static let fields: [any FieldOf<Packing>] = [isPacked]
    }

    enum Preferences: RowCollection {
        static let id: CollectionID = 1026
        static let name = "preferences"
        static let rows = StandingRows<OnlyRow>()

        static let currency = Field<Preferences, LastWriter<String>>(1, "currency")
        static let fields: [any FieldOf<Preferences>] = [currency]
    }
    // end

    @Test("are created by key, or stand for ever")
    func naturalAndStanding() async throws {
        let replica = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        // Collections.md (10)
        try await replica.write { fleet in
            try fleet.cells.insert("passport", into: Packing.self)
            try fleet.cells.set(Packing.isPacked, of: "passport", to: true)
            try fleet.cells.set(Preferences.currency, of: OnlyRow(), to: "CHF")
        }
        // end
        #expect(
            try await replica.read { try $0.cells.value(Preferences.currency, of: OnlyRow()) }
                == "CHF")
        #expect(
            try await replica.read { try $0.cells.value(Packing.isPacked, of: "passport") }
                == true)
    }

    /// The collection of the next version of the app.
    private enum NextVersion {
        // Collections.md (11)
        enum Trips: RowCollection {
            static let id: CollectionID = 1024
            static let name = "journeys"
            static let rows = UniqueRows()

            static let title = Field<Trips, LastWriter<String>>(1, "title")
            static let stops = Field<Trips, AddWinsSet<String>>(2, "stops")
            // 3 was kilometres: never to be used for anything else.
            static let mood = Field<Trips, SingleWriter<Mood>>(4, "mood")
            static let budget = Field<Trips, LastWriter<Int>>(5, "budget")
            static let fields: [any FieldOf<Trips>] = [title, stops, mood, budget]
        }
        // end
    }

    @Test("are exchanged between versions in both directions without loss")
    func versions() async throws {
        let (old, new) = try await SessionTests.pair()
        let trip = try await write(old)
        try meet(old, new)
        try await new.write { try $0.cells.set(NextVersion.Trips.budget, of: trip, to: 1200) }
        try meet(old, new)
        try await old.write { try $0.cells.increment(Trips.kilometres, of: trip, by: 1) }
        try meet(old, new)
        #expect(try await old.summary().digest == new.summary().digest)
        let budget = try await new.read { try $0.cells.value(NextVersion.Trips.budget, of: trip) }
        #expect(budget == 1200)
        let kilometres = try await old.read { try $0.cells.value(Trips.kilometres, of: trip) }
        #expect(kilometres == 875)
    }

    private func meet(_ one: Replica, _ other: Replica) throws {
        var near = one.session()
        var far = other.answeringSession()
        try SessionTests.exchange(&near, &far)
    }
}

// Collections.md (5)
extension Query where Cells == StoreSnapshot, Value == [String] {
    static var tripTitles: Self {
        Self("titles of trips") { fleet in
            try fleet.cells.rows(of: Trips.self).compactMap { $0[Trips.title] }
        }
    }
}
// end
