import CausalTime
import ReplicaModel
import SyncTestKit
import Testing

/// The trips of an app, as its first version knew them.
private enum Trips: RowCollection {
    static let id: CollectionID = 1024
    static let name = "trips"
    static let rows = UniqueRows()

    static let title = Field<Trips, LastWriter<String>>(1, "title")
    static let mood = Field<Trips, LastWriter<Mood>>(2, "mood")
    static let fields: [any FieldOf<Trips>] = [title, mood]

    enum Mood: String, CellConvertible { case calm, tired }
}

/// The same, one version later: another field, another mood, another collection.
private enum LaterTrips: RowCollection {
    static let id: CollectionID = 1024
    static let name = "trips"
    static let rows = UniqueRows()

    static let title = Field<LaterTrips, LastWriter<String>>(1, "title")
    static let mood = Field<LaterTrips, LastWriter<Mood>>(2, "mood")
    static let stamps = Field<LaterTrips, AddWinsSet<String>>(3, "stamps")
    static let fields: [any FieldOf<LaterTrips>] = [title, mood, stamps]

    enum Mood: String, CellConvertible { case calm, tired, excited }
}

private enum Seats: RowCollection {
    static let id: CollectionID = 1025
    static let name = "seats"
    static let rows = NaturalRows<String>("place")

    static let count = Field<Seats, Counter>(1, "uses")
    static let fields: [any FieldOf<Seats>] = [count]
}

@Suite("Collections that an app declares")
struct SchemaTests {
    @Test("Rows are created, edited, deleted and brought back empty")
    func rowsLiveAndDie() throws {
        let replica = try SmallWorlds<Void, Int>.start()[0]
        let trip = try replica.insert(into: Trips.self)
        try replica.set(Trips.title, of: trip, to: "Japan")
        #expect(try replica.rows(of: Trips.self).map { $0[Trips.title] } == ["Japan"])
        #expect(try replica.delete(trip, from: Trips.self))
        #expect(try !replica.exists(trip, in: Trips.self))
        #expect(throws: SchemaError.self) { try replica.set(Trips.title, of: trip, to: "x") }
        #expect(try replica.restore(trip, in: Trips.self))
        #expect(try replica.value(Trips.title, of: trip) == nil)

        try replica.insert("12A", into: Seats.self)
        try replica.increment(Seats.count, of: "12A", by: 3)
        try replica.delete("12A", from: Seats.self)
        try replica.insert("12A", into: Seats.self)
        #expect(try replica.value(Seats.count, of: "12A") == 0)
    }

    @Test("Two versions of a schema sync in both directions and lose nothing")
    func versionsMix() throws {
        let replicas = try SmallWorlds<Void, Int>.start()
        let (old, new) = (replicas[0], replicas[1])
        let trip = try old.insert(into: Trips.self)
        try old.set(Trips.title, of: trip, to: "Japan")
        try SmallWorlds<Void, Int>.pull(new, from: old)
        try new.add("Narita", to: LaterTrips.stamps, of: trip)
        try new.set(LaterTrips.mood, of: trip, to: .excited)
        try new.insert("12A", into: Seats.self)

        // The old version keeps what it does not know, and passes it on to a third device.
        try SmallWorlds<Void, Int>.pull(old, from: new)
        #expect(try old.value(Trips.mood, of: trip) == nil)
        try old.set(Trips.title, of: trip, to: "Nippon")
        try SmallWorlds<Void, Int>.pull(replicas[2], from: old)
        #expect(try replicas[2].value(LaterTrips.mood, of: trip) == .excited)
        #expect(try replicas[2].value(LaterTrips.stamps, of: trip) == ["Narita"])
        #expect(try replicas[2].exists("12A", in: Seats.self))
        try SmallWorlds<Void, Int>.pull(new, from: old)
        #expect(try new.value(LaterTrips.title, of: trip) == "Nippon")
        #expect(new.digest == old.digest)
    }

    @Test("Cells of a kind that nobody knows yet are kept and passed on as they are")
    func unknownKindsTravel() throws {
        let replicas = try SmallWorlds<Void, Int>.start()
        let key = CellKey(
            lane: .settings, collection: 2000, row: [1], field: FieldID(rawValue: 4))
        try replicas[0].write(CellDraft(key: key, kind: .unknown(66), value: [1, 2, 3]))
        try replicas[0].write(CellDraft(key: key, kind: .unknown(66), value: [4]))
        try SmallWorlds<Void, Int>.pull(replicas[1], from: replicas[0])
        try SmallWorlds<Void, Int>.pull(replicas[2], from: replicas[1])
        let held = replicas[2].sortedCells.filter { $0.key.collection == 2000 }
        #expect(held.map(\.value) == [[4]])
        #expect(replicas[2].digest == replicas[0].digest)
    }

