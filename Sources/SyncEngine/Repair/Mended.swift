public import ReplicaModel

/// What became of cells that came from a replica which had seen the same and held others.
public struct Mended: Hashable, Sendable {
    /// All that is held now at the places of those cells, and the rows that they belong to.
    public let held: [Cell]
    /// How many cells have changed.
    public let changed: Int
    /// How far the replica is then: only its digest has changed.
    public let summary: ReplicaSummary

    /// Describes what became of them.
    public init(held: [Cell], changed: Int, summary: ReplicaSummary) {
        self.held = held
        self.changed = changed
        self.summary = summary
    }
}
