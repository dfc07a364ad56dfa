public import CausalTime

/// Until when a holder uses an exclusive right without having heard of the others.
///
/// Source: C. Gray, D. Cheriton, "Leases" (SOSP 1989), with the bounds on clocks made explicit.
public struct ExclusiveLease: Hashable, Sendable {
    /// When the lease was given, on the authority's clock.
    public let from: WallTime
    /// Until when the holder uses the right, on its own clock.
    public let until: WallTime
    /// By how much two clocks drift apart at most, in millionths.
    public let driftPartsPerMillion: Int64
    /// By how much two clocks differ at most to begin with, in milliseconds.
    public let skewMilliseconds: Int64

    /// Makes a lease; clocks drift by at most 200 millionths and differ by at most a minute unless
    /// it is said otherwise.
    public init(
        from: WallTime, until: WallTime, driftPartsPerMillion: Int64 = 200,
        skewMilliseconds: Int64 = 60_000
    ) {
        self.from = from
        self.until = until
        self.driftPartsPerMillion = driftPartsPerMillion
        self.skewMilliseconds = skewMilliseconds
    }

    /// Whether the holder has stopped for sure, whatever its clock did within the bounds: then an
    /// override is safe without having reached it.
    public func hasEnded(at now: WallTime) -> Bool {
        let length = max(0, until.milliseconds - from.milliseconds)
        let drift = length / 1_000_000 * driftPartsPerMillion + driftPartsPerMillion
        return now.milliseconds > until.milliseconds + drift + skewMilliseconds
    }
}
