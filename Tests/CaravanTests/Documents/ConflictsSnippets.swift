import Caravan
import Testing

@Suite("Conflicts and lost values")
struct ConflictsSnippets {
    private let travel = SessionTests.travel

    /// Two replicas that have edited the same field apart, and met.
    private func conflict() async throws -> (phone: Replica, laptop: Replica) {
        let (phone, laptop) = try await SessionTests.pair()
        try await phone.write { [travel] in try $0.addProfile(travel, [.nickname: "Travel"]) }
        try meet(phone, laptop)
        try await phone.write { [travel] in try $0.setProfile(travel, .nickname, to: "Japan") }
        try await laptop.write { [travel] in try $0.setProfile(travel, .nickname, to: "Nippon") }
        try meet(phone, laptop)
        return (phone, laptop)
    }

    private func meet(_ phone: Replica, _ laptop: Replica) throws {
        var one = phone.session()
        var other = laptop.answeringSession()
        try SessionTests.exchange(&one, &other)
    }

    private func nickname(_ replica: Replica) async throws -> String? {
        try await replica.read { [travel] fleet in
            try fleet.profiles().first { $0.iccid == travel }?.fields[.nickname]
        }
    }

    @Test("keep what lost where the two writes met, and show it")
    func lostValuesAreShown() async throws {
        let (phone, laptop) = try await conflict()
        let outcome = try await nickname(phone)
        #expect(try await nickname(laptop) == outcome)
        let lost = outcome == "Japan" ? "Nippon" : "Japan"
        // Whoever answers sends first, so the two meet where the exchange began.
        let first = try await lines(phone).first
        #expect(first?.hasPrefix("profiles.nickname: '\(lost)' of ") == true)
    }

    private func lines(_ replica: Replica) async throws -> [String] {
        // Conflicts.md (1)
        let schema = replica.schema
        let lines = try await replica.lostValues().map { lost in
            let collection = schema[lost.key.collection]
            let field = collection?[lost.key.field]
            let text = CellValue(encoded: lost.value)?.description ?? "of a newer version"
            return "\(collection?.name ?? "?").\(field?.name ?? "?"): '\(text)' "
                + "of \(lost.timestamp.wallTime) (\(lost.reason.rawValue))"
        }
        // end
        return lines
    }

    @Test("restore a value as a write of now, for all")
    func valueIsRestored() async throws {
        let (phone, laptop) = try await conflict()
        let before = try await nickname(phone)
        try await restore(phone)
        #expect(try await nickname(phone) != before)
        try meet(phone, laptop)
        #expect(try await nickname(laptop) == nickname(phone))
    }

    private func restore(_ replica: Replica) async throws {
        // Conflicts.md (2)
        if let lost = try await replica.lostValues().first {
            try await replica.restore(lost)
        }
        // end
    }

    @Test("restore what went with a deleted row once the row is back")
    func rowIsRestored() async throws {
        let (phone, laptop) = try await SessionTests.pair()
        try await phone.write { [travel] in try $0.addProfile(travel, [.nickname: "Travel"]) }
        try meet(phone, laptop)
        try await phone.write { [travel] in try $0.removeProfile(travel) }
        try await laptop.write { [travel] in try $0.setProfile(travel, .nickname, to: "Nippon") }
        try meet(phone, laptop)
        #expect(try await nickname(phone) == nil)
        try await bringBack(phone, travel)
        #expect(try await nickname(phone) == "Nippon")
    }

    private func bringBack(_ replica: Replica, _ travel: ICCID) async throws {
        // Conflicts.md (3)
        let lost = try await replica.lostValues().filter { $0.reason == .rowDeleted }
        try await replica.write { fleet in
            try fleet.addProfile(travel)
            for value in lost { try fleet.restore(value) }
        }
        // end
    }

    // Conflicts.md (4)
    enum Bookings: RowCollection {
        static let id: CollectionID = 1030
        static let name = "bookings"
        static let rows = NaturalRows<String>("hotel")

        static let checkIn = Field<Bookings, MultiValue<String>>(1, "check_in")
        static let fields: [any FieldOf<Bookings>] = [checkIn]
    }
    // end

    @Test("keep both values of a field that asks for a decision")
    func bothValuesAreKept() async throws {
        let (phone, laptop) = try await SessionTests.pair()
        for (replica, time) in [(phone, "16:00"), (laptop, "22:30")] {
            try await replica.write { fleet in
                try fleet.cells.insert("Baur", into: Bookings.self)
                try fleet.cells.set(Bookings.checkIn, of: "Baur", to: time)
            }
        }
        try meet(phone, laptop)
        #expect(try await decide(phone) == ["16:00", "22:30"])
        try meet(phone, laptop)
        #expect(try await decide(laptop) == [])
    }

    private func decide(_ replica: Replica) async throws -> Set<String> {
        // Conflicts.md (5)
        let times = try await replica.read {
            try $0.cells.value(Bookings.checkIn, of: "Baur")
        }
        if times.isConflict, let latest = times.effective {
            // Somebody has decided; the write takes the place of all that were seen.
            try await replica.write {
                try $0.cells.set(Bookings.checkIn, of: "Baur", to: latest)
            }
        }
        // end
        return times.isConflict ? Set(times.all) : []
    }
}
