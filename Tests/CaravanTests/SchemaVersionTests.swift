import Caravan
import Foundation
import Testing

/// Devices whose apps are a version apart.
@Suite("Schemas a version apart")
struct SchemaVersionTests {
    @Test("sync in both directions through an older device, which loses nothing of the newer one's")
    func olderDevicesLoseNothing() async throws {
        let fleet = try await VersionedFleet()
        let trip = try await fleet.newer.write { try Self.plan($0) }
        try fleet.exchange(fleet.newer, fleet.older)

        // The older one says what it understands, edits it, restarts, and passes everything on.
        let known = try await fleet.older.read { try $0.cells.row(trip, of: Trips1.self) }
        #expect(known?[Trips1.title] == "Japan")
        #expect(known?[Trips1.mood] == nil, "a mood that it has never heard of")
        try await fleet.older.write { try $0.cells.set(Trips1.title, of: trip, to: "Nippon") }
        try await fleet.restartOlder()
        try fleet.exchange(fleet.older, fleet.third)
        try fleet.exchange(fleet.older, fleet.newer)

        for replica in [fleet.newer, fleet.third] {
            let row = try await replica.read { try $0.cells.row(trip, of: Trips2.self) }
            #expect(row?[Trips2.title] == "Nippon")
            #expect(row?[Trips2.mood] == .excited)
            #expect(row?[Trips2.stamps] == ["Narita"])
            #expect(row?[Trips2.nights] == 5)
            #expect(row?[Trips2.stage] == .booked)
            let seats = try await replica.read { try $0.cells.rows(of: Seats2.self) }
            #expect(seats.map(\.key) == ["12A"] && seats.map { $0[Seats2.uses] } == [3])
        }
        try await fleet.expectLevel()
    }

