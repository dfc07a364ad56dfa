/// What is in one replica: the answer of `sync-inspect summary`.
///
/// Byte counts are exact, times are in UTC, identifiers, digests and keys in hexadecimal digits.
/// Texts are as stored.
package struct ReplicaReport: Codable, Hashable, Sendable {
    /// The database file.
    package var path: String
    /// The fleet; nothing if the file does not say.
    package var fleet: String?
    /// The device whose replica it is; nothing if the file does not say.
    package var device: Device?
    /// The version of the file's schema.
    package var schemaVersion: Int
    /// The sizes of the files, in bytes.
    package var files: Files
    /// The digest of all cells.
    package var digest: String
    /// The greatest timestamp given or seen.
    package var clock: Timestamp
    /// The lanes, in the order in which they are sent.
    package var lanes: [LaneState]
    /// All writers that have been seen, ascending by device and identifier.
    package var writers: [Writer]
    /// The members, ascending by identifier.
    package var members: [Device]
    /// The profiles, ascending by ICCID.
    package var profiles: [ProfileState]
    /// The shared data.
    package var pool: Pool
    /// What was measured, ascending by device and key.
    package var usage: [Usage]
    /// The newest values that other writes displaced here.
    package var lostValues: [Lost]
    /// How many such values are kept in all.
    package var lostValuesCount: Int
    /// What has to hold of a replica and does not; empty for a sound one.
    package var violations: [String]

    /// A device.
    package struct Device: Codable, Hashable, Sendable {
        /// Its identifier.
        package var id: String
        /// What people call it; nothing if it is no member.
        package var name: String?
        /// What kind of device it is; nothing if it is no member.
        package var deviceClass: String?
    }

    /// The sizes of a replica's files, in bytes.
    package struct Files: Codable, Hashable, Sendable {
        /// The database.
        package var database: UInt64
        /// The log of writes that are not in it yet.
        package var log: UInt64
    }

    /// When something was written.
    package struct Timestamp: Codable, Hashable, Sendable {
        /// The wall time, in UTC.
        package var time: String
        /// Counts writes of the same millisecond.
        package var counter: UInt64
        /// The clock epoch.
        package var epoch: UInt32
    }

    /// One lane.
    package struct LaneState: Codable, Hashable, Sendable {
        /// Its name.
        package var lane: String
        /// The digest of its cells.
        package var digest: String
        /// How many cells are held.
        package var cells: Int
        /// How many writes have been seen.
        package var writes: UInt64
        /// The collections, ascending by number.
        package var collections: [CollectionState]
    }

    /// The cells of one collection.
    package struct CollectionState: Codable, Hashable, Sendable {
        /// Its name, or number if it has none.
        package var collection: String
        /// How many cells are held.
        package var cells: Int
    }

    /// One writer.
    package struct Writer: Codable, Hashable, Sendable {
        /// Its identifier.
        package var id: String
        /// The device that it is; nothing if that is not known here.
        package var device: String?
        /// What people call the device, or the start of its identifier.
        package var deviceName: String?
        /// Whether it made the last write of this replica's own.
        package var isOwn: Bool
        /// By lane, how many of its writes have been seen.
        package var sequences: [String: UInt64]
    }

    /// One profile.
    package struct ProfileState: Codable, Hashable, Sendable {
        /// Its identifier.
        package var iccid: String
        /// The fields that are set.
        package var fields: [String: String]
        /// When one was set last.
        package var editedAt: Timestamp
    }

    /// The shared data, in bytes.
    package struct Pool: Codable, Hashable, Sendable {
        /// The billing period that usage is counted in.
        package var period: String
        /// All that was granted.
        package var granted: UInt64
        /// All that was reserved of it.
        package var reserved: UInt64
        /// All that was measured in the period.
        package var used: UInt64
        /// By how much that exceeds what was granted.
        package var overrun: UInt64
        /// The grants, in the order in which they are drawn on.
        package var grants: [GrantState]
        /// The devices, ascending by identifier.
        package var devices: [Allowance]
    }

    /// One grant, in bytes.
    package struct GrantState: Codable, Hashable, Sendable {
        /// Its identifier.
        package var id: String
        /// How much.
        package var bytes: UInt64
        /// How much of it has been reserved.
        package var reserved: UInt64
        /// The device whose rights it became.
        package var minter: String
        /// What people call that device, or the start of its identifier.
        package var minterName: String
        /// From when on it may be drawn on.
        package var validFrom: String
        /// Until when.
        package var validUntil: String
        /// Whether it may be drawn on now.
        package var isValid: Bool
    }

    /// One device's part of the pool, in bytes.
    package struct Allowance: Codable, Hashable, Sendable {
        /// The device.
        package var device: String
        /// What people call it, or the start of its identifier.
        package var name: String
        /// All rights it holds or held, less what it handed on.
        package var granted: UInt64
        /// What it has reserved of them.
        package var reserved: UInt64
        /// What it may still reserve or hand on now.
        package var available: UInt64
        /// What it measured in the period.
        package var used: UInt64
    }

    /// What was measured under one key, in bytes.
    package struct Usage: Codable, Hashable, Sendable {
        /// The device that measured.
        package var device: String
        /// What people call it, or the start of its identifier.
        package var name: String
        /// The billing period.
        package var period: String
        /// The profile that carried the traffic, or empty.
        package var iccid: String
        /// The visited country, or empty.
        package var country: String
        /// The life of the modem's counter.
        package var epoch: UInt64
        /// Bytes received.
        package var received: UInt64
        /// Bytes sent.
        package var sent: UInt64
    }

    /// A value that another write displaced here.
    package struct Lost: Codable, Hashable, Sendable {
        /// Why it is not the cell's.
        package var reason: String
        /// The field, in words.
        package var field: String
        /// The value, in words.
        package var value: String
        /// When it was written.
        package var timestamp: Timestamp
        /// The write, as writer and sequence.
        package var dot: String
        /// The device that wrote it; nothing if that is not known here.
        package var deviceName: String?
    }
}
