import Foundation

/// Makes up when a link carries something: a rate that wanders, and times at which nothing passes.
///
/// The logarithm of the rate takes a random step each second and is drawn back to its mean.
/// Interruptions and what lies between them have log-normal lengths. Nothing in it is taken from a
/// recording.
public struct LinkTraceMaker: Sendable {
    private let bitsPerSecond: Double
    private let seconds: Int
    private let outage: Double
    private let pause: Double

    /// Prepares a trace.
    ///
    /// - Parameters:
    ///   - bitsPerSecond: The rate in the middle.
    ///   - seconds: How long it is, until it begins anew.
    ///   - outage: How long half of the interruptions are at most, in seconds; 0 for none.
    ///   - pause: How long it is from one to the next in the middle, in seconds.
    public init(bitsPerSecond: Double, seconds: Int, outage: Double, pause: Double) {
        self.bitsPerSecond = bitsPerSecond
        self.seconds = seconds
        self.outage = outage
        self.pause = pause
    }

    /// The lines of a trace; the same seed gives the same.
    public func text(seed: UInt64) -> String {
        var random = SeededRandom(seed: seed)
        var lines: [String] = []
        var wander = 0.0
        var credit = 0.0
        var silentFrom = outage > 0 ? Self.length(pause, &random) : .max
        var silentUntil = 0
        for millisecond in 1...max(1, seconds * 1000) {
            if millisecond % 1000 == 1 { wander = wander * 0.9 + random.normal(deviation: 0.25) }
            if millisecond >= silentFrom {
                silentUntil = millisecond + Self.length(outage, &random)
                silentFrom = silentUntil + Self.length(pause, &random)
            }
            guard millisecond >= silentUntil else { continue }
            let bits = Double(LinkTrace.opportunityBytes * 8)
            credit += bitsPerSecond * exp(wander) / 1000 / bits
            while credit >= 1 {
                lines.append("\(millisecond)")
                credit -= 1
            }
        }
        // The last line is also the length.
        if lines.last != "\(seconds * 1000)" { lines.append("\(seconds * 1000)") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A drawn length in milliseconds, at least 1.
    private static func length(_ median: Double, _ random: inout SeededRandom) -> Int {
        max(1, Int(random.logNormal(median: median, sigma: 0.8) * 1000))
    }
}
