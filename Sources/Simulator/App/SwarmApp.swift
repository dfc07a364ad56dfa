import CausalTime
public import FleetModel
public import ReplicaModel
public import ReplicaStore

/// An app whose own data is put under the faults of random worlds.
///
/// It says what people do on a device, and what a replica has to show once it has seen what was
/// done. ``Swarm`` does the rest: devices, connections, disks and clocks that fail, and an oracle
/// that follows which replica has seen what.
///
/// ```swift
/// struct Shopping: SwarmApp {
///     let schema: Schema
///
///     func act(
///         on fleet: FleetChanges<StoreTransaction>, _ random: inout SeededRandom
///     ) throws -> String? {
///         let word = random.choice(of: ["bread", "milk", "tea"])
///         try fleet.cells.insert(word, into: Words.self)
///         return word
///     }
///
///     func mistakes(
///         in fleet: FleetView<StoreSnapshot>, having history: SwarmHistory<String>
///     ) throws -> [String] {
///         let expected = Set(history.actions.map(\.action))
///         let shown = Set(try fleet.cells.rows(of: Words.self).map(\.key))
///         return shown == expected ? [] : ["shows \(shown), has to show \(expected)"]
///     }
/// }
/// ```
public protocol SwarmApp: Sendable {
    /// What was done, with all that is needed to work out what follows from it: the names of rows
    /// that were made, for example.
    associatedtype Action: Sendable

    /// The schema of the fleet with the app's own collections.
    var schema: Schema { get }

    /// Does something on a device, as a person would who sees what the device shows.
    ///
    /// It has to do the same whenever it finds the same and draws the same: all chance comes from
    /// `random`, and neither a clock nor the order of a dictionary decides anything. What it writes
    /// is in one lane, apart from what the fleet itself keeps in ``Lane/control``: lanes travel by
    /// themselves, and who has seen half of an action could show half of it.
    ///
    /// - Parameters:
    ///   - fleet: The transaction in which it is done.
    ///   - random: Decides what is done.
    /// - Returns: What was done; nothing if there was nothing to do.
    /// - Throws: Whatever it likes if it cannot be done; then nothing was done.
    func act(
        on fleet: FleetChanges<StoreTransaction>, _ random: inout SeededRandom
    ) throws -> Action?

    /// Compares what a replica shows with what it has to show.
    ///
    /// It is asked whenever the replica has come to see an action more, whenever it was started,
    /// and of every replica once all are level.
    ///
    /// - Parameters:
    ///   - fleet: What the replica shows.
    ///   - history: The actions that it has seen, no matter how it came to see them.
    /// - Returns: A line for each mistake.
    /// - Throws: What reading throws, which is a mistake too.
    func mistakes(
        in fleet: FleetView<StoreSnapshot>, having history: SwarmHistory<Action>
    ) throws -> [String]
}

/// What a replica has seen of what was done.
public struct SwarmHistory<Action: Sendable>: Sendable {
    /// The actions, each after all that its author had seen.
    public let actions: [SwarmAction<Action>]
    /// Whether a device was restored, copied or given up: then a row that somebody deleted and
    /// restored again can be ended for good, because others had forgotten it.
    public let mayEndRestoredRows: Bool
}

/// Something that was done on a device, and acknowledged or found again after a crash.
public struct SwarmAction<Action: Sendable>: Sendable {
    /// What was done.
    public let action: Action
    /// On which device; the first is 0.
    public let device: Int
    private let deed: SwarmDeed

    init(_ action: Action, _ deed: SwarmDeed) {
        self.action = action
        device = deed.device
        self.deed = deed
    }

    /// Whether whoever did this had seen the other action.
    public func hasSeen(_ other: SwarmAction) -> Bool { deed.hasSeen(other.deed) }

    /// Whether of two writes of one field this one wins, by the times that they were given.
    public func isLater(than other: SwarmAction) -> Bool {
        (deed.stamp, deed.dot) > (other.deed.stamp, other.deed.dot)
    }
}
