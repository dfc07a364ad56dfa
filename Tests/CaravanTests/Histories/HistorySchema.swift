import Caravan

/// What the app of a history keeps: a field of every type, in rows of both kinds and two lanes.
enum Tours: RowCollection {
    static let id: CollectionID = 1024
    static let name = "trips"
    static let rows = UniqueRows()

    static let title = Field<Tours, LastWriter<String>>(1, "title")
    static let notes = Field<Tours, MultiValue<Int>>(2, "notes")
    static let stamps = Field<Tours, AddWinsSet<String>>(3, "stamps")
    static let visited = Field<Tours, GrowOnlySet<String>>(4, "visited")
    static let days = Field<Tours, Counter>(5, "days")
    static let balance = Field<Tours, PNCounter>(6, "balance")
    static let stage = Field<Tours, Lattice<Stage>>(7, "stage")
    static let mood = Field<Tours, SingleWriter<Int>>(8, "mood")
    static let log = Field<Tours, Ring<Int>>(9, "log", Ring(capacity: 3))
    static let driver = Field<Tours, Exclusive<Int>>(10, "driver")
    static let fields: [any FieldOf<Tours>] = [
        title, notes, stamps, visited, days, balance, stage, mood, log, driver,
    ]

    enum Stage: Int, LatticeState {
        case planned, booked, travelled
        var rank: UInt64 { UInt64(rawValue) }
    }
}

/// Rows that two devices may create at once, beside the measured traffic.
enum Visits: RowCollection {
    static let id: CollectionID = 1025
    static let name = "visits"
    static let lane = Lane.usage
    static let rows = NaturalRows<String>("place")

    static let remark = Field<Visits, LastWriter<String>>(1, "remark")
    static let count = Field<Visits, Counter>(2, "count")
    static let fields: [any FieldOf<Visits>] = [remark, count]
}

/// Something that a person may do on a device.
enum Action: Sendable, CustomStringConvertible {
    case addProfile(Int, nickname: String?)
    case setProfile(Int, ProfileField, String)
    case removeProfile(Int)
    case recordUsage(country: String, UsageAmount)
    case grant(ByteCount)
    case hand(ByteCount, to: DeviceID)
    case reserve(ByteCount)
    case createTrip
    case deleteTrip(RowID)
    case restoreTrip(RowID)
    case inTrip(RowID, TripAction)
    case createVisit(String)
    case deleteVisit(String)
    case remark(String, String)
    case visit(String, UInt64)

    var description: String {
        switch self {
        case .addProfile(let number, let nickname): "add profile \(number) \(nickname ?? "")"
        case .setProfile(let number, let field, let text): "\(field) of \(number) = \(text)"
        case .removeProfile(let number): "remove profile \(number)"
        case .recordUsage(let country, let amount): "use \(amount.total) in \(country)"
        case .grant(let bytes): "grant \(bytes)"
        case .hand(let bytes, let device): "hand \(bytes) to \(device)"
        case .reserve(let bytes): "reserve \(bytes)"
        case .createTrip: "create a trip"
        case .deleteTrip(let trip): "delete \(trip)"
        case .restoreTrip(let trip): "restore \(trip)"
        case .inTrip(let trip, let action): "\(trip): \(action)"
        case .createVisit(let place): "create \(place)"
        case .deleteVisit(let place): "delete \(place)"
        case .remark(let place, let text): "\(place) = \(text)"
        case .visit(let place, let count): "\(place) + \(count)"
        }
    }
}

/// Something that a person may do with a trip.
enum TripAction: Sendable {
    case title(String)
    case note(Int?)
    case stamp(String, adds: Bool)
    case visited(String)
    case days(UInt64)
    case balance(Int64)
    case stage(Tours.Stage)
    case mood(Int)
    case log(Int)
    case override(to: Int, term: UInt64)
    case offer(from: Int, to: Int)
    case answer(Int, accepts: Bool)
}

/// What became of an action.
struct Outcome: Sendable {
    let before: LaneVectors
    let after: LaneVectors
    /// Under which name it was done; nothing if nothing was written.
    let writer: WriterID?
    /// When it was written, where that matters.
    var stamp = HybridTimestamp.zero
    /// The row that it was about, if it made one.
    var trip: RowID?
    /// How much was reserved, which may be more than was asked for.
    var reserved = ByteCount.zero
    /// What it left of an exclusive right.
    var right: String?
}

extension Action {
    /// The ICCID of a numbered profile.
    static func iccid(_ number: Int) throws -> ICCID {
        try ICCID("899999900000000101\(number)")
    }

