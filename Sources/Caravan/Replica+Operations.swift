import CausalTime
public import FleetModel
public import ReplicaStore

/// What a record of usage brought about.
public struct UsageReceipt: Hashable, Sendable {
    /// What was recorded.
    public let amount: UsageAmount
    /// What the device may still reserve.
    public let remaining: ByteCount
    /// Which parts of what the pool was granted the fleet's usage passed by this record, as far as
    /// this replica knows; ascending.
    public let crossed: [Share]
}

extension Replica {
    /// Records traffic that this device has measured, in a transaction of its own.
    ///
    /// A measurement is a fact: it is recorded even beyond the rights.
    ///
    /// - Parameters:
    ///   - amount: How much more than at the last call.
    ///   - iccid: The profile that carried it, or empty.
    ///   - epoch: The life of the modem's counter.
    ///   - country: The visited country, or empty.
    ///   - thresholds: The parts of what was granted that are worth an alert.
    /// - Returns: What it brought about.
    /// - Throws: `FleetError`, `StoreError`.
    public func recordUsage(
        _ amount: UsageAmount, iccid: String = "", epoch: UInt64 = 0, country: String = "",
        thresholds: [Share] = Share.alertThresholds
    ) async throws -> UsageReceipt {
        try await write { fleet in
            let before = try fleet.view.pool(at: .now)
            try fleet.recordUsage(amount, iccid: iccid, epoch: epoch, country: country)
            let after = try fleet.view.pool(at: .now)
            let device = fleet.device
            return UsageReceipt(
                amount: amount,
                remaining: after.devices.first { $0.device == device }?.available ?? .zero,
                crossed: Share.crossed(
                    of: after.granted, from: before.used, to: after.used, thresholds))
        }
    }

    /// Reserves data for this device, in a transaction of its own; see
    /// ``FleetChanges/reserve(_:)``.
    ///
    /// - Returns: How much was reserved, at least `bytes`.
    /// - Throws: `FleetError` (`insufficientRights`, `noGrant`, `invalidAmount`, `leaseEnded`,
    ///   `closed`), `StoreError`.
    @discardableResult
    public func reserve(_ bytes: ByteCount) async throws -> ByteCount {
        try await write { try $0.reserve(bytes) }
    }

    /// Asks the fleet for rights, so that this device can reserve `bytes` in all, in a transaction
    /// of its own; see ``FleetChanges/requestRights(_:)``.
    ///
    /// Devices that hold more answer when they hear of it; nothing waits for them here. Observe
    /// ``Replica/values(of:)`` to see what comes.
    ///
    /// - Returns: How much is missing, in whole blocks; nothing if it is there.
    /// - Throws: `FleetError` (`noGrant`, `invalidAmount`, `leaseEnded`, `closed`), `StoreError`.
    @discardableResult
    public func requestRights(_ bytes: ByteCount) async throws -> ByteCount {
        try await write { try $0.requestRights(bytes) }
    }

    /// Signs that two copies of this replica are in use, the newest first.
    ///
    /// - Throws: `StoreError`.
    public func alarms() async throws -> [ReplicaAlarm] {
        try await inTurn { [store] in try store.read { try $0.alarms() } }
    }

    /// Whether this device's rights, and exclusive rights that it seems to hold, are frozen: the
    /// replica was restored or copied, and may lack something that the device has spent since.
    ///
    /// An exchange with a peer that knows it thaws them.
    ///
    /// - Throws: `StoreError`.
    public func areRightsFrozen() async throws -> Bool {
        try await inTurn { [store] in try store.read { $0.areRightsFrozen } }
    }

    /// Thaws this device's rights on the word of whoever calls this, which is a person.
    ///
    /// For a device whose last spending nobody knows of. It can be spent twice then: the pool may
    /// be overdrawn by as much as was spent and never told to a peer.
    ///
    /// - Throws: `StoreError` (`markNotWritable`).
    public func confirmRights() async throws {
        try await inTurn { [store] in try store.confirmRights() }
    }

    /// Checks everything that must hold of a replica by itself, reading all of it: that the digests
    /// are those of the cells, that no cell is beyond the vectors or later than the clock, that
    /// nothing belongs to a former life of its row, and that the file is sound.
    ///
    /// For tests and for whoever suspects a disk.
    ///
    /// - Returns: A line for each violation.
    /// - Throws: `StoreError`.
    public func checkInvariants() async throws -> [String] {
        try await inTurn { [store] in try store.read { try $0.violations() } }
    }

    /// Runs one statement of SQL that only reads.
    ///
    /// - Parameters:
    ///   - sql: The statement; `?` stands for an argument.
    ///   - arguments: One for each `?`.
    ///   - rowsMax: How many rows are returned at most.
    /// - Returns: The rows.
    /// - Throws: `StoreError`; with the code `invalidQuery` if it is not one statement that only
    ///   reads.
    public func query(
        _ sql: String, _ arguments: [SQLValue] = [], rowsMax: Int = 10_000
    ) async throws -> SQLRows {
        try await inTurn { [store] in try store.query(sql, arguments, rowsMax: rowsMax) }
    }
}
