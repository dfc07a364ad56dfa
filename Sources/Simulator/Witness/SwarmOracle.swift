import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore

/// Judges a random world from outside, at every step.
///
/// It trusts its own log of what replicas were told and what they acknowledged. Of a replica it
/// takes two things: which writes it says that it has seen, and what it says. It works out the one
/// from the other and compares, only what the step can have changed.
struct SwarmOracle {
    /// Something that a replica failed to do, which may have become durable all the same.
    private struct Pending {
        let deed: SwarmDeed

        /// Whether somebody who has seen so many writes of a writer may have seen this one.
        func isAmong(_ writer: WriterID, _ lane: Lane, upTo sequence: UInt64) -> Bool {
            deed.writer == writer && deed.lane == lane && sequence >= deed.sequences.upperBound
        }
    }

    /// Whose writes in which lane.
    private struct Stream: Hashable {
        let lane: Lane
        let writer: WriterID
    }

    /// A stretch in which a right was with one holder.
    private struct Stretch: Hashable {
        let trip: RowID
        let token: FencingToken
    }

    private(set) var deeds: [SwarmDeed] = []
    /// Deeds of each writer, ascending; by their places among the deeds.
    private var streams: [Stream: [Int]] = [:]
    /// The greatest sequence that was acknowledged.
    private var heights: [Stream: UInt64] = [:]
    private var shadows = [SwarmShadow](repeating: SwarmShadow(), count: SwarmScript.seatsMax)
    /// Several of one seat, if it failed several times: any of them may come back.
    private var pending: [Pending] = []
    /// Deeds that may be gone: only a replica knew them that lost them.
    private var expendable: Set<Int> = []
    /// Whether some replica may have forgotten what another one had not seen: then a row that was
    /// restored can be ended for good.
    var mayEndRows = false
    private var restored: Set<String> = []
    private var holders: [Stretch: Int] = [:]
    private(set) var granted: UInt64 = 0
    private var grants = 0
    private(set) var reserved: UInt64 = 0
    /// When a device's part of the only grant was closed, what it had used of it.
    private var closedParts: Set<Int> = []
    private var frontiers = FrontierWatch()
    /// Devices of which copies or backups are in use.
    private var rewound: Set<Int> = []
    /// The first thing that is wrong.
    private(set) var violation: Violation?
    /// How many operations were acknowledged.
    private(set) var acknowledged = 0
    let devices: [DeviceID]
    var now: Duration = .zero

    private let app: AnySwarmApp?

    /// - Parameters:
    ///   - devices: All that there will be.
    ///   - app: What is used in the place of the domain of fleets.
    init(devices: [DeviceID], app: AnySwarmApp? = nil) {
        self.devices = devices
        self.app = app
    }

    mutating func report(_ rule: Violation.Rule, _ message: String) {
        if violation == nil { violation = Violation(rule, at: now, message) }
    }

    // MARK: Log

    /// An operation was acknowledged.
    mutating func acknowledge(
        _ operation: SwarmOperation, by seat: Int, of device: Int, _ outcome: SwarmOutcome
    ) {
        acknowledged += 1
        guard let deed = deed(operation, seat, device, outcome) else { return }
        add(deed)
        if case .restoreTrip = operation, let trip = outcome.trip {
            restored.insert("trip \(trip)")
        }
        checkTime(of: deed)
        switch operation {
        case .grant(let bytes):
            granted += bytes
            grants += 1
        case .reserve:
            reserved += outcome.reserved
            if let grant = outcome.misused {
                report(
                    .pool,
                    "device \(device) reserved of \(grant.abbreviated), which it may not "
                        + "use any more")
            }
            if closedParts.contains(device), grants == 1, !rewound.contains(device) {
                report(.pool, "device \(device) reserved from a part that it had closed")
            }
        case .closePart: if outcome.grant != nil { closedParts.insert(device) }
        default: break
        }
        if reserved > granted {
            report(.pool, "\(reserved) bytes reserved of \(granted) granted")
        }
    }

    /// A replica failed at an operation; it may be there after the next start, or not.
    mutating func fail(
        _ operation: SwarmOperation, by seat: Int, of device: Int, _ outcome: SwarmOutcome?
    ) {
        guard let outcome, let deed = deed(operation, seat, device, outcome) else { return }
        pending.append(Pending(deed: deed))
    }

    /// An action wrote where its author could not have meant it to.
    mutating func checkLanes(of operation: SwarmOperation, by seat: Int, _ outcome: SwarmOutcome) {
        guard case .app = operation, SwarmDeed.lanes(of: outcome).count > 1 else { return }
        report(
            .failure,
            "seat \(seat): an action wrote to two lanes, which travel by themselves: "
                + "make it two actions")
    }

