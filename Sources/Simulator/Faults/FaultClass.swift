/// What can go wrong in a random world, by class.
///
/// Each class has a random stream of its own, is on or off for a seed, and has a rate of its own.
public enum FaultClass: String, CaseIterable, Codable, Hashable, Sendable {
    // MARK: Network

    /// Nothing passes between two devices, in either direction.
    case partition
    /// Bytes pass in one direction only.
    case asymmetricPartition
    /// One side is gone without a word; the other one waits.
    case halfOpen
    /// A connection ends after any byte.
    case cut
    /// Bytes are missing in the middle.
    case lostBytes
    /// Bytes arrive twice.
    case duplicatedBytes
    /// Bytes overtake others.
    case reorderedBytes
    /// A bit is another one.
    case corruption
    /// Two connections between the same devices at once, as after a change of address.
    case duplicatedSession
    /// The bytes of an earlier session arrive again.
    case replayedSession
    /// Seconds instead of milliseconds.
    case latency
    /// A few hundred bytes a second.
    case bandwidthCap
    /// Whoever answers is a web page that wants to be paid.
    case captivePortal

    // MARK: Storage

    /// Power fails, and of what was not synced some writes are kept and some are torn.
    case tornWrite
    /// Syncs are said to be done and are not, until the power fails.
    case lostSync
    /// No room is left.
    case fullDisk
    /// A bit of a file is another one after a crash.
    case bitRot
    /// An earlier state of the files is put back.
    case restoredStore
    /// The files are copied and used twice.
    case clonedStore
    /// Reads and writes fail.
    case inputOutputError

    // MARK: Process

    /// A process ends between two writes of any transaction, with the power or without.
    case crash
    /// The power fails again while what a crash left is being put in order.
    case crashInRecovery
    /// A process stands still, and goes on.
    case pause

    // MARK: Clocks

    /// A clock is off by up to a day.
    case skewedClock
    /// A clock jumps, forward or back.
    case jumpingClock
    /// A clock stands still.
    case frozenClock
    /// A clock is decades ahead.
    case farFutureClock

    // MARK: Peers

    /// A peer sends what is no message.
    case malformedPeer
    /// A peer sends messages that break the rules.
    case hostilePeer
    /// A peer speaks another version, or writes what this one does not know.
    case mixedVersions

    // MARK: Fleet

    /// A device never comes back.
    case lostForever
    /// A device joins while it can reach only one other.
    case joinInPartition
    /// A device is given up, and comes back by itself.
    case retiredAndReturning
    /// A billing period ends on one side of a partition.
    case periodRollover
}

/// How often faults of each class were injected: took effect, not only were planned.
package struct FaultTally: Hashable, Sendable {
    /// By class.
    package private(set) var counts = [Int](repeating: 0, count: FaultClass.allCases.count)

    /// Counts one.
    mutating func add(_ fault: FaultClass, _ count: Int = 1) { counts[Self.index(fault)] += count }

    package init() {}

    /// Adds all of another tally.
    package mutating func add(_ other: FaultTally) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// How many of a class.
    package subscript(fault: FaultClass) -> Int { counts[Self.index(fault)] }

    /// By the name of the class, for reports.
    package var byName: [String: Int] {
        Dictionary(
            uniqueKeysWithValues: FaultClass.allCases.map { ($0.rawValue, self[$0]) })
    }

    /// By class.
    var byClass: [FaultClass: Int] {
        Dictionary(uniqueKeysWithValues: FaultClass.allCases.map { ($0, self[$0]) })
    }

    private static let places = Dictionary(
        uniqueKeysWithValues: FaultClass.allCases.enumerated().map { ($1, $0) })

    private static func index(_ fault: FaultClass) -> Int { places[fault] ?? 0 }
}