    @Test("A schema that contradicts itself is refused, saying where")
    func contradictionsAreRefused() throws {
        let schema = try Schema([]).adding(Trips.self).adding(Seats.self)
        #expect(schema.collections.map(\.name) == ["trips", "seats"])
        #expect(schema[1025]?.rows.key.map(\.name) == ["place"])
        #expect(throws: SchemaError.self) { try schema.adding(LaterTrips.self) }
        let wrong: [(String, CollectionDescription)] = [
            ("no name", described("trips!", fields: [])),
            ("number", described("trips", fields: [field(0, "a")])),
            ("taken", described("trips", fields: [field(1, "a"), field(1, "b")])),
            ("two columns", described("trips", fields: [field(1, "a"), field(2, "a")])),
        ]
        for (part, collection) in wrong {
            do {
                _ = try Schema([collection])
                Issue.record("\(part) was not noticed")
            } catch {
                #expect(error.code == .invalidSchema && error.description.contains(part))
            }
        }
    }

    @Test(
        "A schema may be renamed, extended and thinned out, and takes the place of the former one")
    func successorsAreAccepted() throws {
        let former = try Schema([]).adding(Trips.self).adding(Seats.self)
        try former.check(continues: former)
        try Schema([]).adding(LaterTrips.self).adding(Seats.self).check(continues: former)
        try Schema([]).adding(LaterTrips.self).check(continues: former)
        try Schema([]).check(continues: former)
        let renamed = described("journeys", fields: [field(1, "heading")])
        try Schema([renamed]).check(
            continues: Schema([described("trips", fields: [field(1, "title")])]))
        #expect(throws: Never.self, "a device with more may meet one with less") {
            try former.check(continues: Schema([]).adding(LaterTrips.self))
        }
    }

    @Test("A schema that gives a number another meaning is refused, saying which")
    func otherMeaningsAreRefused() throws {
        let title = field(1, "title")
        let former = try Schema([described("trips", fields: [title, field(2, "mood")])])
        func changed(
            _ fields: [FieldDescription], in lane: Lane = .settings,
            rows existence: RowsDescription.Existence = .standing, key: [KeyColumn] = []
        ) -> CollectionDescription {
            CollectionDescription(
                1024, "trips", in: lane, rows: RowsDescription(existence, key: key), fields: fields)
        }
        func typed(
            _ kind: MergeKind, item: FieldDescription.Item = .none,
            _ content: FieldDescription.Content
        ) -> FieldDescription {
            FieldDescription(
                FieldID(rawValue: 1), "title", type: "Other", kind: kind, item: item,
                content: content)
        }
        let wrong: [(String, CollectionDescription)] = [
            ("'trips' (number 1024) was in lane settings", changed([title], in: .usage)),
            ("rows of 'trips' was standing", changed([title], rows: .natural)),
            (
                "key of 'trips' was ()",
                changed([title], key: [KeyColumn("place", .text, coding: .value)])
            ),
            ("field 1 'title' of 'trips'", changed([typed(.counter, .amount)])),
            ("field 1 'title' of 'trips'", changed([typed(.register, .value(.integer))])),
            ("field 1 'title' of 'trips'", changed([typed(.sibling, .value(.text))])),
            (
                "field 1 'title' of 'trips'",
                changed([typed(.register, item: .device, .value(.text))])
            ),
        ]
        for (part, collection) in wrong {
            let schema = try Schema([collection])
            do {
                try schema.check(continues: former)
                Issue.record("\(part): not noticed")
            } catch {
                #expect(error.code == .invalidSchema)
                #expect(error.description.contains(part), "\(error)")
            }
        }
    }

    private func described(
        _ name: String, fields: [FieldDescription]
    ) -> CollectionDescription {
        CollectionDescription(
            1024, name, in: .settings, rows: RowsDescription(.standing, key: []), fields: fields)
    }

    private func field(_ number: UInt32, _ name: String) -> FieldDescription {
        FieldDescription(
            FieldID(rawValue: number), name, type: "LastWriter<text>", kind: .register,
            content: .value(.text))
    }
}
