import CausalTime
import FaultDisk
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// The power fails, or an operation does, at every point of what a store does.
@Suite("A store whose disk fails at any point")
struct CrashPointTests {
    let workload: CrashWorkload

    init() throws { workload = try CrashWorkload.everything() }

    /// How the power comes back: what was not synced is lost, kept or torn.
    static let losses: [FaultDisk.Loss] = [
        .all, .none, .some(seed: 1), .some(seed: 2), .some(seed: 3), .some(seed: 4),
        .some(seed: 5), .some(seed: 6),
    ]

    @Test("keeps what it acknowledged through a power cut at every write and sync")
    func survivesPowerCuts() throws {
        var points = 0
        for point in 1...(try changes()) {
            for loss in Self.losses {
                var crash = Crash(workload, "cut at \(point), losing \(loss)")
                crash.plan.cutAt = point
                try crash.run()
                crash.disk.recover(losing: loss)
                // The boot mark goes with the power; a process alone that dies leaves it.
                try crash.check(mark: loss == .none ? crash.mark : CrashMark())
                points += 1
            }
        }
        #expect(points >= 600, "\(points)")
    }

    @Test("keeps it also when the power fails again at every point of the recovery")
    func survivesCutsOfRecoveries() throws {
        var points = 0
        for point in 1...(try changes()) {
            for loss in Self.losses.prefix(3) {
                var first = Crash(workload, "cut at \(point), losing \(loss)")
                first.plan.cutAt = point
                try first.run()
                first.disk.recover(losing: loss)
                let state = try first.settled()
                var again = 1
                while true {
                    let disk = first.disk.copy()
                    var plan = FaultDisk.Plan()
                    plan.cutAt = again
                    disk.plan(plan)
                    let isThrough = Crash.recoverAndFold(disk)
                    disk.recover(losing: .some(seed: UInt64(again)))
                    let store = try CrashWorkload.open(disk, CrashMark(), nonce: 500)
                    #expect(
                        try CrashState(store) == state, "\(first.name), and again at \(again)")
                    try store.close()
                    points += 1
                    if isThrough { break }
                    again += 1
                }
            }
        }
        #expect(points >= 5_000, "\(points)")
    }

    @Test("changes nothing by a call that fails, and goes on", arguments: [false, true])
    func survivesFailingOperations(persists: Bool) throws {
        var points = 0
        for point in 1...(try accesses()) {
            var crash = Crash(workload, "operation \(point) fails, persistently: \(persists)")
            crash.plan.failAt = point
            crash.plan.persists = persists
            try crash.runThrough()
            points += 1
        }
        #expect(points >= 200, "\(points)")
    }

    @Test("changes nothing when the disk is full, and says so", arguments: [false, true])
    func survivesFullDisks(persists: Bool) throws {
        var points = 0
        for point in 1...(try writes()) {
            var crash = Crash(workload, "full at write \(point), persistently: \(persists)")
            crash.plan.fullAt = point
            crash.plan.persists = persists
            try crash.runThrough()
            // Where it stays full, the end of a commit may not be taken back.
            let codes: Set<StoreError.Code> = persists ? [.diskFull, .inDoubt] : [.diskFull]
            #expect(
                crash.errors.allSatisfy { codes.contains($0.code) },
                "\(crash.name): \(crash.errors)")
            points += 1
        }
        #expect(points >= 60, "\(points)")
    }

    // MARK: How many points there are

    private func counted() throws -> FaultDisk.Count {
        let disk = workload.disk()
        disk.plan(FaultDisk.Plan())
        #expect(workload.run(on: disk, CrashMark()) == workload.steps.count)
        return disk.count
    }

    private func changes() throws -> Int { try counted().changes }
    private func accesses() throws -> Int { try counted().accesses }
    private func writes() throws -> Int { try counted().writes }
}

/// One run of a workload on a disk that fails.
struct Crash {
    let workload: CrashWorkload
    let name: String
    let disk: FaultDisk
    let mark = CrashMark()
    var plan = FaultDisk.Plan()
    private(set) var acknowledged = 0
    private(set) var errors: [StoreError] = []

