import CausalTime
import ReplicaModel
import SyncEngine

/// A replica in memory, just enough for a session; it has no unique rows.
final class MemoryReplica: ReplicaPort {
    private(set) var cells: [CellKey: Cell] = [:]
    private(set) var vectors = LaneVectors()
    /// Up to where it is said to have forgotten; whoever has not seen that gets snapshots.
    var frontier = LaneVectors()
    private(set) var clock = HybridClock()

    /// A replica that holds the same.
    func copy() -> MemoryReplica {
        let copy = MemoryReplica()
        copy.cells = cells
        copy.vectors = vectors
        copy.frontier = frontier
        copy.clock = clock
        return copy
    }

    /// Takes in a write as if it had been made here.
    func write(_ cell: Cell) {
        take(cell)
        vectors[cell.key.lane].raise(cell.dot.writer, to: cell.dot.sequence)
        clock.observe(cell.timestamp)
    }

    /// Advances the clock, as a write of a kind that is not stamped does.
    func observe(_ timestamp: HybridTimestamp) { clock.observe(timestamp) }

    var sorted: [Cell] { cells.values.sorted { $0.key < $1.key } }

    func summary() -> ReplicaSummary {
        var digest = Digest()
        for cell in sorted { digest.insert(cell) }
        return ReplicaSummary(
            vectors: vectors, frontier: frontier, digest: digest, clock: clock.latest)
    }

    func segment(of lane: Lane, since base: VersionVector) -> Segment {
        let isSnapshot = !base.dominates(frontier[lane])
        let base = isSnapshot ? VersionVector() : base
        return Segment(
            lane: lane, base: base, claim: vectors[lane], clock: clock.latest,
            frontier: isSnapshot ? frontier[lane] : nil,
            cells: sorted.filter { $0.key.lane == lane && !base.contains($0.dot) })
    }

    func apply(_ segment: Segment) throws -> ReplicaSummary {
        guard vectors[segment.lane].dominates(segment.base) else {
            throw VectorError("a segment on a base that is not there")
        }
        if let frontier = segment.frontier { forget(before: segment, frontier) }
        for cell in segment.cells where !vectors[segment.lane].contains(cell.dot) { take(cell) }
        vectors[segment.lane].merge(segment.claim)
        clock.observe(segment.clock)
        return summary()
    }

    /// Drops what the sender of a snapshot has seen and does not hold.
    private func forget(before segment: Segment, _ frontier: VersionVector) {
        let kept = Set(segment.cells.map(\.key))
        cells = cells.filter { key, cell in
            key.lane != segment.lane || kept.contains(key) || !segment.claim.contains(cell.dot)
        }
        self.frontier[segment.lane].merge(frontier)
    }

    private func take(_ cell: Cell) {
        let decision = MergeDecision.about(
            cell, current: cells[cell.key], row: cells[cell.key.rowKey])
        if case .accept(let kept) = decision { cells[cell.key] = kept }
    }
}
