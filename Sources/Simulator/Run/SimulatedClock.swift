import CausalTime
import Synchronization

/// What the clocks of all simulated devices show, for stores that may ask from any thread.
final class SimulatedClock: Sendable {
    private let time: Mutex<WallTime>

    init(at time: WallTime) { self.time = Mutex(time) }

    var now: WallTime { time.withLock { $0 } }

    func advance(to time: WallTime) { self.time.withLock { $0 = time } }
}
