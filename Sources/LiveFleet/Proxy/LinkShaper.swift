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

    /// Makes the shaper of one direction.
    init(quality: Scenario.LinkQuality, timescale: Double, random: SeededRandom) {
        self.quality = quality
        self.timescale = timescale
        self.random = random
    }

    /// When a piece comes out that enters at `now`; both in real time since any one moment.
    mutating func arrival(of byteCount: Int, at now: Duration) -> Duration {
        let latency = quality.latency(using: &random) / timescale
        let carrying = (quality.bandwidth?.time(toSend: byteCount) ?? .zero) / timescale
        last = max(now + latency, last) + carrying
        return last
    }
}
