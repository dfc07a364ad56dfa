import Simulator

/// When bytes that enter one direction of a link come out of it.
///
/// The same rule as in virtual time: a latency drawn for each piece, the time that the bandwidth
/// takes on top, and no piece overtakes another. Real time runs `timescale` times faster.
struct LinkShaper: Sendable {
    private let quality: Scenario.LinkQuality
    private let timescale: Double
    private var random: SeededRandom
    private var last: Duration = .zero
    private var cursor: LinkTraceCursor?
    /// When the first piece entered: there a trace begins.
    private var start: Duration?

    /// Makes the shaper of one direction.
    init(
        quality: Scenario.LinkQuality, isForward: Bool, timescale: Double, random: SeededRandom
    ) {
        self.quality = quality
        self.timescale = timescale
        self.random = random
        let trace = isForward ? quality.traces?.forth : quality.traces?.back
        cursor = trace.map { LinkTraceCursor($0) }
    }

    /// When a piece comes out that enters at `now`; both in real time since any one moment.
    mutating func arrival(of byteCount: Int, at now: Duration) -> Duration {
        let latency = quality.latency(using: &random) / timescale
        let carrying = (quality.bandwidth?.time(toSend: byteCount) ?? .zero) / timescale
        last = max(departure(of: byteCount, at: now) + latency, last) + carrying
        return last
    }

    /// When the trace of the link, if it has one, has let a piece out.
    private mutating func departure(of byteCount: Int, at now: Duration) -> Duration {
        let start = start ?? now
        self.start = start
        let scenario = cursor?.departure(of: byteCount, at: (now - start) * timescale)
        return scenario.map { start + $0 / timescale } ?? now
    }
}
