import Foundation

/// A small generator of which every run with one seed is the same, on every machine.
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, "Fast Splittable Pseudorandom Number Generators"
/// (OOPSLA 2014); the constants are those of the public domain version by S. Vigna.
package struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    /// Starts the sequence of a seed.
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Whether something happens that happens in `percent` of 100 cases.
    package mutating func chance(_ percent: UInt64) -> Bool { next() % 100 < percent }

    /// One of the elements, which must not be empty.
    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }
}

/// The number that a random run starts from; it is in the message of every failure.
package struct Seed: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    /// The generator of this run.
    package var generator: SplitMix64 { SplitMix64(seed: value) }

    package var description: String { "seed \(value)" }

    /// The seeds from 1 to `count`, or to as many times that as `CARAVAN_SEEDS` says, for long
    /// runs.
    package static func first(_ count: UInt64) -> [Seed] {
        let times = ProcessInfo.processInfo.environment["CARAVAN_SEEDS"].flatMap(UInt64.init) ?? 1
        return (1...count * max(1, times)).map(Seed.init)
    }
}
