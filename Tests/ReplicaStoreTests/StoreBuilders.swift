import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Synchronization

/// The fleet of all tests here.
let testFleet = FleetID.numbered(1)

/// A mark that survives as long as the test holds on to it.
final class MemoryMark: ContinuityMark {
    private let content = Mutex<MarkContent?>(nil)

    func read() -> MarkContent? { content.withLock { $0 } }
    func write(_ content: MarkContent) { self.content.withLock { $0 = content } }
    func forget() { content.withLock { $0 = nil } }
}

/// Draws 1, 2, 3 and so on, so that writers are known in advance.
final class Nonces: Sendable {
    private let last: Mutex<UInt64>

    init(after last: UInt64 = 0) { self.last = Mutex(last) }

    func draw() -> UInt64 {
        last.withLock {
            $0 += 1
            return $0
        }
    }
}

extension ReplicaStore {
    /// A replica in memory that goes on as the same writer when it is reopened.
    static func inMemory(_ number: UInt32, takesInBulk: Bool = false) throws -> ReplicaStore {
        var options = Options()
        if takesInBulk { options.bulkWrites = .always }
        options.mark = MemoryMark()
        let nonces = Nonces()
        options.drawNonce = { nonces.draw() }
        return try inMemory(fleet: testFleet, device: .numbered(number), options: options)
    }

    /// A replica in a new file.
    static func make(_ number: UInt32, at path: String, mark: any ContinuityMark = NoMark()) throws
        -> ReplicaStore
    {
        try create(at: path, fleet: testFleet, device: .numbered(number))
        return try open(at: path, mark: mark)
    }

    static func open(at path: String, mark: any ContinuityMark) throws -> ReplicaStore {
        var options = Options()
        options.mark = mark
        return try open(at: path, options: options)
    }

    /// Sets a field of a row, which is created if it is not there.
    func set(_ field: UInt32, ofRow row: UInt8, to text: String, at milliseconds: Int64 = 0) throws
    {
        try write(at: WallTime(milliseconds: milliseconds)) { transaction in
            let held = try transaction.cell(at: .row(row))?.causalLength ?? 0
            if held.isMultiple(of: 2) {
                try transaction.put(
                    CellDraft(key: .row(row), kind: .row, causalLength: held + 1))
            }
            try transaction.put(
                CellDraft(
                    key: .field(field, ofRow: row), kind: .register,
                    causalLength: held.isMultiple(of: 2) ? held + 1 : held,
                    value: CellValue.text(text).encoded))
        }
    }

    /// Deletes a row that is there.
    func delete(row: UInt8, at milliseconds: Int64 = 0) throws {
        try write(at: WallTime(milliseconds: milliseconds)) { transaction in
            let held = try transaction.cell(at: .row(row))?.causalLength ?? 0
            try transaction.put(CellDraft(key: .row(row), kind: .row, causalLength: held + 1))
        }
    }

    /// Raises the writer's own counter.
    func count(_ amount: UInt64, at row: UInt8) throws {
        try write(at: WallTime(milliseconds: 0)) { transaction in
            let key = CellKey.entry(row, owner: try transaction.writer())
            let held = try transaction.cell(at: key)?.amount ?? 0
            try transaction.put(
                CellDraft(
                    key: .entry(row), kind: .counter, value: Cell.encoded(amount: held + amount)))
        }
    }

    /// Takes in everything that `other` has and this replica lacks.
    func pull(from other: ReplicaStore) throws {
        let (mine, theirs) = (try summary(), try other.summary())
        // Who has not seen the other's frontier sends nothing before it has taken a snapshot,
        // unless the other one has to wait for the same.
        for lane in Lane.all
        where !mine.vectors[lane].dominates(theirs.vectors[lane])
            && (theirs.vectors[lane].dominates(mine.frontier[lane])
                || !mine.vectors[lane].dominates(theirs.frontier[lane]))
        {
            _ = try apply(other.segment(of: lane, since: mine.vectors[lane]))
        }
    }

    /// Brings two replicas together: each takes what the other had when they met.
    func meet(_ other: ReplicaStore) throws {
        let vectors = (try summary().vectors, try other.summary().vectors)
        for lane in Lane.all {
            let segments = (
                try segment(of: lane, since: vectors.1[lane]),
                try other.segment(of: lane, since: vectors.0[lane])
            )
            _ = try other.apply(segments.0)
            _ = try apply(segments.1)
        }
    }

    /// The text of a field, if it is held.
    func text(_ field: UInt32, ofRow row: UInt8) throws -> String? {
        try read { snapshot in
            try snapshot.cell(at: .field(field, ofRow: row)).flatMap {
                CellValue(encoded: $0.value)?.description
            }
        }
    }

    /// Everything that a test can see of the replica.
    func image() throws -> StoreImage {
        try read { snapshot in
            StoreImage(
                cells: try snapshot.allCells(), summary: snapshot.summary,
                lost: try snapshot.lostValues(), writer: snapshot.writer,
                violations: try snapshot.violations())
        }
    }
}

extension BulkWrite.Threshold {
    /// A few cells are taken in as very many are.
    static var always: BulkWrite.Threshold {
        var threshold = BulkWrite.Threshold()
        threshold.cells = 1
        threshold.databaseFactor = 1 << 20
        return threshold
    }
}

/// Everything that a test can see of a replica.
struct StoreImage: Equatable {
    let cells: [Cell]
    let summary: ReplicaSummary
    let lost: [LostValue]
    let writer: WriterID?
    let violations: [String]
}

/// The code of the error that `body` throws; nothing if it throws none.
func code(of body: () throws -> Void) throws -> StoreError.Code? {
    do {
        try body()
        return nil
    } catch let error as StoreError {
        return error.code
    }
}
