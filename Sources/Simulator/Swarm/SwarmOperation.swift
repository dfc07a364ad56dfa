import CausalTime
import DeltaCRDT
import FleetModel
import ReplicaModel
import ReplicaStore

/// Something that a person or a meter does on a device of a random world.
///
/// Rows are picked by number among those that are there, so that it means something on any replica.
package enum SwarmOperation: Codable, Hashable, Sendable {
    case addProfile(number: Int, nickname: String?)
    case setProfile(number: Int, field: UInt32, text: String)
    case removeProfile(number: Int)
    case recordUsage(country: String, received: UInt64, sent: UInt64)
    case setPeriod(name: String)
    case grant(bytes: UInt64)
    case hand(bytes: UInt64, to: Int, leaseHours: Int?)
    case allocate(leaseHours: Int?)
    case reserve(bytes: UInt64)
    case request(bytes: UInt64)
    case closePart
    case createTrip
    case deleteTrip(pick: Int)
    case restoreTrip(pick: Int)
    case trip(pick: Int, action: TripAction)
    case createPlace(name: String)
    case deletePlace(name: String)
    case remark(place: String, text: String)
    case visit(place: String, count: UInt64)
    /// A cell of a collection that this version does not know.
    case later(row: Int, number: Int)
    /// What an app does, drawn from the seed where it is done.
    case app(seed: UInt64)

    /// Something that is done with a trip.
    package enum TripAction: Codable, Hashable, Sendable {
        case title(text: String)
        case note(number: Int?)
        case stamp(text: String, adds: Bool)
        case visited(text: String)
        case days(count: UInt64)
        case balance(amount: Int64)
        case stage(rank: Int)
        case override(to: Int)
        case offer(to: Int)
        case answer(accepts: Bool)
    }
}

/// What became of an operation, as its caller hears of it.
struct SwarmOutcome {
    let before: LaneVectors
    var after: LaneVectors
    /// Under which name it was done; nothing if nothing was written.
    var writer: WriterID?
    /// The time that was given to the last of its writes.
    var stamp = HybridTimestamp.zero
    /// The row that it was about.
    var trip: RowID?
    var reserved: UInt64 = 0
    /// What it left of an exclusive right.
    var right: ExclusiveState<Int>?
    /// The billing period that it was counted in.
    var period = ""
    /// The grant that was made, closed, or handed on from.
    var grant: GrantID?
    /// What had been handed on and reserved when a part was closed.
    var outflow: UInt64 = 0
    /// A grant of which more was reserved although the lease had ended, or the part was closed.
    var misused: GrantID?
    /// What an app did.
    var action: (any Sendable)?
}

/// Trips of a random world: a field of most types, in rows named by their creation.
enum SwarmTrips: RowCollection {
    static let id: CollectionID = 1024
    static let name = "trips"
    static let rows = UniqueRows()

    static let title = Field<SwarmTrips, LastWriter<String>>(1, "title")
    static let notes = Field<SwarmTrips, MultiValue<Int>>(2, "notes")
    static let stamps = Field<SwarmTrips, AddWinsSet<String>>(3, "stamps")
    static let visited = Field<SwarmTrips, GrowOnlySet<String>>(4, "visited")
    static let days = Field<SwarmTrips, Counter>(5, "days")
    static let balance = Field<SwarmTrips, PNCounter>(6, "balance")
    static let stage = Field<SwarmTrips, Lattice<Stage>>(7, "stage")
    static let driver = Field<SwarmTrips, Exclusive<Int>>(8, "driver")
    static let fields: [any FieldOf<SwarmTrips>] = [
        title, notes, stamps, visited, days, balance, stage, driver,
    ]

    enum Stage: Int, LatticeState {
        case planned, booked, travelled
        var rank: UInt64 { UInt64(rawValue) }
    }
}

/// Places of a random world: rows that two devices may create at once, beside the traffic.
enum SwarmPlaces: RowCollection {
    static let id: CollectionID = 1025
    static let name = "places"
    static let lane = Lane.usage
    static let rows = NaturalRows<String>("place")

    static let remark = Field<SwarmPlaces, LastWriter<String>>(1, "remark")
    static let visits = Field<SwarmPlaces, Counter>(2, "visits")
    static let fields: [any FieldOf<SwarmPlaces>] = [remark, visits]
}

