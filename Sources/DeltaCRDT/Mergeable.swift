/// A state that two replicas can bring together without talking about it.
///
/// For all `a`, `b` and `c` of a type that conforms:
/// - `a.merging(b) == b.merging(a)`: it does not matter who receives;
/// - `a.merging(b).merging(c) == a.merging(b.merging(c))`: nor in which order;
/// - `a.merging(a) == a`: nor how often.
///
/// The laws are necessary and not enough: a counter that merges by taking the larger of two totals
/// obeys them and loses increments. Every conforming type is therefore also tested against a
/// sequential model of its operations.
///
/// Source: M. Shapiro et al., "Conflict-free Replicated Data Types" (SSS 2011), state-based.
public protocol Mergeable: Equatable, Sendable {
    /// Takes in everything that `other` holds.
    mutating func merge(_ other: Self)
}

extension Mergeable {
    /// The result of ``merge(_:)`` as a new value.
    public func merging(_ other: Self) -> Self {
        var result = self
        result.merge(other)
        return result
    }
}
