import Caravan

/// Everything that was done and acknowledged, in the order in which it was done, and what a replica
/// that knows of some of it has to say.
///
/// It knows nothing of cells, merging or segments. What a replica knows of is what its vectors say;
/// what that means is worked out here from the deeds themselves.
struct HistoryModel {
    /// Something that was acknowledged.
    struct Deed {
        let action: Action
        let device: DeviceID
        /// The last write that it made, in the lane that it is about.
        let lane: Lane
        let dot: Dot
        let stamp: HybridTimestamp
        /// Which deeds its author knew of, by their places.
        let seen: Set<Int>
        /// What it is about.
        let thing: Thing
        /// In which life of that: how often it had been created or deleted, to its author's
        /// knowledge, this deed included.
        let life: Int
        /// How much was reserved.
        let reserved: ByteCount
        /// What it left of an exclusive right.
        let right: String?
    }

    /// What a deed is about.
    enum Thing: Hashable {
        case profile(Int)
        case trip(RowID)
        case visit(String)
        case usage
        case pool
    }

    private(set) var deeds: [Deed] = []

    /// The deeds that vectors cover.
    func known(under vectors: LaneVectors) -> Set<Int> {
        Set(deeds.indices.filter { vectors[deeds[$0].lane].contains(deeds[$0].dot) })
    }

    /// Takes note of what was acknowledged.
    mutating func note(_ action: Action, by device: DeviceID, _ outcome: Outcome) {
        let thing = Self.thing(of: action, outcome)
        let lane = Self.lane(of: thing)
        guard let writer = outcome.writer,
            outcome.after[lane][writer] > outcome.before[lane][writer]
        else { return }
        let seen = known(under: outcome.before)
        let life = (seen.filter { deeds[$0].thing == thing }.map { deeds[$0].life }.max() ?? 0)
        deeds.append(
            Deed(
                action: action, device: device, lane: lane,
                dot: Dot(writer: writer, sequence: outcome.after[lane][writer]),
                stamp: outcome.stamp, seen: seen, thing: thing,
                life: action.beginsLife ? life + 1 : life, reserved: outcome.reserved,
                right: outcome.right))
    }

    private static func thing(of action: Action, _ outcome: Outcome) -> Thing {
        switch action {
        case .addProfile(let number, _), .setProfile(let number, _, _), .removeProfile(let number):
            return .profile(number)
        case .recordUsage: return .usage
        case .grant, .hand, .reserve: return .pool
        case .createTrip: return .trip(outcome.trip ?? RowID(creation: Dot.none))
        case .deleteTrip(let trip), .restoreTrip(let trip), .inTrip(let trip, _):
            return .trip(trip)
        case .createVisit(let place), .deleteVisit(let place), .remark(let place, _),
            .visit(let place, _):
            return .visit(place)
        }
    }

    private static func lane(of thing: Thing) -> Lane {
        switch thing {
        case .profile, .trip: .settings
        case .usage, .visit: .usage
        case .pool: .control
        }
    }

    // MARK: The pool

    /// What was granted, and what was reserved, by all deeds that were ever acknowledged.
    var poolBook: (granted: UInt64, reserved: UInt64) {
        var book: (granted: UInt64, reserved: UInt64) = (0, 0)
        for deed in deeds {
            if case .grant(let bytes) = deed.action { book.granted += bytes.bytes }
            book.reserved += deed.reserved.bytes
        }
        return book
    }
}

extension Action {
    /// Whether it creates or deletes what it is about.
    fileprivate var beginsLife: Bool {
        switch self {
        case .addProfile, .removeProfile, .createTrip, .deleteTrip, .restoreTrip, .createVisit,
            .deleteVisit:
            true
        default: false
        }
    }
}

extension Dot {
    /// No write; only a test that is wrong itself gets to see it.
    fileprivate static let none = Dot(writer: WriterID(high: 0, low: 0), sequence: 0)
}
