/// How two replicas differ: the answer of `sync-inspect diff`.
package struct ReplicaDifference: Codable, Hashable, Sendable {
    /// The first replica.
    package var left: Side
    /// The second one.
    package var right: Side
    /// Whether both belong to one fleet; otherwise they refuse each other.
    package var isSameFleet: Bool
    /// Whether they hold the same and have seen the same, in one fleet.
    package var isEqual: Bool
    /// The lanes, in the order in which they are sent.
    package var lanes: [Lane]
    /// What is different, in words of the travel domain.
    package var statements: [String]
    /// The cells that differ, ascending by key.
    package var cells: [CellDifference]

    /// One of the replicas.
    package struct Side: Codable, Hashable, Sendable {
        /// What the texts call it: its device's name if that tells the two apart.
        package var label: String
        /// The database file.
        package var path: String
        /// The fleet; nothing if the file does not say.
        package var fleet: String?
        /// The device; nothing if the file does not say.
        package var device: ReplicaReport.Device?
        /// The digest of all cells.
        package var digest: String
        /// What has to hold of the replica by itself and does not.
        package var violations: [String]
    }

    /// Which of the two.
    package enum Which: String, Codable, Hashable, Sendable {
        /// The first replica.
        case left
        /// The second one.
        case right
    }

    /// One lane on both sides.
    package struct Lane: Codable, Hashable, Sendable {
        /// Its name.
        package var lane: String
        /// The digest of its cells in the first replica.
        package var leftDigest: String
        /// The digest of its cells in the second one.
        package var rightDigest: String
        /// The writers of whom one side has seen more, ascending by device and identifier.
        package var ahead: [Ahead]
    }

    /// A writer of whom one side has seen more writes.
    package struct Ahead: Codable, Hashable, Sendable {
        /// The side.
        package var side: Which
        /// The writer.
        package var writer: String
        /// What people call its device, or the start of its identifier; nothing if unknown.
        package var deviceName: String?
        /// How many of its writes the other side has seen.
        package var from: UInt64
        /// How many of its writes this side has seen.
        package var to: UInt64
        /// The difference.
        package var writes: UInt64
    }

    /// A cell that is not the same on both sides.
    package struct CellDifference: Codable, Hashable, Sendable {
        /// The lane.
        package var lane: String
        /// The row, in words.
        package var row: String
        /// The field, in words.
        package var field: String
        /// The writer whose own cell it is, for a counter.
        package var owner: String?
        /// The key in numbers and bytes.
        package var key: RawKey
        /// What the first replica holds; nothing if it holds no such cell.
        package var left: Version?
        /// What the second one holds; nothing if it holds no such cell.
        package var right: Version?
        /// What both hold once they have met; nothing if neither version stays, or if they never
        /// meet.
        package var winner: Which?
        /// Why.
        package var reason: String
        /// Whether no history that keeps to the rules leads there.
        package var isFault: Bool
    }

    /// A key as it is stored.
    package struct RawKey: Codable, Hashable, Sendable {
        /// The collection's number.
        package var collection: UInt32
        /// The row's bytes, in hexadecimal digits.
        package var row: String
        /// The field's number.
        package var field: UInt32
    }

    /// A cell's state on one side.
    package struct Version: Codable, Hashable, Sendable {
        /// The value, in words.
        package var value: String
        /// The value's bytes, in hexadecimal digits.
        package var bytes: String
        /// How the cell merges.
        package var kind: String
        /// The write that it is at, as writer and sequence.
        package var dot: String
        /// What people call the writer's device; nothing if that is not known there.
        package var deviceName: String?
        /// When that write happened; nothing for kinds that are not stamped.
        package var timestamp: ReplicaReport.Timestamp?
        /// How often the row had been created or deleted at that write.
        package var causalLength: UInt64
    }
}
