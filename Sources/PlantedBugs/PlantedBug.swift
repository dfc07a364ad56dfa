package import Synchronization

/// A mistake that tests put into the running product, to see that it is found.
///
/// Each case is compared in one place of the product, and nothing is planted unless a test says so.
/// It cannot be reached through any public interface: everything here has package access, and no
/// command but `caravan-sim mutants` and no test plants anything.
///
/// It costs next to nothing: each place is one relaxed load of a word that never changes and stays
/// in the processor's nearest cache, and one comparison with a constant that is predicted. None is
/// in a loop over bytes.
package enum PlantedBug: UInt32, CaseIterable, Sendable {
    /// A clock takes no note of timestamps from elsewhere.
    case clockIgnoresOthers = 1
    /// A clock goes back when the wall clock does.
    case clockFollowsWall
    /// A lower sequence takes the place of a higher one.
    case vectorGoesBack
    /// An edit of a former life of a row may win over one of a later life.
    case orderIgnoresLife
    /// Of two writes the one with the greater name wins.
    case orderIgnoresTime
    /// A device reserves and hands on more than it holds.
    case reserveUnchecked
    /// A lease that has ended is used.
    case leaseIgnored
    /// A part that was closed comes back whole, with what had been used of it.
    case closingReturnsAll
    /// Who hands on rights keeps them.
    case transferKeepsRights
    /// What belongs to a former life of a row counts in the next.
    case formerLifeStays
    /// The earlier of two edits wins.
    case registerKeepsEarlier
    /// A lower rank takes the place of a higher one.
    case maximumKeepsLatest
    /// Two states of one counter are added up instead of the later one kept.
    case counterSums
    /// A value counts although another one has replaced it.
    case siblingsAllCount
    /// A write does not say what its author had seen.
    case siblingSeesNothing
    /// What one member has seen is forgotten, not what all have.
    case frontierOfOneMember
    /// A device says that it has seen a cut that it has not.
    case acknowledgesUnseen
    /// The deletion of a row that can be created again is forgotten.
    case forgetsAnyTombstone
    /// What is removed stays in the digest.
    case digestIgnoresRemoval
    /// Commits are not synced to the disk.
    case syncsNever
    /// A restored file goes on under the name that it had.
    case continuityTaken
    /// What failed to become durable is shown all the same.
    case memoryAheadOfDisk
    /// A mark does not say how many writes there were, so that it fits any state of a file.
    case writesNotCounted
    /// A second write of a transaction in a lane has the name of the first.
    case sequenceReused
    /// Half of a segment is applied, and all of it claimed.
    case prefixApplied
    /// Rows after a gap in what is held are taken for absent, too.
    case gapHasNoEnd
    /// What was read of a collection is taken for what is there after it has changed.
    case readingsStay
    /// What only the receiver of a snapshot has is dropped.
    case snapshotDropsOwn
    /// What the sender of a snapshot has forgotten comes back.
    case snapshotKeepsForgotten
    /// Of a deleted row nothing is kept.
    case tombstoneForgotten
    /// A restored device spends at once.
    case rightsNeverFrozen
    /// What is spent is not marked.
    case spendingNotMarked
    /// The last cell of a segment is not sent.
    case segmentLeavesOut
    /// The first write that a peer lacks is not sent.
    case segmentStartsLate
    /// What was seen is not stored.
    case vectorUnsaved
    /// A session says that it is done before it is.
    case synchronizedTooEarly
    /// What is written during a session is not sent.
    case changesUntold
    /// What came through one session is not sent on through another.
    case nothingRelayed
    /// One lane is never sent.
    case laneForgotten
    /// A peer that is silent is waited for without end.
    case silenceIsNoEnd
    /// Bytes are taken for what they are not, although their check fails.
    case checkIgnored
    /// Of a restored device only one of its writers is counted.
    case usageOfOneWriter
    /// Usage is counted in the first period for ever.
    case periodNeverEnds
    /// A profile that is there can be added again.
    case profileAddedTwice
    /// More is reserved than is said.
    case reservationMisreported

    /// What is planted in this process; 0 if nothing is.
    @usableFromInline package static let planted = Atomic<UInt32>(0)

    /// Whether this mistake is made now.
    @inlinable package var isPlanted: Bool {
        Self.planted.load(ordering: .relaxed) == rawValue
    }

    /// Plants a mistake in the whole process, in the place of one that was; nothing takes it out.
    package static func plant(_ bug: PlantedBug?) {
        planted.store(bug?.rawValue ?? 0, ordering: .relaxed)
    }
}

extension PlantedBug {
    /// The name, for reports and commands.
    package var name: String { "\(self)" }

    /// The mistake of a name.
    package init?(named name: String) {
        guard let bug = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = bug
    }
}