    private func deed(
        _ operation: SwarmOperation, _ seat: Int, _ device: Int, _ outcome: SwarmOutcome
    ) -> SwarmDeed? {
        let lane = SwarmDeed.lane(of: operation, outcome)
        guard let writer = outcome.writer, let thing = SwarmDeed.thing(of: operation, outcome),
            outcome.after[lane][writer] > outcome.before[lane][writer]
        else { return nil }
        let life = shadows[seat].life(of: thing)
        return SwarmDeed(
            number: deeds.count, seat: seat, device: device, lane: lane, writer: writer,
            sequences: outcome.before[lane][writer] + 1...outcome.after[lane][writer],
            stamp: outcome.stamp, before: outcome.before, thing: thing,
            life: SwarmDeed.beginsLife(operation) ? life + 1 : life,
            effects: SwarmDeed.effects(of: operation, outcome, device: device),
            isStamped: SwarmDeed.isStamped(operation))
    }

    private mutating func add(_ deed: SwarmDeed) {
        let stream = Stream(lane: deed.lane, writer: deed.writer)
        if let last = streams[stream]?.last,
            deeds[last].sequences.upperBound >= deed.sequences.lowerBound
        {
            report(
                .name,
                "writes of \(deed.writer.abbreviated) up to \(deed.sequences.upperBound) in "
                    + "\(deed.lane) were acknowledged twice")
            return
        }
        streams[stream, default: []].append(deeds.count)
        deeds.append(deed)
    }

    private mutating func checkTime(of deed: SwarmDeed) {
        let latest = shadows[deed.seat].latestStamp
        if deed.isStamped, deed.stamp <= latest {
            report(.order, "a write at \(deed.stamp) follows one at \(latest)")
        }
    }

    // MARK: Steps

    /// A replica wrote, whatever it was: no name is given twice.
    mutating func wrote(_ before: LaneVectors, _ after: LaneVectors, as writer: WriterID?) {
        guard let writer else { return }
        for lane in Lane.all where after[lane][writer] > before[lane][writer] {
            let stream = Stream(lane: lane, writer: writer)
            let height = heights[stream] ?? 0
            if before[lane][writer] < height {
                report(
                    .name,
                    "write \(before[lane][writer] + 1) of \(writer.abbreviated) in \(lane) "
                        + "was made again, \(height) had been acknowledged")
            }
            heights[stream] = max(height, after[lane][writer])
            // The name of what failed was given to this write: so that never was.
            pending.removeAll { failed in
                failed.deed.writer == writer && failed.deed.lane == lane
                    && after[lane][writer] >= failed.deed.sequences.lowerBound
            }
        }
    }

    /// A replica may have seen more than before; says what that can have changed.
    mutating func follow(_ seat: Int, to vectors: LaneVectors) -> SwarmShadow.Scope {
        let covered = shadows[seat].covered
        guard vectors != covered else { return [] }
        guard vectors.dominates(covered) else {
            report(.durable, "seat \(seat) has forgotten what it had seen")
            return []
        }
        var scope: SwarmShadow.Scope = []
        for lane in Lane.all {
            for entry in vectors[lane].entries(above: covered[lane]) {
                promotePending(of: entry.writer, lane, entry.sequence)
                let stream = Stream(lane: lane, writer: entry.writer)
                let known = covered[lane][entry.writer]
                for place in streams[stream]?.reversed() ?? [] {
                    let deed = deeds[place]
                    guard deed.sequences.upperBound > known else { break }
                    if entry.sequence >= deed.sequences.upperBound {
                        shadows[seat].take(deed)
                        scope.formUnion(SwarmShadow.scope(of: deed.thing))
                    } else if entry.sequence >= deed.sequences.lowerBound {
                        report(.atomic, "seat \(seat) has seen half of deed \(deed.number)")
                    }
                }
            }
            // Hands and answers to requests are no deeds; they move rights all the same.
            if lane == .control, vectors[lane] != covered[lane], shadows[seat].granted > 0 {
                scope.formUnion(.pool)
            }
        }
        shadows[seat].covered = vectors
        return scope
    }

    /// A device has joined the fleet.
    mutating func joined(at dot: Dot) { frontiers.joined(at: dot) }

    /// A replica says up to where it may forget, after ``follow(_:to:)``.
    mutating func check(_ seat: Int, mayForget frontier: LaneVectors) {
        // Whoever was given up or lost something is not waited for, or has to take over a state.
        guard !mayEndRows else { return }
        let seats = frontiers.seats
        let other = frontiers.unseen(at: seat, upTo: frontier) { [shadows] in
            shadows.prefix(seats).map(\.covered)
        }
        if let other {
            report(.early, "seat \(seat) may forget what seat \(other) has not seen")
        }
    }

