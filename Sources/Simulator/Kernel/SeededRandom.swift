import Foundation

/// The one source of chance in a simulation: the same seed gives the same draws on every run.
///
/// The generator is xoshiro256** (Blackman and Vigna, 2018), its state filled by SplitMix64 as its
/// authors advise. All distributions are written here and not taken from the standard library,
/// whose algorithms may change between releases.
///
/// Give each component a stream of its own by `fork(label:)`: then one more draw in one of them
/// leaves all others as they were, and two runs can be compared line by line.
public struct SeededRandom: RandomNumberGenerator, Sendable, Equatable {
    /// What this stream was made from: forks depend on it, and never on the draws made since.
    private let origin: UInt64
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Creates the root stream of a run.
    public init(seed: UInt64) {
        origin = seed
        var mixer = seed
        state = (
            SeededRandom.splitMix(&mixer), SeededRandom.splitMix(&mixer),
            SeededRandom.splitMix(&mixer), SeededRandom.splitMix(&mixer)
        )
    }

    /// Returns an independent stream named by `label`.
    ///
    /// It depends on the seed and the names on the way to it only: asking later, or after more
    /// draws, gives the same stream, and so does asking twice.
    public func fork(label: String) -> SeededRandom {
        // FNV-1a, 64 bits: stable between runs, which the standard library's Hasher is not.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in label.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        var mixer = origin
        // One round between seed and label, so that neither can cancel the other.
        mixer = SeededRandom.splitMix(&mixer) ^ hash
        return SeededRandom(seed: SeededRandom.splitMix(&mixer))
    }

    /// Returns the next 64 uniform bits.
    public mutating func next() -> UInt64 {
        let result = SeededRandom.rotate(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = SeededRandom.rotate(state.3, by: 45)
        return result
    }

    /// Whether both will draw the same.
    public static func == (left: SeededRandom, right: SeededRandom) -> Bool {
        left.origin == right.origin && left.state == right.state
    }

    private static func rotate(_ value: UInt64, by count: UInt64) -> UInt64 {
        (value << count) | (value >> (64 - count))
    }

    private static func splitMix(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension SeededRandom {
    /// Returns a real number in 0..<1, uniform, with 53 random bits.
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Returns a real number of the range, uniform.
    package mutating func uniform(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    /// Returns a whole number of the range, uniform and without bias.
    public mutating func uniform(in range: ClosedRange<Int>) -> Int {
        let span =
            UInt64(bitPattern: Int64(range.upperBound))
            &- UInt64(bitPattern: Int64(range.lowerBound))
        guard span < .max else { return Int(truncatingIfNeeded: next()) }
        return Int(
            truncatingIfNeeded: UInt64(bitPattern: Int64(range.lowerBound)) &+ below(span + 1))
    }

    /// Returns a whole number in `0..<bound`; draws again where the remainder would favour some.
    private mutating func below(_ bound: UInt64) -> UInt64 {
        let unfair = (0 &- bound) % bound
        while true {
            let (high, low) = next().multipliedFullWidth(by: bound)
            if low >= unfair { return high }
        }
    }

    /// Returns a duration of the range, uniform, in whole milliseconds.
    package mutating func uniform(in range: ClosedRange<Duration>) -> Duration {
        let bounds = range.lowerBound.wholeMilliseconds...range.upperBound.wholeMilliseconds
        return .milliseconds(uniform(in: bounds))
    }

    /// Returns one element, each equally likely.
    ///
    /// It is a programmer error to pass no elements.
    public mutating func choice<Element>(of elements: [Element]) -> Element {
        precondition(!elements.isEmpty, "choose from at least one element")
        return elements[uniform(in: 0...elements.count - 1)]
    }

    /// Returns a number whose logarithm is uniform: each factor of ten is equally likely.
    ///
    /// It is a programmer error to pass a range that does not begin above zero.
    package mutating func logUniform(in range: ClosedRange<Double>) -> Double {
        precondition(range.lowerBound > 0, "a log-uniform range begins above zero")
        let exponent = uniform(in: log(range.lowerBound)...log(range.upperBound))
        return min(max(exp(exponent), range.lowerBound), range.upperBound)
    }

    /// Returns a normally distributed number (Box and Muller; two draws for each).
    package mutating func normal(mean: Double = 0, deviation: Double = 1) -> Double {
        let radius = (-2 * log(1 - unit())).squareRoot()
        return mean + deviation * radius * cos(2 * .pi * unit())
    }

    /// Returns a number whose logarithm is normal: half of them lie below `median`.
    package mutating func logNormal(median: Double, sigma: Double) -> Double {
        median * exp(normal(deviation: sigma))
    }
}
