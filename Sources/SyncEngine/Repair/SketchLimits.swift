/// How far the search for differences goes before it is given up.
///
/// Where two sets differ in more, sending the whole of one costs less.
public struct SketchLimits: Hashable, Sendable {
    /// The most symbols of one sketch.
    public let symbolsMax: Int
    /// The most differences.
    public let differencesMax: Int

    /// Makes limits; negative ones count as zero, and no sketch has more than 2²⁴ symbols.
    public init(symbolsMax: Int = 1 << 16, differencesMax: Int = 1 << 15) {
        self.symbolsMax = min(max(0, symbolsMax), SymbolWalk.indexMax)
        self.differencesMax = max(0, differencesMax)
    }
}

/// Why the search for differences ended without a result.
public enum SketchFailure: Hashable, Sendable, Error {
    /// There are more symbols or more differences than the limits allow.
    case tooLarge
    /// No set makes such symbols: the peer is at fault.
    case contradictory
}
