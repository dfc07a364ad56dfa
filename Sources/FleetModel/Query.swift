public import CausalTime
public import ReplicaModel

/// Something that can be read of one state of a replica, under a name.
///
/// A query is a value with a synchronous body, so the same one serves an app that observes it and a
/// simulation of that app.
public struct Query<
    Cells: CellReading & SendableMetatype, Value: Sendable & Equatable
>: Sendable {
    /// What is asked for, for people.
    public let name: String
    private let body: @Sendable (FleetView<Cells>) throws -> Value

    /// Makes a query.
    ///
    /// - Parameters:
    ///   - name: What is asked for, for people.
    ///   - body: Reads it; it must not write, and its result must depend on the view alone.
    public init(
        _ name: String, _ body: @escaping @Sendable (FleetView<Cells>) throws -> Value
    ) {
        self.name = name
        self.body = body
    }

    /// The answer in one state.
    ///
    /// - Throws: What reading throws.
    public func value(in view: FleetView<Cells>) throws -> Value { try body(view) }
}

extension Query where Value == [Profile] {
    /// The profiles, ascending by ICCID.
    public static var profiles: Self { Self("profiles") { try $0.profiles() } }
}

extension Query where Value == [Member] {
    /// The members, ascending by identifier.
    public static var members: Self { Self("members") { try $0.members() } }
}

extension Query where Value == [UsageRecord] {
    /// What has been measured, ascending by key; all periods.
    public static var usage: Self { Self("usage") { try $0.usage() } }
}

extension Query where Value == PoolStatus {
    /// The shared data.
    ///
    /// - Parameter now: Decides which grants count as available.
    /// - Returns: The query.
    public static func pool(at now: WallTime) -> Self {
        Self("pool") { try $0.pool(at: now) }
    }
}

extension Query where Value == DeviceAllowance? {
    /// One device's part of the pool; nothing if the pool does not know the device.
    ///
    /// - Parameters:
    ///   - device: Whose.
    ///   - now: Decides which grants count as available.
    /// - Returns: The query.
    public static func allocation(of device: DeviceID, at now: WallTime) -> Self {
        Self("allocation") { view in
            try view.pool(at: now).devices.first { $0.device == device }
        }
    }
}
