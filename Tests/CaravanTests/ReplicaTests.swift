import Caravan
import Testing

@Suite("A replica as an app uses it")
struct ReplicaTests {
    @Test("gives the present value of a query and the newer ones")
    func observesValues() async throws {
        let replica = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        var counts: [Int] = []
        for try await profiles in replica.values(of: .profiles) {
            counts.append(profiles.count)
            if profiles.count == 2 { break }
            let next = try ICCID("899999900000000101\(profiles.count)")
            try await replica.write { try $0.addProfile(next) }
        }
        #expect(counts == [0, 1, 2])
    }

    @Test("ends the values of a query when it is closed")
    func endsValues() async throws {
        let replica = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        var values = replica.values(of: .members).makeAsyncIterator()
        #expect(try await values.next()?.map(\.name) == ["phone"])
        try await replica.close()
        await #expect(throws: StoreError.self) {
            try await replica.write { try $0.setPeriod("2") }
        }
    }

    @Test("says which thresholds a record of usage passed")
    func crossesThresholds() async throws {
        let replica = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        try await replica.write {
            _ = try $0.grant(
                .megabytes(100), from: WallTime(milliseconds: 0),
                until: WallTime(milliseconds: .max))
        }
        let first = try await replica.recordUsage(UsageAmount(received: .megabytes(49)))
        #expect(first.crossed == [])
        let second = try await replica.recordUsage(UsageAmount(received: .megabytes(30)))
        #expect(second.crossed == Array(Share.alertThresholds.prefix(2)))
        #expect(second.remaining == .megabytes(100))
        #expect(try await replica.reserve(.megabytes(40)) >= .megabytes(40))
        await #expect(throws: FleetError.self) { try await replica.reserve(.megabytes(90)) }
    }

    @Test("answers SQL that reads, and no other")
    func answersQueries() async throws {
        let replica = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        let rows = try await replica.query(
            "SELECT count(*) AS n FROM cell WHERE kind = ?", [.integer(2)])
        #expect(rows.columns == ["n"])
        #expect(rows.rows == [[.integer(2)]])
        let before = try await replica.summary()
        for wrong in [
            "DELETE FROM cell", "SELECT 1; DELETE FROM cell", "nonsense", "SELECT ?",
            "PRAGMA user_version = 9", "ATTACH 'x' AS y", "BEGIN",
        ] {
            await #expect(throws: StoreError(.invalidQuery, ""), "\(wrong)") {
                try await replica.query(wrong)
            }
        }
        #expect(try await replica.summary() == before)
        let truncated = try await replica.query("SELECT * FROM cell", rowsMax: 1)
        #expect(truncated.isTruncated && truncated.rows.count == 1)
    }

    /// An app's own collection.
    private enum Trips: RowCollection {
        static let id: CollectionID = 1024
        static let name = "trips"
        static let rows = UniqueRows()

        static let title = Field<Trips, LastWriter<String>>(1, "title")
        static let stamps = Field<Trips, AddWinsSet<String>>(2, "stamps")
        static let days = Field<Trips, Counter>(3, "days")
        static let notes = Field<Trips, MultiValue<Int>>(4, "notes")
        static let marks = Field<Trips, AddWinsSet<Int>>(5, "marks")
        static let stage = Field<Trips, Lattice<Stage>>(6, "stage")
        static let fields: [any FieldOf<Trips>] = [title, stamps, days, notes, marks, stage]

        enum Stage: Int, LatticeState {
            case planned = -70_000
            case over = 300
            var rank: UInt64 { self == .planned ? 1 : 70_000 }
        }
    }

    @Test("shows its collections and an app's own as plain views")
    func hasViews() async throws {
        var configuration = Replica.Configuration()
        configuration.schema = try Schema.fleet.adding(Trips.self)
        let replica = try await Replica.inMemory(
            name: "phone", deviceClass: .phone, configuration: configuration)
        try await replica.write { fleet in
            try fleet.addProfile(
                try ICCID("8999999000000001014"), [.nickname: "Japan", .roaming: "true"])
            _ = try fleet.grant(
                .megabytes(100), from: WallTime(milliseconds: 0),
                until: WallTime(milliseconds: .max))
            _ = try fleet.reserve(.megabytes(1))
            try fleet.recordUsage(
                UsageAmount(received: .megabytes(7)), iccid: "89", epoch: 1 << 62 + 300,
                country: "JP")
            let trip = try fleet.cells.insert(into: Trips.self)
            try fleet.cells.set(Trips.title, of: trip, to: "Spring")
            try fleet.cells.add("Narita", to: Trips.stamps, of: trip)
            try fleet.cells.add("Haneda", to: Trips.stamps, of: trip)
            try fleet.cells.remove("Haneda", from: Trips.stamps, of: trip)
            try fleet.cells.increment(Trips.days, of: trip, by: 5)
            try fleet.cells.set(Trips.notes, of: trip, to: -7)
            try fleet.cells.add(-1_000_000, to: Trips.marks, of: trip)
            try fleet.cells.add(.max, to: Trips.marks, of: trip)
            try fleet.cells.advance(Trips.stage, of: trip, to: .over)
        }
        let profiles = try await replica.query("SELECT iccid, nickname, roaming, apn FROM profiles")
        #expect(
            profiles.rows == [[.text("8999999000000001014"), .text("Japan"), .integer(1), .null]])
        let usage = try await replica.query(
            "SELECT period, iccid, epoch, country, received, sent FROM usage")
        #expect(
            usage.rows == [
                [
                    .text("1"), .text("89"), .integer(1 << 62 + 300), .text("JP"),
                    .integer(7_000_000), .integer(0),
                ]
            ])
        let allocations = try await replica.query(
            "SELECT name, granted, reserved, used FROM allocations")
        #expect(
            allocations.rows == [
                [.text("phone"), .integer(100_000_000), .integer(1 << 20), .integer(7_000_000)]
            ])
        let trips = try await replica.query(
            "SELECT title, stamps, days, notes, marks, stage FROM trips")
        #expect(
            trips.rows == [
                [
                    .text("Spring"), .text("[\"Narita\"]"), .integer(5), .integer(-7),
                    .text("[9223372036854775807,-1000000]"), .integer(300),
                ]
            ])
        #expect(try await replica.read { try $0.cells.rows(of: Trips.self) }.count == 1)
    }

    @Test("is closed by the scope that opened it, also when that throws")
    func scopeCloses() async throws {
        struct Stop: Error {}
        try await TemporaryFolder.with { folder in
            try await Replica.create(at: folder, name: "phone", deviceClass: .phone).close()
            var configuration = Replica.Configuration()
            configuration.lostValues = .keep(3)
            let device = try await withReplica(at: folder, configuration: configuration) {
                $0.device
            }
            await #expect(throws: Stop.self) {
                try await withReplica(at: folder) { _ in throw Stop() }
            }
            #expect(try await withReplica(at: folder) { $0.device } == device)
        }
    }
}
