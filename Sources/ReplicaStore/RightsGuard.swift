import CausalTime
import PlantedBugs
import ReplicaModel
import Synchronization

/// Decides whether this replica may spend what only its device may spend.
///
/// The rights of a device are what it received less what it spent, so a replica that has forgotten
/// some of the spending must not spend more. It may if the device's mark is there and it has seen
/// all that the mark names: after a restore that is so once a peer has brought it back. Where there
/// is no mark at all, on another machine above all, an exchange with a peer has to do; the loss is
/// then at most what the device had spent and told nobody.
final class RightsGuard: Sendable {
    private let mark: any DeviceMark
    private let place: UInt64
    private let path: String
    /// Whether nothing says what was spent.
    private let isUnmarked: Mutex<Bool>

    /// Looks at the mark of a replica that is being opened.
    ///
    /// - Parameters:
    ///   - mark: The device's mark.
    ///   - path: Where the database is.
    ///   - isContinuous: Whether the database is known to be as this device left it, mark or not.
    /// - Throws: ``StoreError`` with the code `markNotWritable`.
    init(_ mark: any DeviceMark, path: String, isContinuous: Bool) throws {
        self.mark = mark
        self.path = path
        place = StableHash.hash64(Array(path.utf8))
        let isMarked = mark.read() != nil
        isUnmarked = Mutex(!isMarked && !isContinuous)
        if !isMarked, isContinuous { try confirm() }
    }

    /// Whether a replica that has seen `vectors` may not spend.
    func isFrozen(at vectors: LaneVectors) -> Bool {
        if PlantedBug.rightsNeverFrozen.isPlanted { return false }
        return isUnmarked.withLock { $0 }
            || !(mark.read()?.isKnown(to: vectors, at: place) ?? true)
    }

    /// Notes that a peer has told all that it knows; more cannot be known without a mark.
    ///
    /// The next spending makes a mark. Until then another opening asks for a peer again.
    func hearPeer() { isUnmarked.withLock { $0 = false } }

    /// Notes that somebody answers for it that all is known.
    func confirm() throws {
        try mark.lock().write(SpendingRecord(place: place))
        isUnmarked.withLock { $0 = false }
    }

    /// Marks that a transaction that spends is about to commit.
    ///
    /// - Parameters:
    ///   - dots: Its latest spending writes.
    ///   - vectors: What the replica had seen before.
    /// - Returns: What is to be finished when it has committed.
    /// - Throws: ``StoreError`` with the codes `rightsFrozen` and `markNotWritable`.
    func begin(_ dots: [Lane: Dot], at vectors: LaneVectors) throws -> Spending {
        let lock = try mark.lock()
        // A copy of this replica may have spent since the transaction looked.
        guard !isFrozen(at: vectors) else { throw frozenError() }
        var record = mark.read() ?? SpendingRecord(place: place)
        // What was begun and is there has been done; what is not there never was.
        for (lane, dot) in record.begun where vectors[lane].contains(dot) {
            record.done[lane] = dot
        }
        record.begun = dots
        record.place = place
        if !PlantedBug.spendingNotMarked.isPlanted { try lock.write(record) }
        return Spending(lock: lock, record: record)
    }

    func frozenError() -> StoreError {
        StoreError(
            .rightsFrozen,
            "\(path): the rights of this device are frozen, because the replica was restored or "
                + "copied and does not know what the device has spent since; exchange with a peer")
    }
}

/// A transaction that spends, between its mark and its end.
package struct Spending {
    fileprivate let lock: any LockedDeviceMark
    fileprivate let record: SpendingRecord

    /// Marks that the transaction is durable.
    func finish() throws {
        var record = record
        record.done.merge(record.begun) { $1 }
        record.begun = [:]
        if !PlantedBug.spendingNotMarked.isPlanted { try lock.write(record) }
    }
}
