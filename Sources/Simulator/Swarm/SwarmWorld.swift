import CausalTime
import FaultDisk
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncWire

/// A random world: replicas on disks in memory, connections and clocks, under one virtual time.
///
/// Stores, sessions, codec and compression are those of the product; disks, sockets and clocks are
/// not. One thread; everything that happens is in the script, so the same script does the same.
package final class SwarmWorld {
    enum Happening {
        case event(SwarmEvent.Kind)
        case connect(SwarmSession)
        case deliver(SwarmSession, side: Int, SwarmSession.Piece)
        case deadline(SwarmSession, side: Int)
        /// A side closed the connection, and the other one learns of it.
        case closed(SwarmSession)
        /// The time of a meeting is over.
        case parted(SwarmSession)
        case start(SwarmSeat, life: Int, SwarmEvent.Crash)
        case relieve(SwarmSeat, life: Int)
        /// Once everything is healed, a connection is made anew.
        case reconnect(SwarmEvent.Meeting)
    }

    let script: SwarmScript
    let environment: SwarmEnvironment
    private let app: AnySwarmApp?
    let clock = SimulatedClock(at: WallTime(milliseconds: SwarmClock.start))
    var queue = EventQueue<Happening>()
    var now: Duration = .zero
    var seats = [SwarmSeat?](repeating: nil, count: SwarmScript.seatsMax)
    var sessions: [SwarmSession] = []
    /// What the one who dialled sent in the last session of two seats.
    var recordings: [Int: [UInt8]] = [:]
    var oracle: SwarmOracle
    var tally = FaultTally()
    var trace = SwarmTrace()
    var counts = Counts()
    var isHealed = false
    /// Collects what a report shows, if one is wanted.
    var recorder: RunRecorder?
    /// Told of what happens, for people.
    var narrate: ((Duration, String) -> Void)?

    /// More than any world needs by far.
    private static let happeningsMax = 300_000

    /// How much happened.
    struct Counts {
        var happenings = 0
        var sessions = 0
        var exchanges = 0
        var messages: UInt64 = 0
        var deviceTime: Duration = .zero
    }

    /// Prepares the world of a script, in which an app is used or else the domain of fleets.
    init(_ script: SwarmScript, app: AnySwarmApp? = nil) throws {
        self.script = script
        self.app = app
        environment = try app?.environment ?? SwarmEnvironment.shared.get()
        oracle = SwarmOracle(devices: environment.devices, app: app)
        for index in 0..<min(script.devices, SwarmEnvironment.devicesMax) { try add(index) }
        for event in script.events where event.at < script.milliseconds {
            queue.schedule(.event(event.kind), at: .milliseconds(event.at))
        }
    }

    /// The fleet comes into being: a device that has the files of a new replica.
    @discardableResult
    func add(_ index: Int) throws -> SwarmSeat? {
        guard seats.indices.contains(index), seats[index] == nil,
            index < SwarmEnvironment.devicesMax
        else { return nil }
        let device = environment.devices[index]
        let random = SeededRandom(seed: script.seed).fork(label: "nonces \(index)")
        let seat = SwarmSeat(
            index: index, device: index,
            identity: Preamble(capabilities: .own, fleet: environment.fleet, device: device),
            disk: environment.disks[index].copy(), deviceMark: SwarmDeviceMark(),
            nonces: NonceSource(random), clock: clock, cutHours: script.cutHours)
        seats[index] = seat
        try start(seat)
        try write(on: seat) {
            try $0.joinFleet(name: "device \(index)", deviceClass: .phone)
        }
        if let store = seat.store, let writer = store.durableWriter {
            let sequence = store.durableSummary.vectors[.control][writer]
            oracle.joined(at: Dot(writer: writer, sequence: sequence))
        }
        return seat
    }

    // MARK: Running

    /// Runs until a rule is broken, or the given time; says whether `isDone` became true before.
    @discardableResult
    func run(until end: Duration, stoppingWhen isDone: () -> Bool = { false }) throws -> Bool {
        while oracle.violation == nil {
            if isDone() { return true }
            guard let next = queue.nextTime, next <= end, let (at, happening) = queue.next()
            else { break }
            now = max(now, at)
            counts.happenings += 1
            if counts.happenings > Self.happeningsMax {
                oracle.report(.live, "the world goes round in circles")
            }
            oracle.now = now
            recorder?.tick(Int(milliseconds), violations: oracle.violation == nil ? 0 : 1)
            try handle(happening)
        }
        if oracle.violation == nil { now = max(now, end) }
        return isDone()
    }

    private func handle(_ happening: Happening) throws {
        switch happening {
        case .event(let kind): try perform(kind)
        case .connect(let session): connect(session)
        case .deliver(let session, let side, let piece): deliver(piece, to: side, of: session)
        case .deadline(let session, let side): timeReached(side, of: session)
        case .closed(let session): end(session)
        case .parted(let session): part(session)
        case .start(let seat, let life, let crash):
            if seat.life == life, !seat.isRunning, !seat.isGone { restart(seat, after: crash) }
        case .relieve(let seat, let life):
            if seat.life == life, now >= seat.troubleUntil { relieve(seat) }
        case .reconnect(let meeting): dial(meeting)
        }
    }

    var milliseconds: Int64 {
        let (seconds, attoseconds) = now.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    func tell(_ text: @autoclosure () -> String) { narrate?(now, text()) }

    var time: MonotonicTime { MonotonicTime(sinceStart: now) }

    /// Sets the clock that stores look at to that of a seat.
    func wall(of seat: SwarmSeat) -> WallTime {
        let wall = seat.clock.wall(at: milliseconds)
        clock.advance(to: wall)
        return wall
    }

    /// A seat that is running and not standing still.
    func active(_ index: Int) -> SwarmSeat? {
        guard seats.indices.contains(index), let seat = seats[index], seat.isRunning,
            seat.pausedUntil <= now
        else { return nil }
        return seat
    }

    var running: [SwarmSeat] { seats.compactMap { $0 }.filter(\.isRunning) }

    // MARK: Writing

    /// Lets a device do something that the oracle does not count as a deed.
    func write(
        on seat: SwarmSeat, _ body: (FleetChanges<StoreTransaction>) throws -> Void
    ) throws {
        guard let store = seat.store else { return }
        settle(seat)
        let wall = wall(of: seat)
        let before = store.durableSummary.vectors
        do {
            try store.write(at: wall) { try body(FleetChanges($0)) }
            oracle.wrote(before, store.durableSummary.vectors, as: store.durableWriter)
            changed(seat, through: nil)
        } catch is FleetError {
            return
        } catch let error as StoreError {
            failed(seat, error)
        }
    }

    func operate(_ operation: SwarmOperation, on seat: SwarmSeat) {
        guard let store = seat.store else { return }
        settle(seat)
        let wall = wall(of: seat)
        let before = store.durableSummary.vectors
        var outcome: SwarmOutcome?
        do {
            try store.write(at: wall) {
                outcome = try operation.perform(
                    on: FleetChanges($0), as: seat.device, devices: environment.devices,
                    with: app)
            }
            guard let outcome else { return }
            oracle.wrote(before, store.durableSummary.vectors, as: store.durableWriter)
            if outcome.writer != nil {
                oracle.checkLanes(of: operation, by: seat.index, outcome)
                oracle.acknowledge(operation, by: seat.index, of: seat.device, outcome)
                record(operation, outcome, on: seat)
                count(operation)
            }
            trace.note(1, UInt64(seat.index), store.durableSummary.digest.value)
            // Also if the operation itself wrote nothing: upkeep may have.
            if store.durableSummary.vectors != before { changed(seat, through: nil) }
            tell("\(seat.index): \(outcome.action.map { "\($0)" } ?? "\(operation)")")
        } catch let error as FleetError {
            trace.note(2, UInt64(seat.index), 0)
            tell("\(seat.index) refuses: \(operation): \(error)")
            recordMark(.refusal, on: seat, "\(operation): \(error)")
        } catch is SchemaError {
            trace.note(2, UInt64(seat.index), 1)
        } catch let error as StoreError where error.code == .rightsFrozen {
            trace.note(2, UInt64(seat.index), 2)
        } catch  where operation.isOfApp && !(error is StoreError) {
            trace.note(2, UInt64(seat.index), 3)
            tell("\(seat.index) refuses: \(error)")
        } catch {
            oracle.fail(operation, by: seat.index, of: seat.device, outcome)
            if store.durableSummary.vectors != before {
                oracle.report(.atomic, "seat \(seat.index) failed, and wrote all the same")
            }
            failed(seat, error)
        }
        sprung(seat)
    }

    private func count(_ operation: SwarmOperation) {
        switch operation {
        case .setPeriod: tally.add(.periodRollover)
        case .later: tally.add(.mixedVersions)
        default: return
        }
    }

    /// The disk of a seat works again.
    func relieve(_ seat: SwarmSeat) {
        seat.plan(FaultDisk.Plan())
        settle(seat)
    }

    /// Lets a replica find out whether a write that failed was made all the same, and the oracle
    /// take note, before it does anything else.
    func settle(_ seat: SwarmSeat) {
        guard let store = seat.store, store.isInDoubt else { return }
        let before = store.durableSummary.vectors
        do { try store.read { _ in } } catch { return failed(seat, error) }
        tell("\(seat.index) is in doubt no more")
        if store.durableSummary.vectors != before { changed(seat, through: nil) }
    }

    /// A store failed; only a disk in trouble excuses that.
    func failed(_ seat: SwarmSeat, _ error: any Error) {
        trace.note(3, UInt64(seat.index), 0)
        tell("\(seat.index) fails: \(error)")
        if seat.disk.count.isOff { return }
        if seat.troubleUntil > now { return }
        if seat.isRotten { return giveUp(seat) }
        oracle.report(.failure, "seat \(seat.index): \(error)")
    }

    /// Lets a seat crash whose disk has been switched off.
    @discardableResult
    func sprung(_ seat: SwarmSeat) -> Bool {
        guard seat.isRunning, seat.disk.count.isOff else { return false }
        crash(
            seat,
            seat.trap
                ?? SwarmEvent.Crash(seat: seat.index, isPower: true, milliseconds: 1000))
        return true
    }

    /// Lets the oracle look at what a seat says, unless its disk does not let anyone read.
    func check(_ seat: SwarmSeat, _ scope: SwarmShadow.Scope, in store: ReplicaStore) {
        guard seat.troubleUntil <= now, seat.trap == nil else { return }
        oracle.check(seat.index, of: seat.device, scope, in: store)
    }

    /// A seat has come to hold something new: the oracle looks, and other sessions send it on.
    func changed(_ seat: SwarmSeat, through session: SwarmSession?) {
        guard let store = seat.store, !seat.disk.count.isOff else { return }
        let summary = store.durableSummary
        let vectors = summary.vectors
        recordState(of: seat, vectors)
        let scope = oracle.follow(seat.index, to: vectors)
        oracle.check(seat.index, mayForget: summary.frontier)
        check(seat, scope, in: store)
        seat.changedAt = now
        // Also the session that it came through: what upkeep wrote along with it is news there.
        for other in sessions where other.isOpen {
            guard let side = other.side(of: seat), var end = other.ends[side] else { continue }
            let output = end.changed(
                to: vectors, relayed: session != nil, at: time, replica: store)
            other.ends[side] = end
            take(output, from: side, of: other)
        }
    }
}

/// A hash of everything that happened, in order.
package struct SwarmTrace: Sendable {
    package private(set) var hash: UInt64 = 0

    mutating func note(_ kind: UInt64, _ one: UInt64, _ other: UInt64) {
        for value in [kind, one, other] {
            hash = (hash ^ value) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
        }
    }
}

/// What all random worlds of a process begin with: the files of new replicas of one fleet.
struct SwarmEnvironment: Sendable {
    static let devicesMax = 8

    let fleet: FleetID
    let devices: [DeviceID]
    let disks: [FaultDisk]

    /// Made once: copying files is much quicker than making replicas.
    static let shared = Result { try SwarmEnvironment() }

    /// Makes the devices that worlds begin with.
    ///
    /// - Parameter schema: Of which the replicas have views.
    /// - Throws: What making replicas throws.
    init(schema: Schema? = nil) throws {
        var random = SeededRandom(seed: 5)
        let fleet = FleetID.random(using: &random)
        var devices: [DeviceID] = []
        var disks: [FaultDisk] = []
        for _ in 0..<Self.devicesMax {
            let device = DeviceID.random(using: &random)
            let disk = FaultDisk()
            try ReplicaStore.create(
                atAddress: disk.address(of: SwarmSeat.database), fleet: fleet, device: device)
            if let schema {
                var options = ReplicaStore.Options()
                options.views = schema.collections.map(StoreView.init(of:))
                try ReplicaStore.open(
                    atAddress: disk.address(of: SwarmSeat.database), options: options
                ).close()
            }
            devices.append(device)
            disks.append(disk)
        }
        self.fleet = fleet
        self.devices = devices
        self.disks = disks
    }
}