extension SwarmOperation {
    /// Where a cell of a later version is.
    static func laterKey(_ row: Int) -> CellKey {
        CellKey(
            lane: .settings, collection: CollectionID(rawValue: 9000), row: [UInt8(row & 7)],
            field: FieldID(rawValue: 3))
    }

    /// Whether an app decides what is done.
    var isOfApp: Bool { if case .app = self { true } else { false } }

    static func iccid(_ number: Int) throws -> ICCID { try ICCID("899999900000000101\(number)") }

    /// Does it within a transaction.
    func perform(
        on fleet: FleetChanges<StoreTransaction>, as holder: Int, devices: [DeviceID],
        with app: AnySwarmApp? = nil
    ) throws -> SwarmOutcome {
        let cells = fleet.cells
        var outcome = SwarmOutcome(before: cells.vectors, after: cells.vectors)
        switch self {
        case .addProfile, .setProfile, .removeProfile: try performProfile(on: fleet)
        case .recordUsage(let country, let received, let sent):
            outcome.period = try fleet.view.period()
            try fleet.recordUsage(
                UsageAmount(received: ByteCount(received), sent: ByteCount(sent)),
                country: country)
        case .setPeriod(let name): try fleet.setPeriod(name)
        case .grant, .hand, .allocate, .reserve, .request, .closePart:
            try performPool(on: fleet, devices, &outcome)
        case .createTrip: outcome.trip = try cells.insert(into: SwarmTrips.self)
        case .deleteTrip, .restoreTrip, .trip: try performTrip(on: cells, holder, &outcome)
        case .createPlace(let name): try cells.insert(name, into: SwarmPlaces.self)
        case .deletePlace(let name): try cells.delete(name, from: SwarmPlaces.self)
        case .remark(let place, let text): try cells.set(SwarmPlaces.remark, of: place, to: text)
        case .visit(let place, let count):
            try cells.increment(SwarmPlaces.visits, of: place, by: count)
        case .later(let row, let number):
            try cells.put(
                CellDraft(
                    key: Self.laterKey(row), kind: .register,
                    value: CellValue.integer(Int64(number)).encoded))
        case .app(let seed): outcome.action = try app?.act(seed, fleet)
        }
        outcome.after = cells.vectors
        outcome.stamp = cells.latestTimestamp
        if outcome.after != outcome.before { outcome.writer = try cells.writer() }
        return outcome
    }

    private func performProfile(on fleet: FleetChanges<StoreTransaction>) throws {
        switch self {
        case .addProfile(let number, let nickname):
            try fleet.addProfile(Self.iccid(number), nickname.map { [.nickname: $0] } ?? [:])
        case .setProfile(let number, let field, let text):
            guard let field = ProfileField(rawValue: field) else { return }
            try fleet.setProfile(Self.iccid(number), field, to: text)
        case .removeProfile(let number): try fleet.removeProfile(Self.iccid(number))
        default: return
        }
    }

    private func performTrip(
        on cells: StoreTransaction, _ holder: Int, _ outcome: inout SwarmOutcome
    ) throws {
        switch self {
        case .deleteTrip(let pick):
            outcome.trip = try Self.trip(pick, in: cells, isLive: true)
            try outcome.trip.map { _ = try cells.delete($0, from: SwarmTrips.self) }
        case .restoreTrip(let pick):
            outcome.trip = try Self.trip(pick, in: cells, isLive: false)
            try outcome.trip.map { _ = try cells.restore($0, in: SwarmTrips.self) }
        case .trip(let pick, let action):
            guard let trip = try Self.trip(pick, in: cells, isLive: true) else { return }
            outcome.trip = trip
            try action.perform(on: trip, cells, as: holder)
            outcome.right = try cells.value(SwarmTrips.driver, of: trip).state
        default: return
        }
    }

    /// A trip that is there, or one that was and is not.
    private static func trip(
        _ pick: Int, in cells: StoreTransaction, isLive: Bool
    ) throws -> RowID? {
        let rows = try cells.cells(of: SwarmTrips.id, in: SwarmTrips.lane).filter {
            $0.kind.isRow && $0.causalLength.isMultiple(of: 2) != isLive
        }
        guard !rows.isEmpty else { return nil }
        return RowID(bytes: rows[pick % rows.count].key.row)
    }
}