    @Test("show each device the views of its own schema")
    func viewsAreOfTheirSchema() async throws {
        let fleet = try await VersionedFleet()
        _ = try await fleet.newer.write { try Self.plan($0) }
        try fleet.exchange(fleet.newer, fleet.older)
        let old = try await fleet.older.query("SELECT * FROM trips")
        #expect(old.columns == ["id", "title", "mood"])
        // A view says what is stored, also where the app has no name for it yet.
        #expect(old.rows.map { Array($0.dropFirst()) } == [[.text("Japan"), .text("excited")]])
        await #expect(throws: StoreError(.invalidQuery, "")) {
            try await fleet.older.query("SELECT * FROM seats")
        }
        let new = try await fleet.newer.query(
            "SELECT title, mood, stamps, nights, stage FROM trips")
        #expect(
            new.rows == [
                [
                    .text("Japan"), .text("excited"), .text("[\"Narita\"]"), .integer(5),
                    .text("booked"),
                ]
            ])
        #expect(
            try await fleet.newer.query("SELECT place, uses FROM seats").rows
                == [[.text("12A"), .integer(3)]])
    }

    @Test("delete on an older device whole rows, with fields that it does not know")
    func olderDevicesDelete() async throws {
        let fleet = try await VersionedFleet()
        let trip = try await fleet.newer.write { try Self.plan($0) }
        try fleet.exchange(fleet.newer, fleet.older)
        try fleet.exchange(fleet.older, fleet.third)
        try await fleet.older.write { _ = try $0.cells.delete(trip, from: Trips1.self) }
        // Meanwhile the newer one goes on with what only it knows: the deletion wins.
        try await fleet.newer.write { try $0.cells.add("Haneda", to: Trips2.stamps, of: trip) }
        try await fleet.restartOlder()
        for (one, other) in [
            (fleet.older, fleet.third), (fleet.older, fleet.newer), (fleet.newer, fleet.third),
        ] { try fleet.exchange(one, other) }
        for replica in [fleet.older, fleet.newer, fleet.third] {
            let left = try await replica.query(
                "SELECT count(*) FROM cell WHERE collection = 1024 AND field > 0")
            #expect(left.rows == [[.integer(0)]])
        }
        // Brought back by the older one, the row is empty for all.
        try await fleet.older.write { _ = try $0.cells.restore(trip, in: Trips1.self) }
        try fleet.exchange(fleet.older, fleet.newer)
        let back = try await fleet.newer.read { try $0.cells.row(trip, of: Trips2.self) }
        #expect(back?[Trips2.title] == nil && back?[Trips2.stamps] == [])
        try fleet.exchange(fleet.older, fleet.third)
        try await fleet.expectLevel()
    }

    @Test("may be brought up to date, and back: everything is there that was kept meanwhile")
    func devicesAreUpdated() async throws {
        let fleet = try await VersionedFleet()
        let trip = try await fleet.newer.write { try Self.plan($0) }
        try fleet.exchange(fleet.newer, fleet.older)
        try await fleet.restartOlder(as: VersionedFleet.schema2())
        let row = try await fleet.older.read { try $0.cells.row(trip, of: Trips2.self) }
        #expect(row?[Trips2.mood] == .excited && row?[Trips2.stamps] == ["Narita"])
        #expect(
            try await fleet.older.query("SELECT stamps FROM trips").rows
                == [[.text("[\"Narita\"]")]])
        try await fleet.older.write { try $0.cells.remove("Narita", from: Trips2.stamps, of: trip) }
        try await fleet.restartOlder(as: VersionedFleet.schema1())
        try await fleet.older.write { try $0.cells.set(Trips1.mood, of: trip, to: .calm) }
        try fleet.exchange(fleet.older, fleet.newer)
        try fleet.exchange(fleet.older, fleet.third)
        let changed = try await fleet.newer.read { try $0.cells.row(trip, of: Trips2.self) }
        #expect(changed?[Trips2.stamps] == [] && changed?[Trips2.mood] == .calm)
        try await fleet.expectLevel()
    }

    @Test("carry cells of kinds that only later software knows, and forget with them around")
    func laterKindsTravel() async throws {
        let fleet = try await VersionedFleet()
        let trip = try await fleet.newer.write { try Self.plan($0) }
        let kinds: [MergeKind] = [64, 65, 66, 67, 100, 127].map { .unknown($0) }
        for replica in [fleet.newer, fleet.third] {
            try fleet.exchange(fleet.newer, fleet.third)
            try await replica.write { fleet in
                for (number, kind) in kinds.enumerated() {
                    let key = CellKey(
                        lane: .settings, collection: Trips2.id, row: trip.bytes,
                        field: FieldID(rawValue: UInt32(100 + number)))
                    try fleet.cells.put(
                        CellDraft(
                            key: key, kind: kind, causalLength: 1,
                            context: kind.hasContext
                                ? fleet.cells.vectors[.settings] : VersionVector(),
                            value: [UInt8(number), 200]))
                }
            }
        }
        for _ in 0..<3 {
            for other in [fleet.newer, fleet.third] {
                try fleet.exchange(fleet.older, other)
            }
            try await fleet.restartOlder()
            // What everyone has seen is forgotten; what nobody here understands is not.
            try await fleet.older.write { fleet in
                for lane in Lane.all { try fleet.cells.proposeCut(of: lane) }
            }
        }
        for other in [fleet.newer, fleet.third, fleet.newer] {
            try fleet.exchange(fleet.older, other)
        }
        for replica in [fleet.older, fleet.newer, fleet.third] {
            let held = try await replica.query(
                "SELECT count(*) FROM cell WHERE kind BETWEEN 64 AND 127")
            #expect(held.rows == [[.integer(12)]], "of two writers, six each")
        }
        try await fleet.expectLevel()
    }

    /// A trip as only the newer version knows it.
    private static func plan(_ fleet: FleetChanges<StoreTransaction>) throws -> RowID {
        let trip = try fleet.cells.insert(into: Trips2.self)
        try fleet.cells.set(Trips2.title, of: trip, to: "Japan")
        try fleet.cells.set(Trips2.mood, of: trip, to: .excited)
        try fleet.cells.add("Narita", to: Trips2.stamps, of: trip)
        try fleet.cells.increment(Trips2.nights, of: trip, by: 5)
        try fleet.cells.advance(Trips2.stage, of: trip, to: .booked)
        try fleet.cells.insert("12A", into: Seats2.self)
        try fleet.cells.increment(Seats2.uses, of: "12A", by: 3)
        return trip
    }
}

