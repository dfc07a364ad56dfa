package import SyncEngine

/// Limits how much a log says about callers that are gone before it is known who they are.
///
/// Anyone who reaches the port can bring about as many as they like, with text of their choice, and
/// what matters must not drown in it. The first of a minute are told of one by one; the others are
/// counted, and the count is told once the minute is over. A minute begins with the first caller
/// after the one before. Time comes in as an argument.
package struct CallerLimit: Sendable {
    /// How many are told of one by one in each ``period``.
    package static let toldMax = 10
    /// For how long the others are only counted.
    package static let period: Duration = .seconds(60)

    private var end: MonotonicTime?
    private var told = 0
    private var leftOut = 0

    /// Nobody has called.
    package init() {}

    /// Takes note of a caller, and says whether it is to be told of.
    ///
    /// ``takeLeftOut(at:)`` is to be called before, or two minutes are counted together.
    package mutating func admits(at now: MonotonicTime) -> Bool {
        if isOver(at: now) {
            end = now + Self.period
            told = 0
        }
        guard told < Self.toldMax else {
            leftOut += 1
            return false
        }
        told += 1
        return true
    }

    /// How many were left out of a minute that is over and have not been told of yet.
    package mutating func takeLeftOut(at now: MonotonicTime) -> Int {
        isOver(at: now) ? takeLeftOut() : 0
    }

    /// The same of a minute that need not be over, for the end of the log.
    package mutating func takeLeftOut() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }

    private func isOver(at now: MonotonicTime) -> Bool {
        guard let end else { return true }
        return now >= end
    }
}
