public import CausalTime
public import DeltaCRDT

/// The subject of a ``GrantID``.
public enum GrantSubject: Sendable {}

/// Names one grant of data.
public typealias GrantID = Identifier<GrantSubject>

/// Bytes bought for the fleet: a fact that is never changed.
///
/// A top-up is another grant.
public struct Grant: Hashable, Sendable {
    /// Its name.
    public let id: GrantID
    /// How many bytes.
    public let bytes: ByteCount
    /// The device whose rights they became.
    public let minter: DeviceID
    /// From when on they may be reserved.
    public let validFrom: WallTime
    /// Until when they may be reserved.
    public let validUntil: WallTime

    /// Whether the grant may be drawn on.
    public func isValid(at now: WallTime) -> Bool { validFrom <= now && now < validUntil }
}

/// A grant with the rights to it.
public struct GrantStatus: Equatable, Sendable {
    /// The grant.
    public let grant: Grant
    /// Who holds how much, as far as this replica knows.
    public let rights: RightsMatrix
    /// All bytes reserved of it, as far as this replica knows.
    public var reserved: ByteCount { ByteCount(rights.reserved) }
}

/// One device's part of the pool.
public struct DeviceAllowance: Hashable, Sendable {
    /// The device.
    public let device: DeviceID
    /// All rights it holds or held, less what it handed on.
    public let granted: ByteCount
    /// What it has reserved of them.
    public let reserved: ByteCount
    /// What it may still reserve or hand on, of grants that are valid now.
    public let available: ByteCount
    /// What it measured in the current period.
    public let used: ByteCount
}

/// The fleet's shared data.
public struct PoolStatus: Equatable, Sendable {
    /// The billing period that usage is counted in.
    public let period: String
    /// All grants, ascending by start and name.
    public let grants: [GrantStatus]
    /// A line for each member and for every other device that appears in rights or usage.
    public let devices: [DeviceAllowance]

    /// All bytes granted.
    public var granted: ByteCount { sum(grants.map(\.grant.bytes)) }
    /// All bytes reserved; never more than ``granted``.
    public var reserved: ByteCount { sum(grants.map(\.reserved)) }
    /// All bytes measured in the period.
    ///
    /// A measurement is a fact: it may exceed what was granted.
    public var used: ByteCount { sum(devices.map(\.used)) }
    /// By how much it does.
    public var overrun: ByteCount { used.subtracting(granted) ?? .zero }

    private func sum(_ counts: [ByteCount]) -> ByteCount {
        counts.reduce(.zero) { $0.addingClamped($1) }
    }
}
