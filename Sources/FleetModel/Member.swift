public import CausalTime

/// What kind of device a member is.
public enum DeviceClass: String, Hashable, Sendable, CaseIterable {
    /// A phone.
    case phone
    /// A laptop.
    case laptop
    /// A tablet.
    case tablet
    /// A watch.
    case watch
    /// A travel router.
    case router
    /// A vehicle.
    case vehicle
    /// Anything else.
    case other
}

/// A device of the fleet.
public struct Member: Hashable, Sendable {
    /// Its identifier.
    public let device: DeviceID
    /// What people call it.
    public let name: String
    /// What kind of device it is.
    public let deviceClass: DeviceClass
}
