import CausalTime
import ReplicaModel
import SyncEngine

/// A replica in memory, just enough for a session.
final class MemoryReplica: ReplicaPort {
    private(set) var cells: [CellKey: Cell] = [:]
    private(set) var vectors = LaneVectors()
    private(set) var clock = HybridClock()

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
        return ReplicaSummary(vectors: vectors, digest: digest, clock: clock.latest)
    }

    func segment(of lane: Lane, since base: VersionVector) -> Segment {
        Segment(
            lane: lane, base: base, claim: vectors[lane], clock: clock.latest,
            cells: sorted.filter { $0.key.lane == lane && !base.contains($0.dot) })
    }

    func apply(_ segment: Segment) throws -> ReplicaSummary {
        guard vectors[segment.lane].dominates(segment.base) else {
            throw VectorError("a segment on a base that is not there")
        }
        for cell in segment.cells where !vectors[segment.lane].contains(cell.dot) { take(cell) }
        vectors[segment.lane].merge(segment.claim)
        clock.observe(segment.clock)
        return summary()
    }

    private func take(_ cell: Cell) {
        let decision = MergeDecision.about(
            cell, current: cells[cell.key], row: cells[cell.key.rowKey])
        if case .accept(let kept) = decision { cells[cell.key] = kept }
    }
}