extension SwarmOperation.TripAction {
    func perform(on trip: RowID, _ cells: StoreTransaction, as holder: Int) throws {
        switch self {
        case .title(let text): try cells.set(SwarmTrips.title, of: trip, to: text)
        case .note(let number?): try cells.set(SwarmTrips.notes, of: trip, to: number)
        case .note(nil): try cells.clear(SwarmTrips.notes, of: trip)
        case .stamp(let text, true): try cells.add(text, to: SwarmTrips.stamps, of: trip)
        case .stamp(let text, false): try cells.remove(text, from: SwarmTrips.stamps, of: trip)
        case .visited(let text): try cells.add(text, to: SwarmTrips.visited, of: trip)
        case .days(let count): try cells.increment(SwarmTrips.days, of: trip, by: count)
        case .balance(let amount): try cells.increment(SwarmTrips.balance, of: trip, by: amount)
        case .stage(let rank):
            let stage = SwarmTrips.Stage(rawValue: rank % 3) ?? .planned
            try cells.advance(SwarmTrips.stage, of: trip, to: stage)
        case .override(let other):
            // One authority: two could say different things at once under one token.
            guard holder == 0 else { return }
            try cells.override(SwarmTrips.driver, of: trip, to: other, term: 1)
        case .offer(let other):
            try cells.offer(SwarmTrips.driver, of: trip, from: holder, to: other)
        case .answer(true): try cells.accept(SwarmTrips.driver, of: trip, as: holder)
        case .answer(false): try cells.decline(SwarmTrips.driver, of: trip, as: holder)
        }
    }
}

extension SwarmOperation {
    fileprivate func performPool(
        on fleet: FleetChanges<StoreTransaction>, _ devices: [DeviceID],
        _ outcome: inout SwarmOutcome
    ) throws {
        let now = fleet.cells.now
        func lease(_ hours: Int?) -> Lease? {
            hours.map {
                Lease(
                    until: WallTime(milliseconds: now.milliseconds + Int64($0) * 3_600_000),
                    topUpBelow: .megabytes(4))
            }
        }
        switch self {
        case .grant(let bytes):
            outcome.grant = try fleet.grant(
                ByteCount(bytes), from: WallTime(milliseconds: 0),
                until: WallTime(milliseconds: .max)
            ).id
        case .hand(let bytes, let device, let hours):
            guard let grant = try fleet.view.pool(at: now).grants.first?.grant,
                devices.indices.contains(device)
            else { return }
            outcome.grant = grant.id
            try fleet.transfer(
                ByteCount(bytes), of: grant, to: devices[device], lease: lease(hours))
        case .allocate(let hours):
            let members = try fleet.view.members().map(\.device)
            let part = Share.wholeBasisPoints / max(1, members.count)
            let rest = Share.wholeBasisPoints - part * (members.count - 1)
            let shares = members.enumerated().compactMap { index, member in
                Share(basisPoints: index == 0 ? rest : part).map { (key: member, share: $0) }
            }
            _ = try fleet.allocate(shares, lease: lease(hours))
        case .reserve(let bytes):
            let before = try fleet.view.pool(at: now).grants
            let time = max(now, fleet.cells.latestTimestamp.wallTime)
            outcome.reserved = try fleet.reserve(ByteCount(bytes)).bytes
            let after = try fleet.view.pool(at: now).grants
            outcome.misused = Self.misused(before, after, by: fleet.device, at: time)
        case .request(let bytes): _ = try fleet.requestRights(ByteCount(bytes))
        case .closePart:
            guard let status = try fleet.view.pool(at: now).grants.first else { return }
            outcome.outflow = status.rights.outflow(of: fleet.device)
            try fleet.closePart(of: status.grant)
            outcome.grant = status.grant.id
        default: return
        }
    }

    /// A grant of which a device reserved more although it may not use its part any more.
    private static func misused(
        _ before: [GrantStatus], _ after: [GrantStatus], by device: DeviceID, at time: WallTime
    ) -> GrantID? {
        zip(before, after).first { former, status in
            let hasEnded =
                former.rights.isClosed(device)
                || device != former.grant.minter
                    && former.lease(of: device).map { $0.until <= time } ?? false
            return hasEnded
                && status.rights.reserved(by: device) > former.rights.reserved(by: device)
        }?.0.grant.id
    }
}
