import Synchronization

/// Tells the scenario's time while real time passes, `timescale` times more slowly.
final class LiveClock: Sendable {
    /// Scenario seconds in one real second.
    let timescale: Double
    private let origin: Mutex<ContinuousClock.Instant>

    /// Makes a clock that shows a negative time until ``start()``: it reaches zero no earlier than
    /// after `lead` of real time.
    init(timescale: Double, lead: Duration) {
        self.timescale = timescale
        origin = Mutex(.now + lead)
    }

    /// Lets the scenario's time begin.
    func start() { origin.withLock { $0 = .now } }

    /// The scenario's time.
    var now: Duration { scenarioTime(of: .now) }

    /// What the clock showed or will show at a moment.
    func scenarioTime(of moment: ContinuousClock.Instant) -> Duration {
        (moment - origin.withLock { $0 }) * timescale
    }

    /// The moment that a write has to be acknowledged before, for a write that begins at `now` to
    /// be certainly later for the devices, whose clocks count milliseconds.
    var nextTick: Duration { scenarioTime(of: .now + .milliseconds(2)) }

    /// Waits for a time of the scenario.
    func sleep(until time: Duration) async throws {
        let moment = origin.withLock { $0 } + time / timescale
        try await Task.sleep(until: moment, clock: .continuous)
    }
}
