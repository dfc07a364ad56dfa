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

/// For how long a device may use the rights to a grant that were handed to it.
///
/// The first lease of a device is what limits it; later ones only extend it. Nobody takes rights
/// back when a lease ends: they come back if the device closes its part.
public struct Lease: Hashable, Sendable {
    /// When it ends; the grant itself may end earlier.
    public let until: WallTime
    /// The device asks for more by itself once it has fewer rights left than this.
    public let topUpBelow: ByteCount

    /// Makes a lease; without a threshold the device never asks by itself.
    public init(until: WallTime, topUpBelow: ByteCount = .zero) {
        self.until = until
        self.topUpBelow = topUpBelow
    }
}

/// A grant with the rights to it.
public struct GrantStatus: Equatable, Sendable {
    /// The grant.
    public let grant: Grant
    /// Who holds how much, and who has closed its part, as far as this replica knows.
    public internal(set) var rights: RightsMatrix
    /// How many bytes in all each device would like to have received of it: a wish, which those who
    /// hold rights answer when they hear of it.
    public internal(set) var wanted: [DeviceID: ByteCount] = [:]
    /// The thresholds of leases, by device.
    var topUps: [DeviceID: ByteCount] = [:]

    init(_ grant: Grant) {
        self.grant = grant
        rights = RightsMatrix(granted: grant.bytes.bytes, minter: grant.minter)
    }

    /// All bytes reserved of it, as far as this replica knows.
    public var reserved: ByteCount { ByteCount(rights.reserved) }

    /// The lease of a device; nothing if the grant's own end is what limits it.
    public func lease(of device: DeviceID) -> Lease? {
        rights.leaseEnd(of: device).map {
            Lease(until: $0, topUpBelow: topUps[device] ?? .zero)
        }
    }

    /// Whether a device has closed its part for good; what it held is the minter's again.
    public func isClosed(by device: DeviceID) -> Bool { rights.isClosed(device) }

    /// How many bytes a device has asked for and not received.
    public func missing(for device: DeviceID) -> ByteCount {
        let wanted = wanted[device] ?? .zero
        return ByteCount(wanted.bytes.subtractingClamped(rights.received(by: device)))
    }

    /// How many bytes a device may reserve or hand on at `time`.
    public func usable(by device: DeviceID, at time: WallTime) -> ByteCount {
        guard grant.isValid(at: time), rights.refusal(of: 0, by: device, at: time) == nil
        else { return .zero }
        return ByteCount(rights.available(to: device))
    }
}

/// One device's part of the pool.
public struct DeviceAllowance: Hashable, Sendable {
    /// The device.
    public let device: DeviceID
    /// All rights it holds or held, less what it handed on and what went back to the minter.
    public let granted: ByteCount
    /// What it has reserved of them.
    public let reserved: ByteCount
    /// What it may still reserve or hand on, of grants and on leases that have not ended.
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
