/// When a write happened, for people and for "the later edit wins": wall time with a counter that
/// keeps it moving forward, under a clock epoch.
///
/// If one write happened after another had been seen, its timestamp is greater. Concurrent writes
/// compare by wall time; equal timestamps are told apart by the writer (see `LastWriterRegister`).
///
/// Source: S. Kulkarni et al., "Logical Physical Clocks and Consistent Snapshots in Globally
/// Distributed Databases" (2014). Difference: an epoch comes first, so that a fleet can leave
/// behind stamps from a clock that was far in the future.
public struct HybridTimestamp: Hashable, Sendable {
    /// Raised by the fleet to outrank poisoned timestamps; 0 until that happens.
    public var epoch: UInt32
    /// 48 bits of milliseconds since 1970 (UTC), then a 16-bit counter that carries into them.
    public var ticks: UInt64

    /// Makes a timestamp of its parts.
    public init(epoch: UInt32, ticks: UInt64) {
        self.epoch = epoch
        self.ticks = ticks
    }

    /// Before every timestamp of a write.
    public static let zero = HybridTimestamp(epoch: 0, ticks: 0)

    /// The wall-clock part, which the counter may have pushed ahead.
    public var wallTime: WallTime { WallTime(milliseconds: Int64(ticks >> 16)) }
}

extension HybridTimestamp: Comparable {
    /// Orders by epoch, then by ticks.
    public static func < (left: HybridTimestamp, right: HybridTimestamp) -> Bool {
        (left.epoch, left.ticks) < (right.epoch, right.ticks)
    }
}

extension HybridTimestamp: CustomStringConvertible {
    /// Milliseconds, counter and, if it is not 0, the epoch, as in `1764000000000+2`.
    public var description: String {
        "\(ticks >> 16)+\(ticks & 0xffff)" + (epoch == 0 ? "" : "@\(epoch)")
    }
}

/// What a device's own clock shows: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct WallTime: Hashable, Comparable, Sendable {
    /// The milliseconds; negative before 1970.
    public var milliseconds: Int64

    /// Makes a wall time.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Whether the left side is earlier.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
