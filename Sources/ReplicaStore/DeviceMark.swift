package import CausalTime
package import ReplicaModel

/// What proves that a replica knows all that its device has spent: the condition for spending more
/// of what only this device may spend.
///
/// It is kept outside the database, where a reboot preserves it and a backup does not. Unlike a
/// ``ContinuityMark`` it says nothing of most writes, only of those that spend; so it can be made
/// durable with each of them.
package protocol DeviceMark: Sendable {
    /// What was marked last; nothing if there is no mark, or none of this machine.
    func read() -> SpendingRecord?

    /// Takes the mark for this process alone, for as long as the result is held on to.
    func lock() throws -> any LockedDeviceMark
}

/// A mark that this process alone may change.
package protocol LockedDeviceMark: AnyObject {
    /// Replaces what is marked; durable on return.
    func write(_ record: SpendingRecord) throws
}

/// The latest spending writes of a device, by lane.
package struct SpendingRecord: Hashable, Sendable {
    /// Those that were acknowledged.
    package var done: [Lane: Dot] = [:]
    /// Those that may have been made: the power failed in the middle, or they were refused.
    package var begun: [Lane: Dot] = [:]
    /// A hash of where the database is that they were made in.
    package var place: UInt64

    package init(place: UInt64) { self.place = place }

    /// Whether a replica that has seen `vectors`, and is at `place`, knows all that was spent.
    ///
    /// Within a lane later writes are never seen without earlier ones, so the latest is enough. A
    /// write that was begun and is not there was never acknowledged. At the place where it was
    /// begun it has not been made then; elsewhere, in a copy, that is not known.
    func isKnown(to vectors: LaneVectors, at place: UInt64) -> Bool {
        done.allSatisfy { vectors[$0.key].contains($0.value) }
            && (place == self.place || begun.allSatisfy { vectors[$0.key].contains($0.value) })
    }
}
