public import CausalTime

/// A version vector for every lane.
public struct LaneVectors: Hashable, Sendable {
    private var vectors: [VersionVector]

    /// Vectors that have seen nothing.
    public init() { vectors = Array(repeating: VersionVector(), count: Lane.all.count) }

    /// The vector of one lane; of an unknown lane an empty one, and setting that does nothing.
    public subscript(lane: Lane) -> VersionVector {
        get {
            let index = Int(lane.rawValue)
            return index < vectors.count ? vectors[index] : VersionVector()
        }
        _modify {
            let index = Int(lane.rawValue)
            if index < vectors.count {
                yield &vectors[index]
            } else {
                var ignored = VersionVector()
                yield &ignored
            }
        }
    }

    /// Whether every lane has seen what the same lane of `other` has seen.
    public func dominates(_ other: LaneVectors) -> Bool {
        Lane.all.allSatisfy { self[$0].dominates(other[$0]) }
    }

    /// Takes the higher sequence of every writer in every lane.
    public mutating func merge(_ other: LaneVectors) {
        for lane in Lane.all { self[lane].merge(other[lane]) }
    }
}
