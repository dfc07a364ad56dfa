public import SyncEngine
import Synchronization

extension MonotonicTime {
    /// What the system's continuous clock shows, counted from its first use here.
    public static var now: MonotonicTime {
        MonotonicTime(sinceStart: beginning.duration(to: .now))
    }

    private static let beginning = ContinuousClock.now
}