    /// What failed was made durable after all, as a replica that has seen it shows.
    private mutating func promotePending(of writer: WriterID, _ lane: Lane, _ sequence: UInt64) {
        let returning = pending.filter { $0.isAmong(writer, lane, upTo: sequence) }
        guard !returning.isEmpty else { return }
        pending.removeAll { $0.isAmong(writer, lane, upTo: sequence) }
        let stream = Stream(lane: lane, writer: writer)
        // Of several that failed under one name the last is what the log holds.
        for failed in returning.reversed() {
            let height = streams[stream]?.last.map { deeds[$0].sequences.upperBound } ?? 0
            // The name was given to another write since: the one that failed never was.
            guard height < failed.deed.sequences.lowerBound else { continue }
            for effect in failed.deed.effects {
                if case .granted(let bytes) = effect { granted += bytes }
                if case .reserved(let bytes) = effect { reserved += bytes }
            }
            add(failed.deed)
        }
    }

    /// A replica has an earlier state: what it alone knew may be gone.
    mutating func rewind(
        _ seat: Int, of device: Int, to vectors: LaneVectors, others: [LaneVectors]
    ) {
        rewound.insert(device)
        mayEndRows = true
        shadows[seat] = SwarmShadow()
        _ = follow(seat, to: vectors)
        lose(knownTo: others + [vectors])
    }

    /// A device will never come back, or has forgotten something.
    mutating func lose(knownTo vectors: [LaneVectors]) {
        for deed in deeds where !vectors.contains(where: { $0[deed.lane].contains(deed.dot) }) {
            expendable.insert(deed.number)
        }
    }

    /// A seat was made from the files of another one.
    mutating func copy(_ seat: Int, of device: Int, to other: Int) {
        shadows[other] = shadows[seat]
        mayEndRows = true
        rewound.insert(device)
    }

    // MARK: Checks

    /// Compares what a replica says with what it has to say.
    mutating func check(
        _ seat: Int, of device: Int, _ scope: SwarmShadow.Scope, in store: ReplicaStore
    ) {
        guard !scope.isEmpty, violation == nil else { return }
        if let app { return check(seat, scope, in: store, of: app) }
        do {
            let said = try store.read {
                try SwarmReading(of: scope, $0, devices: devices, holder: device)
            }
            compare(said, scope, seat)
            for contradiction in said.contradictions {
                report(.pool, "seat \(seat): \(contradiction)")
            }
            for (trip, token, holder) in said.active {
                let stretch = Stretch(trip: trip, token: token)
                // The authority is device 0; of copies of it each may have overridden.
                if let other = holders[stretch], other != holder, !rewound.contains(0) {
                    report(.right, "\(holder) and \(other) both use the right of \(trip)")
                }
                holders[stretch] = holder
            }
        } catch {
            report(.failure, "seat \(seat) cannot be read: \(error)")
        }
    }

    /// Of an app the app knows what its data means.
    private mutating func check(
        _ seat: Int, _ scope: SwarmShadow.Scope, in store: ReplicaStore, of app: AnySwarmApp
    ) {
        guard scope.contains(.app) else { return }
        do {
            let mistakes = try store.read {
                try app.mistakes($0, shadows[seat].actions, mayEndRows)
            }
            for mistake in mistakes { report(.meaning, "seat \(seat): \(mistake)") }
        } catch {
            report(.failure, "seat \(seat) cannot be read: \(error)")
        }
    }

    private mutating func compare(
        _ said: SwarmReading, _ scope: SwarmShadow.Scope, _ seat: Int
    ) {
        let expected = shadows[seat].lines(of: scope)
        guard said.lines != expected else { return }
        let wrong = Set(said.lines.keys).union(expected.keys).filter { key in
            said.lines[key] != expected[key] && !said.ended.contains { key.hasPrefix($0) }
                && !(mayEndRows && restored.contains { key.hasPrefix($0) })
        }
        guard let key = wrong.min() else { return }
        report(
            .meaning,
            "seat \(seat), \(key): says \(said.lines[key] ?? "nothing"), has to say "
                + "\(expected[key] ?? "nothing")")
    }

    /// At the end every replica that is left has seen all that was acknowledged.
    mutating func judge(_ seat: Int, _ vectors: LaneVectors) {
        for deed in deeds
        where !vectors[deed.lane].contains(deed.dot) && !expendable.contains(deed.number) {
            report(.durable, "deed \(deed.number) of seat \(deed.seat) never reached seat \(seat)")
        }
    }
}
