import CausalTime
import FaultDisk
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Synchronization

/// A mark that a test takes away when the power fails, and leaves when only the process dies.
final class CrashMark: ContinuityMark {
    private let content: Mutex<MarkContent?>

    init(_ content: MarkContent? = nil) { self.content = Mutex(content) }

    func read() -> MarkContent? { content.withLock { $0 } }
    func write(_ content: MarkContent) { self.content.withLock { $0 = content } }
}

/// What a replica holds, as far as it may not change by itself.
struct CrashState: Hashable {
    let cells: [Cell]
    let vectors: LaneVectors
    let frontier: LaneVectors

    init(_ store: ReplicaStore) throws {
        (cells, vectors, frontier) = try store.read {
            (try $0.allCells(), $0.vectors, $0.frontier)
        }
    }
}

/// A few things that a store does one after another, each acknowledged by returning.
struct CrashWorkload: Sendable {
    typealias Step = @Sendable (ReplicaStore) throws -> Void

    static let file = "replica.sqlite"

    /// The replica before the first step.
    let disk: @Sendable () -> FaultDisk
    let steps: [Step]
    /// The state before the first step and after each, on a disk that does nothing wrong.
    let states: [CrashState]

    init(from base: FaultDisk, _ steps: [Step]) throws {
        disk = { base.copy() }
        self.steps = steps
        let copy = base.copy()
        let store = try Self.open(copy, CrashMark())
        var states = [try CrashState(store)]
        for step in steps {
            try step(store)
            states.append(try CrashState(store))
        }
        try store.close()
        self.states = states
    }

    static func open(
        _ disk: FaultDisk, _ mark: CrashMark, nonce: UInt64 = 100
    ) throws -> ReplicaStore {
        var options = ReplicaStore.Options()
        options.mark = mark
        // A call that is tried again draws again: the same, so that the state can be compared.
        options.drawNonce = { nonce }
        return try ReplicaStore.open(atAddress: disk.address(of: file), options: options)
    }

    /// Performs the steps until one fails.
    ///
    /// - Returns: How many were acknowledged.
    func run(on disk: FaultDisk, _ mark: CrashMark) -> Int {
        var acknowledged = 0
        do {
            let store = try Self.open(disk, mark)
            for step in steps {
                try step(store)
                acknowledged += 1
            }
            try store.close()
        } catch {
            return acknowledged
        }
        return acknowledged
    }

    // MARK: The workloads

    /// Writing every kind, applying a delta and a snapshot, deleting, and folding the log.
    static func everything() throws -> CrashWorkload {
        let base = FaultDisk()
        try ReplicaStore.create(
            atAddress: base.address(of: file), fleet: testFleet, device: .numbered(1))
        let store = try open(base, CrashMark(), nonce: 10)
        try store.set(1, ofRow: 1, to: "before")
        try store.count(5, at: 1)
        try store.close()

        let peer = try ReplicaStore.inMemory(2)
        try peer.set(1, ofRow: 2, to: "theirs")
        try peer.count(7, at: 1)
        let delta = try Lane.all.map { try peer.segment(of: $0, since: VersionVector()) }
        let snapshots = try Self.snapshots()
        // One transaction each, so that every state between two of them is acknowledged.
        var steps: [Step] = [
            { try $0.set(1, ofRow: 1, to: "after", at: 1) },
            { try $0.set(1, ofRow: 1, to: "and again", at: 1) },
            { try $0.writeEveryKind() },
        ]
        for segment in delta { steps.append { _ = try $0.apply(segment) } }
        steps += [{ try $0.checkpoint() }, { try $0.delete(row: 1, at: 2) }]
        for segment in snapshots { steps.append { _ = try $0.apply(segment) } }
        steps += [
            { try $0.count(1, at: 3) },
            { try $0.checkpoint() },
            { try $0.set(2, ofRow: 2, to: String(repeating: "long ", count: 2_000), at: 3) },
        ]
        return try CrashWorkload(from: base, steps)
    }

    /// All of what a device holds that has forgotten something.
    private static func snapshots() throws -> [Segment] {
        let store = try ReplicaStore.inMemory(3)
        try store.write(at: WallTime(milliseconds: 0)) { try $0.admit($0.device) }
        try store.set(1, ofRow: 5, to: "forgetful")
        try store.delete(row: 5)
        try store.set(1, ofRow: 6, to: "kept")
        try store.write(at: WallTime(milliseconds: 1)) { transaction in
            for lane in Lane.all { try transaction.proposeCut(of: lane) }
            try transaction.acknowledgeCuts()
        }
        return try Lane.all.map { try store.segment(of: $0, since: VersionVector()) }
    }
}

extension ReplicaStore {
    /// One transaction that writes a cell of each kind that others do not.
    fileprivate func writeEveryKind() throws {
        func key(_ field: UInt32, item: [UInt8] = []) -> CellKey {
            CellKey(
                lane: .settings, collection: CollectionID(rawValue: 50), row: [],
                field: FieldID(rawValue: field), item: item)
        }
        try write(at: WallTime(milliseconds: 2)) { transaction in
            let yes = CellValue.bool(true).encoded
            try transaction.put(CellDraft(key: key(1), kind: .sibling, value: yes))
            try transaction.put(CellDraft(key: key(2, item: [1]), kind: .sibling, value: yes))
            try transaction.put(CellDraft(key: key(2, item: [1]), kind: .sibling))
            try transaction.put(CellDraft(key: key(3), kind: .maximum, value: [3] + yes))
            try transaction.put(CellDraft(key: key(4, item: [9]), kind: .fact, value: yes))
            try transaction.admit(transaction.device)
            let writer = try transaction.writer()
            let dot = Dot(writer: writer, sequence: transaction.vectors[.settings][writer] + 1)
            try transaction.put(
                CellDraft(
                    key: CellKey(
                        lane: .settings, collection: CollectionID(rawValue: 51),
                        row: RowID(creation: dot).bytes, field: .row), kind: .uniqueRow,
                    causalLength: 1))
        }
    }
}
