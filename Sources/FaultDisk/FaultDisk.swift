import CFaultDisk

/// A disk in memory that fails when it is told to: under a real SQLite, for tests and simulations.
///
/// Every file has what a running process sees, and what would be there after a power cut; writes
/// since the last sync are lost, kept or torn when the power comes back. One connection at a time.
public final class FaultDisk: Sendable {
    /// What the disk does wrong.
    ///
    /// Points are counted from 1.
    public struct Plan: Sendable {
        /// The write, truncation, deletion or sync before which the power fails.
        public var cutAt: Int?
        /// The operation, reads included, before which the power fails.
        public var offAt: Int?
        /// The operation, reads included, that fails.
        public var failAt: Int?
        /// The write that finds the disk full.
        public var fullAt: Int?
        /// Whether everything after a failure fails alike.
        public var persists = false
        /// Whether syncs say that they were done and do nothing.
        public var syncsLie = false

        /// A disk that does nothing wrong.
        public init() {}
    }

    /// What the disk has been asked to do since it was made, copied or planned for.
    public struct Count: Hashable, Sendable {
        /// Writes, truncations, deletions and syncs.
        public let changes: Int
        /// The same, and reads.
        public let accesses: Int
        /// Writes.
        public let writes: Int
        /// Syncs.
        public let syncs: Int
        /// Whether the power has failed.
        public let isOff: Bool
    }

    /// What becomes of writes that were not synced when the power failed.
    public enum Loss: Hashable, Sendable {
        /// All are lost.
        case all
        /// None is lost, as when only the process dies.
        case none
        /// Some are, drawn from the seed, and one may be torn.
        case some(seed: UInt64)
    }

    private let number: Int32

    /// An empty disk.
    public init() {
        precondition(fault_disk_register() == 0, "SQLite does not take another file system")
        number = fault_disk_make()
        precondition(number >= 0, "no room for another disk")
    }

    private init(number: Int32) { self.number = number }

    deinit { fault_disk_free(number) }

    /// A disk with the same files, all of them durable.
    public func copy() -> FaultDisk { FaultDisk(number: fault_disk_copy(number)) }

    /// Puts the files of another disk in the place of those that are there, all of them durable.
    ///
    /// Whoever has a file open from before gets errors.
    public func restore(from other: FaultDisk) { fault_disk_assign(number, other.number) }

    /// The address under which SQLite opens a file on the disk.
    public func address(of name: String) -> String { "file:/\(number)/\(name)?vfs=fault" }

    /// Says what the disk does wrong from now on, and begins to count anew.
    public func plan(_ plan: Plan) {
        var faults = fault_plan()
        faults.cut_at = Int64(plan.cutAt ?? 0)
        faults.off_at = Int64(plan.offAt ?? 0)
        faults.fail_at = Int64(plan.failAt ?? 0)
        faults.full_at = Int64(plan.fullAt ?? 0)
        faults.persists = plan.persists ? 1 : 0
        faults.syncs_lie = plan.syncsLie ? 1 : 0
        fault_disk_plan(number, faults)
    }

    /// What it has done.
    public var count: Count {
        let count = fault_disk_count(number)
        return Count(
            changes: Int(count.changes), accesses: Int(count.accesses), writes: Int(count.writes),
            syncs: Int(count.syncs), isOff: count.is_off != 0)
    }

    /// Cuts the power if it is still on, and switches it on again without plans for faults.
    ///
    /// Whoever has a file open from before gets errors.
    public func recover(losing loss: Loss) {
        switch loss {
        case .all: fault_disk_recover(number, Int32(FAULT_LOSE_ALL), 0)
        case .none: fault_disk_recover(number, Int32(FAULT_KEEP_ALL), 0)
        case .some(let seed): fault_disk_recover(number, Int32(FAULT_KEEP_SOME), seed)
        }
    }

    /// Flips one bit of a file, which stays so; does nothing beyond its end.
    ///
    /// - Returns: The size of the file in bytes, or -1 if there is none.
    @discardableResult
    public func flip(bit: Int, at offset: Int, of name: String) -> Int {
        Int(fault_disk_flip(number, name, Int64(offset), Int32(bit & 7)))
    }
}