    init(_ workload: CrashWorkload, _ name: String) {
        self.workload = workload
        self.name = name
        disk = workload.disk()
    }

    /// Performs the workload until a step fails.
    mutating func run() throws {
        disk.plan(plan)
        acknowledged = workload.run(on: disk, mark)
    }

    /// Performs the workload with a second try of whatever fails, then looks at what is there.
    mutating func runThrough() throws {
        disk.plan(plan)
        var store = open()
        if store == nil, !plan.persists { store = open() }
        if let store {
            for step in workload.steps {
                if try perform(step, store) { continue }
                guard !plan.persists else { break }
                #expect(try perform(step, store), "\(name): step \(acknowledged) fails again")
            }
            // A store that cannot be closed is closed all the same.
            note { try store.close() }
        }
        disk.recover(losing: .all)
        try check(mark: CrashMark())
    }

    private mutating func open() -> ReplicaStore? {
        var store: ReplicaStore?
        let (disk, mark) = (disk, mark)
        note { store = try CrashWorkload.open(disk, mark) }
        return store
    }

    /// Whether a step went through; if it did not, it has changed nothing.
    private mutating func perform(
        _ step: CrashWorkload.Step, _ store: ReplicaStore
    ) throws -> Bool {
        if note({ try step(store) }) {
            acknowledged += 1
            return true
        }
        if !plan.persists {
            #expect(
                try CrashState(store) == workload.states[acknowledged],
                "\(name): step \(acknowledged) failed and changed something")
        }
        return false
    }

    @discardableResult
    private mutating func note(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch let error as StoreError {
            errors.append(error)
        } catch {
            Issue.record("\(name): \(error) is no error of the store")
        }
        return false
    }

    /// The state after the crash, which has to be one that the acknowledgements allow.
    func settled() throws -> CrashState {
        let disk = disk.copy()
        let store = try CrashWorkload.open(disk, CrashMark(), nonce: 500)
        let state = try CrashState(store)
        try expectAllowed(state)
        try store.close()
        return state
    }

    private func expectAllowed(_ state: CrashState) throws {
        let last = min(acknowledged + 1, workload.states.count - 1)
        #expect(
            workload.states[acknowledged...last].contains(state),
            "\(name): neither the state of step \(acknowledged) nor of \(last)")
    }

    /// Opens what is left: nothing acknowledged is missing, all agrees, and the device takes part
    /// again without using a name twice.
    func check(mark: CrashMark) throws {
        let store = try CrashWorkload.open(disk, mark, nonce: 200)
        let found = try CrashState(store)
        try expectAllowed(found)
        #expect(try store.read { try $0.violations() } == [], "\(name)")

        // What was acknowledged, or is there now, others may have seen.
        var contents: [WriteName: [UInt8]] = [:]
        for cell in workload.states[...acknowledged].flatMap(\.cells) + found.cells {
            contents[WriteName(cell)] = cell.canonicalBytes
        }
        try store.count(1, at: 200)
        for cell in try store.read({ try $0.allCells() }) {
            let known = contents[WriteName(cell)] ?? cell.canonicalBytes
            #expect(known == cell.canonicalBytes, "\(name): two contents of \(cell.dot)")
        }
        let peer = try ReplicaStore.inMemory(9)
        try peer.set(1, ofRow: 99, to: "peer")
        try peer.pull(from: store)
        try store.pull(from: peer)
        #expect(try store.summary().digest == peer.summary().digest, "\(name)")
        try store.close()
    }

    /// Opens, folds the log and closes; whether all of that went through.
    static func recoverAndFold(_ disk: FaultDisk) -> Bool {
        do {
            let store = try CrashWorkload.open(disk, CrashMark(), nonce: 400)
            try store.checkpoint()
            try store.close()
            return !disk.count.isOff
        } catch {
            return false
        }
    }
}

/// A write among those of all lanes.
private struct WriteName: Hashable {
    let lane: Lane
    let dot: Dot

    init(_ cell: Cell) {
        lane = cell.key.lane
        dot = cell.dot
    }
}
