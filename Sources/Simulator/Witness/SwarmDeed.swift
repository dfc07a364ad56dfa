import CausalTime
import ReplicaModel

/// Something that was acknowledged in a random world.
struct SwarmDeed {
    /// What deeds are about.
    enum Thing: Hashable {
        case profile(Int)
        case trip(RowID)
        case place(String)
        case plan
        case later(Int)
        case usage
        case pool
        case app
    }

    /// What it says, in terms of its meaning.
    enum Effect {
        /// That the thing is there, or is not there any more; or nothing.
        case existence
        /// Of a field the later one counts.
        case latest(String, String)
        /// Of a field all count that no other one had seen; nothing removes.
        case concurrent(String, String?)
        case sum(String, Int64)
        case furthest(String, Int)
        case right(ExclusiveState<Int>)
        case usage(UsageSlot, received: UInt64, sent: UInt64)
        case granted(UInt64)
        case reserved(UInt64)
        case action(any Sendable)
    }

    /// Where measured bytes are counted.
    struct UsageSlot: Hashable {
        let period: String
        let device: Int
        let country: String
    }

    let number: Int
    let seat: Int
    let device: Int
    let lane: Lane
    let writer: WriterID
    /// The sequences of its writes in its lane.
    let sequences: ClosedRange<UInt64>
    let stamp: HybridTimestamp
    /// What its author had seen.
    let before: LaneVectors
    let thing: Thing
    /// How often its thing had been created or deleted as far as its author knew, this included.
    let life: Int
    let effects: [Effect]
    /// Whether its time is later than all it had seen by rule.
    let isStamped: Bool

    var dot: Dot { Dot(writer: writer, sequence: sequences.upperBound) }

    /// Whether its author had seen another deed.
    func hasSeen(_ other: SwarmDeed) -> Bool { before[other.lane].contains(other.dot) }
}

extension SwarmDeed {
    /// The lane that an operation writes to.
    static func lane(of operation: SwarmOperation, _ outcome: SwarmOutcome) -> Lane {
        switch operation {
        case .app: lanes(of: outcome).first ?? .control
        case .recordUsage, .createPlace, .deletePlace, .remark, .visit: .usage
        case .setPeriod, .grant, .hand, .allocate, .reserve, .request, .closePart: .control
        default: .settings
        }
    }

    /// The lanes in which an operation wrote, but for what a new writer says of itself.
    static func lanes(of outcome: SwarmOutcome) -> [Lane] {
        [.settings, .usage].filter { outcome.after[$0] != outcome.before[$0] }
    }

    /// What an operation is about; nothing if that is for the replicas alone to know.
    static func thing(of operation: SwarmOperation, _ outcome: SwarmOutcome) -> Thing? {
        switch operation {
        case .addProfile(let number, _), .setProfile(let number, _, _), .removeProfile(let number):
            .profile(number)
        case .recordUsage: .usage
        case .setPeriod: .plan
        case .grant, .hand, .allocate, .reserve, .request, .closePart: .pool
        case .createTrip, .deleteTrip, .restoreTrip, .trip: outcome.trip.map { .trip($0) }
        case .createPlace(let name), .deletePlace(let name), .remark(let name, _),
            .visit(let name, _):
            .place(name)
        case .later(let row, _): .later(row & 7)
        case .app: outcome.action.map { _ in .app }
        }
    }

    static func effects(
        of operation: SwarmOperation, _ outcome: SwarmOutcome, device: Int
    ) -> [Effect] {
        switch operation {
        case .addProfile(_, let nickname):
            return nickname.map { [.latest("nickname", $0)] } ?? []
        case .setProfile(_, let field, let text):
            return [.latest(field == 1 ? "nickname" : "\(field)", text)]
        case .recordUsage(let country, let received, let sent):
            let slot = UsageSlot(period: outcome.period, device: device, country: country)
            return [.usage(slot, received: received, sent: sent)]
        case .setPeriod(let name): return [.latest("period", name)]
        case .grant(let bytes): return [.granted(bytes)]
        case .reserve: return [.reserved(outcome.reserved)]
        case .remark(_, let text): return [.latest("remark", text)]
        case .visit(_, let count): return [.sum("visits", Int64(count))]
        case .later(_, let number): return [.latest("later", "\(number)")]
        case .trip(_, let action): return effects(of: action, outcome)
        case .app: return outcome.action.map { [.action($0)] } ?? []
        default: return []
        }
    }

    private static func effects(
        of action: SwarmOperation.TripAction, _ outcome: SwarmOutcome
    ) -> [Effect] {
        switch action {
        case .title(let text): [.latest("title", text)]
        case .note(let number): [.concurrent("notes", number.map { "\($0)" })]
        case .stamp(let text, let adds): [.concurrent("stamp \(text)", adds ? "there" : nil)]
        case .visited(let text): [.concurrent("visited \(text)", "there")]
        case .days(let count): [.sum("days", Int64(count))]
        case .balance(let amount): [.sum("balance", amount)]
        case .stage(let rank): [.furthest("stage", rank % 3)]
        case .override, .offer, .answer: outcome.right.map { [.right($0)] } ?? []
        }
    }

    /// Whether an operation creates or deletes its thing.
    static func beginsLife(_ operation: SwarmOperation) -> Bool {
        switch operation {
        case .addProfile, .removeProfile, .createTrip, .deleteTrip, .restoreTrip, .createPlace,
            .deletePlace:
            true
        default: false
        }
    }

    /// Whether the last write of an operation takes a time.
    static func isStamped(_ operation: SwarmOperation) -> Bool {
        switch operation {
        case .setProfile, .setPeriod, .remark, .later, .trip(_, .title), .trip(_, .note): true
        default: false
        }
    }
}
