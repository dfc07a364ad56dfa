/// A stretch of time in which one device has no signal.
package struct SignalLoss: Sendable, Equatable {
    /// When the signal goes.
    package let loseAt: Duration
    /// From when on a network could be had: `loseAt` at a border, the end of a tunnel or flight.
    package let coverageAt: Duration
    /// When the device is registered again; `nil` for stuck until freed.
    package let regainAt: Duration?
    /// When a `free` step of the timeline helps a stuck device; `nil` for never, or not stuck.
    package let freedAt: Duration?
    /// The network before.
    package let fromOperator: Operator
    /// The network after.
    package let toOperator: Operator
    /// Why.
    package let reason: Reason

    /// Why a signal is lost.
    package enum Reason: String, Sendable, Equatable {
        /// The border itself: the last network of one country is out of reach.
        case border
        /// Near a border, between networks of both countries.
        case flap
        /// No network in a tunnel.
        case tunnel
        /// Radio off in flight.
        case flight
    }

    /// When the device has a signal again by itself or by a `free` step; `nil` for never.
    package var endsAt: Duration? { regainAt ?? freedAt }

    /// Whether the device stays without a signal until somebody helps.
    package var isStuck: Bool { regainAt == nil }

    /// Whether the device is without a signal at a time.
    package func covers(_ time: Duration) -> Bool {
        guard loseAt <= time else { return false }
        guard let endsAt else { return true }
        return time < endsAt
    }
}
