/// When to try a peer again: at once after a session that worked, then ever more rarely.
public struct DialBackoff: Hashable, Sendable {
    private var failures = 0
    private let first: Duration
    private let longest: Duration

    /// Makes a schedule that starts at `first` and doubles up to `longest`.
    public init(first: Duration = .milliseconds(100), longest: Duration = .seconds(2)) {
        self.first = first
        self.longest = longest
    }

    /// To be called when a session has been established.
    public mutating func succeeded() { failures = 0 }

    /// How long to wait now: the step's length, less up to half of it by chance, so that devices
    /// that lost each other at the same moment do not all call at the same moment.
    public mutating func nextDelay(
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let step = min(longest, first * (1 << min(failures, 16)))
        failures += 1
        return step / 2 + step / 2 * Double.random(in: 0...1, using: &generator)
    }
}
