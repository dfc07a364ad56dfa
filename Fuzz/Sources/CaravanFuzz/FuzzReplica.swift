import CausalTime
import ReplicaModel
import SyncEngine

/// A replica in memory that insists on what a session promises to a store.
final class FuzzReplica: ReplicaPort {
    private(set) var cells: [CellKey: Cell] = [:]
    private(set) var vectors = LaneVectors()
    private(set) var clock = HybridClock()
    /// How many segments have been applied.
    private(set) var appliedCount = 0

    /// Takes in a write as if it had been made here.
    func write(_ cell: Cell) {
        take(cell)
        vectors[cell.key.lane].raise(cell.dot.writer, to: cell.dot.sequence)
        clock.observe(cell.timestamp)
    }

    /// A replica that holds the same.
    func copy() -> FuzzReplica {
        let copy = FuzzReplica()
        copy.cells = cells
        copy.vectors = vectors
        copy.clock = clock
        return copy
    }

    /// Whether cells and vectors are equal.
    func holdsTheSame(as other: FuzzReplica) -> Bool {
        cells == other.cells && vectors == other.vectors
    }

    private var sorted: [Cell] { cells.values.sorted { $0.key < $1.key } }

    func summary() -> ReplicaSummary {
        var digest = Digest()
        for cell in sorted { digest.insert(cell) }
        return ReplicaSummary(
            vectors: vectors, frontier: LaneVectors(), digest: digest, clock: clock.latest)
    }

    func cellHashes() -> [UInt64] { sorted.map(\.digestShare) }

    func cells(hashed hashes: Set<UInt64>) -> [Cell] {
        sorted.filter { hashes.contains($0.digestShare) }
    }

    func mend(_ others: [Cell]) -> Mended {
        for cell in others {
            require(vectors[cell.key.lane].contains(cell.dot), "a repair with news")
            require(cell.isWellFormed && cell.isWithinLimits, "a cell that no store takes")
            take(cell)
        }
        let places = Set(others.map(\.key))
        return Mended(
            held: sorted.filter { places.contains($0.key) }, changed: others.count,
            summary: summary())
    }

    func segment(of lane: Lane, since base: VersionVector) -> Segment {
        Segment(
            lane: lane, base: base, claim: vectors[lane], clock: clock.latest,
            cells: sorted.filter { $0.key.lane == lane && !base.contains($0.dot) })
    }

    func apply(_ segment: Segment) throws -> ReplicaSummary {
        checkShape(of: segment)
        guard vectors[segment.lane].dominates(segment.base) else { throw BaseMissing() }
        if segment.isSnapshot { forget(before: segment) }
        for cell in segment.cells where !vectors[segment.lane].contains(cell.dot) { take(cell) }
        vectors[segment.lane].merge(segment.claim)
        clock.observe(segment.clock)
        appliedCount += 1
        return summary()
    }

    private func checkShape(of segment: Segment) {
        require(segment.claim.isWellFormed, "a claim that is no vector")
        require(
            segment.claim.entries.count <= SessionLimits().vectorEntriesMax, "a claim beyond limits"
        )
        for cell in segment.cells {
            require(cell.key.lane == segment.lane, "a cell of another lane")
            require(segment.claim.contains(cell.dot), "a cell that is not claimed")
            require(cell.isWellFormed && cell.isWithinLimits, "a cell that no store takes")
        }
    }

    /// Keeps nothing; the cells of one chunk are in order, those of a segment need not be.
    func stage(_ cells: [Cell], of lane: Lane, claim: VersionVector) {
        for (cell, next) in zip(cells, cells.dropFirst()) {
            require(cell.key < next.key, "cells of a chunk out of order or twice")
        }
    }

    /// Drops what the sender of a snapshot has seen and does not hold.
    private func forget(before segment: Segment) {
        let kept = Set(segment.cells.map(\.key))
        cells = cells.filter { key, cell in
            key.lane != segment.lane || kept.contains(key) || !segment.claim.contains(cell.dot)
        }
    }

    private func take(_ cell: Cell) {
        let decision = MergeDecision.about(
            cell, current: cells[cell.key], row: cells[cell.key.rowKey])
        if case .accept(let kept) = decision { cells[cell.key] = kept }
    }
}

private struct BaseMissing: Error {}
