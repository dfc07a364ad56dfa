/// What fleets do, as traces of our own making, for the sheet of costs and for comparisons.
///
/// One seed gives one trace, byte for byte.
package enum Workload: String, CaseIterable, Sendable {
    /// Four devices count usage and edit profiles while they are apart, then meet.
    case usageStorm = "W1"
    /// A new device joins a large group with a history.
    case bootstrap = "W2"
    /// The same after all devices have acknowledged every write.
    case stableBootstrap = "W2-stable"
    /// Equal replicas meet, and one change is fetched and pushed; 4 devices have written.
    case idleOfFour = "W3-4"
    /// The same where 200 devices have written.
    case idleOfMany = "W3-200"
    /// Four devices edit the same field of every profile while they are apart, then meet.
    case concurrentEdits = "W5"
    /// A hundred devices meet at random until all are equal.
    case gossip = "W6"

    /// What it is, in a few words.
    package var title: String {
        switch self {
        case .usageStorm: "usage storm"
        case .bootstrap: "bootstrap"
        case .stableBootstrap: "bootstrap below the frontier"
        case .idleOfFour: "idle and one change, 4 writers"
        case .idleOfMany: "idle and one change, 200 writers"
        case .concurrentEdits: "concurrent edits"
        case .gossip: "gossip"
        }
    }

    /// The operations.
    ///
    /// - Parameters:
    ///   - seed: Decides every value.
    ///   - part: What is done of it: 1 is all, 10 a tenth of the profiles, devices and edits of a
    ///     bootstrap. Only that has parts.
    /// - Returns: The trace.
    package func trace(seed: UInt64 = 0, part: Int = 1) -> ReplayTrace {
        let random = SeededRandom(seed: seed).fork(label: "workload")
        switch self {
        case .usageStorm: return WorkloadTrace.usageStorm(random)
        case .bootstrap: return WorkloadTrace.bootstrap(random, isStable: false, part: part)
        case .stableBootstrap: return WorkloadTrace.bootstrap(random, isStable: true, part: part)
        case .idleOfFour: return WorkloadTrace.idle(random, writers: 4)
        case .idleOfMany: return WorkloadTrace.idle(random, writers: 200)
        case .concurrentEdits: return WorkloadTrace.concurrentEdits(random)
        case .gossip: return WorkloadTrace.gossip(random)
        }
    }
}
