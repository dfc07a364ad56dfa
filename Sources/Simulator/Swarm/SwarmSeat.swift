import CausalTime
import FaultDisk
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncEngine
import Synchronization

/// A continuity mark in the memory of one machine: a power cut takes it, the end of a process
/// does not.
final class SwarmMark: ContinuityMark {
    private let content = Mutex<MarkContent?>(nil)

    func read() -> MarkContent? { content.withLock { $0 } }
    func write(_ content: MarkContent) throws { self.content.withLock { $0 = content } }
    func forget() { content.withLock { $0 = nil } }
}

/// A device mark on one machine: all copies of a replica there share it, and nothing takes it.
final class SwarmDeviceMark: DeviceMark {
    private let record = Mutex<SpendingRecord?>(nil)

    func read() -> SpendingRecord? { record.withLock { $0 } }
    func lock() throws -> any LockedDeviceMark { Locked(self) }

    private final class Locked: LockedDeviceMark {
        private let mark: SwarmDeviceMark

        init(_ mark: SwarmDeviceMark) { self.mark = mark }

        func write(_ record: SpendingRecord) throws { mark.record.withLock { $0 = record } }
    }
}

/// A wall clock that may be wrong.
struct SwarmClock {
    /// What every clock would show at the beginning.
    static let start: Int64 = 1_790_000_000_000

    private var offset: Int64 = 0
    private var frozen: (at: Int64, until: Int64)?
    private var future: Int64 = 0

    /// What it shows, `now` milliseconds after the beginning.
    func wall(at now: Int64) -> WallTime {
        if let frozen, now < frozen.until { return WallTime(milliseconds: frozen.at) }
        // About 2099.
        let decades: Int64 = now < future ? 73 * 365 * 86_400_000 : 0
        return WallTime(milliseconds: Self.start + now + offset + decades)
    }

    mutating func change(_ change: SwarmEvent.ClockChange, at now: Int64) {
        switch change {
        case .skew(let milliseconds): offset = Int64(milliseconds)
        case .jump(let milliseconds): offset += Int64(milliseconds)
        case .freeze(let milliseconds):
            frozen = (wall(at: now).milliseconds, now + Int64(milliseconds))
        case .future(let milliseconds): future = now + Int64(milliseconds)
        }
    }

    /// A person sets it.
    mutating func set() { self = SwarmClock() }
}

/// A replica in use: the files of a device on a disk of its own, and the process that uses them.
final class SwarmSeat {
    static let database = "replica.sqlite"

    let index: Int
    /// Which device it is; copies of a device have the same.
    let device: Int
    let identity: Preamble
    let disk: FaultDisk
    let mark = SwarmMark()
    let deviceMark: SwarmDeviceMark
    let nonces: NonceSource
    private let cutHours: Int
    private let sharedClock: SimulatedClock
    var clock = SwarmClock()

    /// The process, while there is one.
    private(set) var store: ReplicaStore?
    private(set) var backup: FaultDisk?
    /// Whether it never comes back.
    var isGone = false
    /// Whether the last process ended without closing.
    private var wasClosed = true
    /// Whether syncs do nothing.
    private(set) var lies = false
    /// Until when the disk is in trouble.
    var troubleUntil: Duration = .zero
    var pausedUntil: Duration = .zero
    /// How the process ends when the trap of the disk springs.
    var trap: SwarmEvent.Crash?
    /// Whether it may have forgotten something since it was last looked at.
    var mayHaveLost = false
    /// Whether a bit of its files is another one, which may come to light at any time.
    var isRotten = false
    /// Counts ends and restarts: what was planned for an earlier process is void.
    private(set) var life = 0
    /// When it came to hold something new.
    var changedAt: Duration = .zero
    /// Since when it has been running.
    var runningSince: Duration = .zero

    init(
        index: Int, device: Int, identity: Preamble, disk: FaultDisk, deviceMark: SwarmDeviceMark,
        nonces: NonceSource, clock: SimulatedClock, cutHours: Int
    ) {
        self.index = index
        self.device = device
        self.identity = identity
        self.disk = disk
        self.deviceMark = deviceMark
        self.nonces = nonces
        self.cutHours = cutHours
        sharedClock = clock
    }

    var isRunning: Bool { store != nil }

    var vectors: LaneVectors { store?.durableSummary.vectors ?? LaneVectors() }

    private var options: ReplicaStore.Options {
        var options = ReplicaStore.Options()
        options.mark = mark
        options.makeDeviceMark = { [deviceMark] _ in deviceMark }
        options.drawNonce = { [nonces] in nonces.writer() }
        var upkeep = Upkeep()
        upkeep.cutInterval = .seconds(cutHours * 3600)
        options.upkeep = upkeep
        // Some take in a few cells as others take in thousands: few worlds have as many.
        if index % 4 == 3 {
            options.bulkWrites.cells = 4
            options.bulkWrites.databaseFactor = 1000
        }
        options.domainUpkeep = { [sharedClock] in
            try FleetChanges($0).answerRequests(at: sharedClock.now)
        }
        return options
    }

    /// Some yield for a single write as others do for many.
    var sessionLimits: SessionLimits {
        var limits = SessionLimits()
        if index % 4 == 1 { limits.yieldedWritesMin = 1 }
        return limits
    }

    /// Begins a process.
    func start() throws {
        life += 1
        store = try ReplicaStore.open(
            atAddress: disk.address(of: Self.database), options: options, wasClosed: wasClosed)
        wasClosed = false
        trap = nil
    }

    /// Ends the process as it should end.
    func close() throws {
        life += 1
        defer { store = nil }
        try store?.close()
        wasClosed = true
    }

    /// Ends the process at once, with the power or without.
    func kill(_ crash: SwarmEvent.Crash) {
        life += 1
        if crash.isPower {
            disk.recover(losing: crash.tearing.map { .some(seed: $0) } ?? .all)
            mark.forget()
        } else {
            disk.recover(losing: .none)
        }
        // Only now: what the connection does when it is given up must not reach the disk.
        store = nil
        lies = false
        troubleUntil = .zero
        trap = nil
    }

    func lie() {
        lies = true
        plan(FaultDisk.Plan())
    }

    /// Says what the disk does wrong from now on; lying goes on.
    func plan(_ plan: FaultDisk.Plan) {
        var plan = plan
        plan.syncsLie = lies
        disk.plan(plan)
    }

    func backUp() { backup = disk.copy() }

    /// Puts the backup back.
    func restore(inPlace: Bool) {
        guard let backup else { return }
        disk.restore(from: backup)
        if !inPlace { mark.forget() }
        store = nil
        life += 1
        // A copy of files in use has their log beside them.
        wasClosed = false
    }

    /// A seat with a copy of the files, on the same machine.
    func copied(as index: Int) -> SwarmSeat {
        let seat = SwarmSeat(
            index: index, device: device, identity: identity, disk: disk.copy(),
            deviceMark: deviceMark, nonces: nonces, clock: sharedClock, cutHours: cutHours)
        seat.clock = clock
        seat.wasClosed = false
        return seat
    }
}
