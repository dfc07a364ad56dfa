import CausalTime
import ReplicaModel

/// What a replica has to say that has seen some deeds: worked out from the deeds one by one, in
/// whichever order they become known, without cells, merging or segments.
struct SwarmShadow {
    /// Of a field of a row in its present life.
    enum FieldState {
        case latest(HybridTimestamp, Dot, String)
        /// Deeds that no other one had seen; those that remove are kept to know what they had seen.
        case concurrent([SwarmDeed], [String?])
        case sum(Int64)
        case furthest(Int)
        case right(FencingToken, Set<String>)
    }

    /// A row.
    struct ThingState {
        var life = 0
        var fields: [String: FieldState] = [:]
    }

    /// What the shadow has followed the replica's vectors to.
    var covered = LaneVectors()
    private(set) var things: [SwarmDeed.Thing: ThingState] = [:]
    private(set) var usage: [SwarmDeed.UsageSlot: (received: UInt64, sent: UInt64)] = [:]
    private(set) var granted: UInt64 = 0
    private(set) var reserved: [Int: UInt64] = [:]
    /// What was done with an app, in the order in which it was done.
    private(set) var actions: [SwarmDeed] = []
    private(set) var latestStamp = HybridTimestamp.zero

    /// Which collections a deed concerns.
    struct Scope: OptionSet, Sendable {
        let rawValue: Int
        static let profiles = Scope(rawValue: 1)
        static let trips = Scope(rawValue: 2)
        static let places = Scope(rawValue: 4)
        static let usage = Scope(rawValue: 8)
        static let pool = Scope(rawValue: 16)
        static let later = Scope(rawValue: 32)
        static let app = Scope(rawValue: 64)
        static let all = Scope(rawValue: 127)
    }

    /// How often a thing has been created or deleted.
    func life(of thing: SwarmDeed.Thing) -> Int { things[thing]?.life ?? 0 }

    /// The billing period.
    var period: String {
        if case .latest(_, _, let text)? = things[.plan]?.fields["period"] { text } else { "1" }
    }

    /// Takes in a deed that has become known.
    mutating func take(_ deed: SwarmDeed) {
        latestStamp = max(latestStamp, deed.stamp)
        var state = things[deed.thing] ?? ThingState()
        // What belongs to a former life counts no more.
        guard deed.life >= state.life else { return }
        if deed.life > state.life { state = ThingState(life: deed.life) }
        for effect in deed.effects { take(effect, of: deed, &state) }
        things[deed.thing] = state
    }

    private mutating func take(
        _ effect: SwarmDeed.Effect, of deed: SwarmDeed, _ state: inout ThingState
    ) {
        switch effect {
        case .existence: return
        case .action:
            let place = actions.lastIndex { $0.number < deed.number }.map { $0 + 1 } ?? 0
            actions.insert(deed, at: place)
        case .usage(let slot, let received, let sent):
            let sum = usage[slot] ?? (0, 0)
            usage[slot] = (sum.received + received, sum.sent + sent)
        case .granted(let bytes): granted += bytes
        case .reserved(let bytes): reserved[deed.device, default: 0] += bytes
        case .latest(let field, let text):
            if case .latest(let stamp, let dot, _)? = state.fields[field],
                (stamp, dot) > (deed.stamp, deed.dot)
            {
                return
            }
            state.fields[field] = .latest(deed.stamp, deed.dot, text)
        case .sum(let field, let amount):
            var sum = amount
            if case .sum(let former)? = state.fields[field] { sum += former }
            state.fields[field] = .sum(sum)
        case .furthest(let field, let rank):
            var greatest = rank
            if case .furthest(let former)? = state.fields[field] { greatest = max(rank, former) }
            state.fields[field] = .furthest(greatest)
        case .concurrent(let field, let text): take(text, in: field, of: deed, &state)
        case .right(let right): take(right, &state)
        }
    }

    private func take(
        _ text: String?, in field: String, of deed: SwarmDeed, _ state: inout ThingState
    ) {
        var kept: (deeds: [SwarmDeed], texts: [String?]) = ([], [])
        if case .concurrent(let deeds, let texts)? = state.fields[field] {
            if deeds.contains(where: { $0.hasSeen(deed) }) { return }
            for (other, text) in zip(deeds, texts) where !deed.hasSeen(other) {
                kept.deeds.append(other)
                kept.texts.append(text)
            }
        }
        state.fields[field] = .concurrent(kept.deeds + [deed], kept.texts + [text])
    }

    private func take(_ right: ExclusiveState<Int>, _ state: inout ThingState) {
        let text = SwarmReading.text(right)
        if case .right(let token, let texts)? = state.fields["driver"], token >= right.token {
            guard token == right.token else { return }
            state.fields["driver"] = .right(token, texts.union([text]))
        } else {
            state.fields["driver"] = .right(right.token, [text])
        }
    }

    // MARK: Saying

    /// A line for each fact.
    func lines(of scope: Scope) -> [String: String] {
        var lines: [String: String] = [:]
        for (thing, state) in things where Self.scope(of: thing).isSubset(of: scope) {
            switch thing {
            case .usage, .pool, .app: continue
            case .plan:
                if scope.contains(.usage) { lines["period"] = period }
            case .later(let row): Self.say(state, "later \(row)", &lines)
            case .profile(let number):
                guard !state.life.isMultiple(of: 2) else { continue }
                Self.say(state, "profile \(number)", &lines)
            case .trip(let trip):
                guard !state.life.isMultiple(of: 2) else { continue }
                Self.say(state, "trip \(trip)", &lines)
            case .place(let name):
                guard !state.life.isMultiple(of: 2) else { continue }
                Self.say(state, "place \(name)", &lines)
            }
        }
        if scope.contains(.usage) {
            for (slot, sum) in usage where sum.received + sum.sent > 0 {
                lines["usage \(slot.period) \(slot.device) \(slot.country)"] =
                    "\(sum.received) \(sum.sent)"
            }
        }
        if scope.contains(.pool) {
            if granted > 0 { lines["granted"] = "\(granted)" }
            for (device, bytes) in reserved where bytes > 0 {
                lines["reserved by \(device)"] = "\(bytes)"
            }
        }
        return lines
    }

    static func scope(of thing: SwarmDeed.Thing) -> Scope {
        switch thing {
        case .profile: .profiles
        case .trip: .trips
        case .place: .places
        case .plan, .usage: .usage
        case .pool: .pool
        case .later: .later
        case .app: .app
        }
    }

    private static func say(
        _ state: ThingState, _ name: String, _ lines: inout [String: String]
    ) {
        lines[name] = "there"
        for (field, state) in state.fields {
            switch state {
            case .latest(_, _, let text): lines["\(name) \(field)"] = text
            case .concurrent(let deeds, let texts):
                let values = zip(deeds, texts).filter { $1 != nil }
                    .sorted { ($0.0.stamp, $0.0.dot) > ($1.0.stamp, $1.0.dot) }.compactMap(\.1)
                guard !values.isEmpty else { continue }
                lines["\(name) \(field)"] =
                    field == "notes" ? values.joined(separator: " ") : "there"
            case .sum(let sum): if sum != 0 { lines["\(name) \(field)"] = "\(sum)" }
            case .furthest(let rank): lines["\(name) \(field)"] = "\(rank)"
            case .right(_, let texts):
                lines["\(name) driver"] = texts.sorted().joined(separator: " or ")
            }
        }
    }
}
