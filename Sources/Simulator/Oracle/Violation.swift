/// A rule that did not hold.
public struct Violation: Codable, Hashable, Sendable {
    /// Which rule.
    public enum Rule: String, Codable, Sendable {
        /// Something acknowledged is missing or altered.
        case durable
        /// More was reserved than granted.
        case pool
        /// Replicas differ although they could talk.
        case convergence
        /// They took longer than the scenario allows.
        case slow
        /// A replica contradicts itself.
        case consistency
        /// Two writes have one name.
        case name
        /// A write is earlier than what its author had seen.
        case order
        /// Half of a transaction is in effect.
        case atomic
        /// A replica does not say what follows from what it has seen.
        case meaning
        /// Two use an exclusive right at once.
        case right
        /// Damaged bytes, or those of a stranger, had an effect.
        case intrusion
        /// Somebody who could go on does not.
        case live
        /// Something may be forgotten that somebody has not seen.
        case early
        /// Something grows without end.
        case bounded
        /// The same seed did something else.
        case determinism
        /// Something that the scenario expects is not so.
        case expectation
        /// A device or the harness failed in a way that the scenario does not ask for.
        case failure
    }

    /// Which rule.
    public let rule: Rule
    /// Seconds since the start of the scenario.
    public let at: Double
    /// What was found, on one line.
    public let message: String

    package init(_ rule: Rule, at: Duration, _ message: String) {
        self.rule = rule
        self.at = at.roundedSeconds
        self.message = message
    }
}

extension Duration {
    /// Seconds to the millisecond, so that reports stay readable.
    package var roundedSeconds: Double { (inSeconds * 1000).rounded() / 1000 }
}