/// Two devices with the newer schema, which only meet through one with the older.
private final class VersionedFleet {
    let newer: Replica
    let third: Replica
    private(set) var older: Replica
    private let folder = NSTemporaryDirectory() + "versions-" + UUID().uuidString

    static func schema1() throws -> Schema { try Schema.fleet.adding(Trips1.self) }

    static func schema2() throws -> Schema {
        let schema = try Schema.fleet.adding(Trips2.self).adding(Seats2.self)
        try schema.check(continues: schema1())
        return schema
    }

    init() async throws {
        let one = Self.configuration(try Self.schema1())
        let two = Self.configuration(try Self.schema2())
        newer = try await Replica.inMemory(name: "newer", deviceClass: .phone, configuration: two)
        third = try await Replica.inMemory(
            fleet: newer.fleet, name: "third", deviceClass: .watch, configuration: two)
        older = try await Replica.create(
            at: folder, fleet: newer.fleet, name: "older", deviceClass: .laptop, configuration: one)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch { print(error) }
    }

    private static func configuration(_ schema: Schema) -> Replica.Configuration {
        var configuration = Replica.Configuration()
        configuration.schema = schema
        return configuration
    }

    func restartOlder(as schema: Schema? = nil) async throws {
        try await older.close()
        older = try Replica.open(
            at: folder, configuration: Self.configuration(schema ?? Self.schema1()))
    }

    func exchange(_ one: Replica, _ other: Replica) throws {
        var (calling, answering) = (one.session(), other.answeringSession())
        try SessionTests.exchange(&calling, &answering)
        #expect(calling.isSynchronized && answering.isSynchronized)
    }

    /// Expects all to be the same once they have met.
    func expectLevel() async throws {
        for _ in 0..<2 { for other in [newer, third] { try exchange(older, other) } }
        for replica in [older, third] {
            #expect(try await replica.summary().vectors == newer.summary().vectors)
            #expect(try await replica.summary().digest == newer.summary().digest)
        }
    }
}

/// The trips of an app's first version.
private enum Trips1: RowCollection {
    static let id: CollectionID = 1024
    static let name = "trips"
    static let rows = UniqueRows()

    static let title = Field<Trips1, LastWriter<String>>(1, "title")
    static let mood = Field<Trips1, LastWriter<Mood>>(2, "mood")
    static let fields: [any FieldOf<Trips1>] = [title, mood]

    enum Mood: String, CellConvertible { case calm, tired }
}

/// The same, one version later: more fields, another mood.
private enum Trips2: RowCollection {
    static let id: CollectionID = 1024
    static let name = "trips"
    static let rows = UniqueRows()

    static let title = Field<Trips2, LastWriter<String>>(1, "title")
    static let mood = Field<Trips2, LastWriter<Mood>>(2, "mood")
    static let stamps = Field<Trips2, AddWinsSet<String>>(3, "stamps")
    static let nights = Field<Trips2, Counter>(4, "nights")
    static let stage = Field<Trips2, Lattice<Stage>>(5, "stage")
    static let fields: [any FieldOf<Trips2>] = [title, mood, stamps, nights, stage]

    enum Mood: String, CellConvertible { case calm, tired, excited }

    enum Stage: String, LatticeState {
        case planned, booked
        var rank: UInt64 { self == .planned ? 0 : 1 }
    }
}

/// A collection that the first version did not have.
private enum Seats2: RowCollection {
    static let id: CollectionID = 1025
    static let name = "seats"
    static let rows = NaturalRows<String>("place")

    static let uses = Field<Seats2, Counter>(1, "uses")
    static let fields: [any FieldOf<Seats2>] = [uses]
}