    /// Does it within a transaction.
    func perform(on fleet: FleetChanges<StoreTransaction>) throws -> Outcome {
        let cells = fleet.cells
        let before = cells.vectors
        var details = Outcome(before: before, after: before, writer: nil)
        switch self {
        case .addProfile(let number, let nickname):
            try fleet.addProfile(Self.iccid(number), nickname.map { [.nickname: $0] } ?? [:])
        case .setProfile(let number, let field, let text):
            try fleet.setProfile(Self.iccid(number), field, to: text)
        case .removeProfile(let number): try fleet.removeProfile(Self.iccid(number))
        case .recordUsage(let country, let amount):
            try fleet.recordUsage(amount, country: country)
        case .grant(let bytes):
            _ = try fleet.grant(
                bytes, from: WallTime(milliseconds: 0), until: WallTime(milliseconds: .max))
        case .hand(let bytes, let device):
            let grants = try fleet.view.pool(at: cells.now).grants
            if let grant = grants.first?.grant {
                try fleet.transfer(bytes, of: grant, to: device)
            }
        case .reserve(let bytes): details.reserved = try fleet.reserve(bytes)
        case .createTrip: details.trip = try cells.insert(into: Tours.self)
        case .deleteTrip(let trip): try cells.delete(trip, from: Tours.self)
        case .restoreTrip(let trip): try cells.restore(trip, in: Tours.self)
        case .inTrip(let trip, let action):
            try action.perform(on: trip, cells)
            details.right = try cells.value(Tours.driver, of: trip).state.map(Self.text)
        case .createVisit(let place): try cells.insert(place, into: Visits.self)
        case .deleteVisit(let place): try cells.delete(place, from: Visits.self)
        case .remark(let place, let text): try cells.set(Visits.remark, of: place, to: text)
        case .visit(let place, let count):
            try cells.increment(Visits.count, of: place, by: count)
        }
        details.stamp = try stamp(in: fleet)
        let after = cells.vectors
        guard after != before else { return details }
        return Outcome(
            before: before, after: after, writer: try cells.writer(), stamp: details.stamp,
            trip: details.trip, reserved: details.reserved, right: details.right)
    }

    /// When the row was written last, which is now.
    private func stamp(in fleet: FleetChanges<StoreTransaction>) throws -> HybridTimestamp {
        switch self {
        case .addProfile(let number, _), .setProfile(let number, _, _):
            let iccid = try Self.iccid(number)
            return try fleet.view.profiles().first { $0.iccid == iccid }?.editedAt ?? .zero
        case .inTrip(let trip, _):
            return try fleet.cells.row(trip, of: Tours.self)?.editedAt ?? .zero
        case .remark(let place, _):
            return try fleet.cells.row(place, of: Visits.self)?.editedAt ?? .zero
        default: return .zero
        }
    }

    /// An exclusive right in a line.
    static func text(_ state: ExclusiveState<Int>) -> String {
        let token = state.token
        return "\(token.term).\(token.number).\(token.generation) \(state.holder)"
            + (state.offeredTo.map { " offers to \($0)" } ?? "")
    }
}

extension TripAction {
    func perform(on trip: RowID, _ cells: StoreTransaction) throws {
        switch self {
        case .title(let text): try cells.set(Tours.title, of: trip, to: text)
        case .note(let number?): try cells.set(Tours.notes, of: trip, to: number)
        case .note(nil): try cells.clear(Tours.notes, of: trip)
        case .stamp(let text, true): try cells.add(text, to: Tours.stamps, of: trip)
        case .stamp(let text, false): try cells.remove(text, from: Tours.stamps, of: trip)
        case .visited(let text): try cells.add(text, to: Tours.visited, of: trip)
        case .days(let amount): try cells.increment(Tours.days, of: trip, by: amount)
        case .balance(let amount): try cells.increment(Tours.balance, of: trip, by: amount)
        case .stage(let stage): try cells.advance(Tours.stage, of: trip, to: stage)
        case .mood(let number): try cells.set(Tours.mood, of: trip, to: number)
        case .log(let number): try cells.append(number, to: Tours.log, of: trip)
        case .override(let holder, let term):
            try cells.override(Tours.driver, of: trip, to: holder, term: term)
        case .offer(let holder, let other):
            try cells.offer(Tours.driver, of: trip, from: holder, to: other)
        case .answer(let holder, true): try cells.accept(Tours.driver, of: trip, as: holder)
        case .answer(let holder, false): try cells.decline(Tours.driver, of: trip, as: holder)
        }
    }
}
