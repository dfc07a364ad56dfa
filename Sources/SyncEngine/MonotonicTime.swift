/// A moment on a clock that only goes forward and has nothing to do with the time of day.
public struct MonotonicTime: Hashable, Comparable, Sendable {
    /// The time since the clock's own beginning.
    public let sinceStart: Duration

    /// Makes a moment.
    public init(sinceStart: Duration) { self.sinceStart = sinceStart }

    /// The moment `duration` later.
    public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        MonotonicTime(sinceStart: time.sinceStart + duration)
    }

    /// Whether the left moment is earlier.
    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.sinceStart < right.sinceStart
    }
}
