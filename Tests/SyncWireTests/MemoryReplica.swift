import CausalTime
import ReplicaModel
import SyncEngine

/// A replica in memory, just enough for a session; it has no unique rows.
final class MemoryReplica: ReplicaPort {
    private(set) var cells: [CellKey: Cell] = [:]
    private(set) var vectors = LaneVectors()
    /// Who wrote here last.
    private var writer: WriterID?
    /// Up to where it is said to have forgotten; whoever has not seen that gets snapshots.
    var frontier = LaneVectors()
    private(set) var clock = HybridClock()
    /// By peer, the states at which both were, the latest first.
    private(set) var remembered: [DeviceID: [ReplicaSummary]] = [:]
    /// What came of segments that are not whole, with their claims.
    private var staged: [Lane: [(cell: Cell, claim: VersionVector)]] = [:]

    /// A replica that holds the same.
    func copy() -> MemoryReplica {
        let copy = MemoryReplica()
        copy.cells = cells
        copy.vectors = vectors
        copy.writer = writer
        copy.frontier = frontier
        copy.clock = clock
        copy.remembered = remembered
        copy.staged = staged
        return copy
    }

    /// Takes in a write as if it had been made here.
    func write(_ cell: Cell) {
        writer = cell.dot.writer
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
        tidy(segment.lane)
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

    // MARK: Greeting again

    func greetingFacts(for peer: DeviceID?) -> GreetingFacts {
        GreetingFacts(
            summary: summary(), common: peer.flatMap { remembered[$0] } ?? [],
            staged: staged.mapValues { DotSet($0.map(\.cell.dot)) }, writer: writer)
    }

    func remember(
        _ vectors: LaneVectors, sharedWith peer: DeviceID, observing clock: HybridTimestamp
    ) {
        self.clock.observe(clock)
        guard vectors == self.vectors, remembered[peer]?.first != summary() else { return }
        remembered[peer, default: []].insert(summary(), at: 0)
    }

    /// Loses what it remembers of others.
    func forgetMeetings() { remembered = [:] }

    /// What is kept of segments of a lane that are not whole.
    func staged(_ lane: Lane) -> DotSet { DotSet((staged[lane] ?? []).map(\.cell.dot)) }

    func stage(_ cells: [Cell], of lane: Lane, claim: VersionVector) {
        guard !cells.isEmpty else { return }
        staged[lane, default: []] += cells.map { ($0, claim) }
    }

    func apply(_ segment: Segment, adding staged: DotSet) throws -> ReplicaSummary {
        var found: [Dot: Cell] = [:]
        for (cell, _) in self.staged[segment.lane] ?? [] where staged.contains(cell.dot) {
            found[cell.dot] = cell
        }
        guard staged.dots.allSatisfy({ found[$0] != nil || vectors[segment.lane].contains($0) })
        else { throw VectorError("a part of a segment that is not there any more") }
        return try apply(
            Segment(
                lane: segment.lane, base: segment.base, claim: segment.claim,
                clock: segment.clock, frontier: segment.frontier,
                cells: (segment.cells + found.values).sorted { $0.key < $1.key }))
    }

    /// Drops what is of no use any more.
    private func tidy(_ lane: Lane) {
        staged[lane]?.removeAll { vectors[lane].contains($0.cell.dot) }
        if staged[lane]?.isEmpty == true { staged[lane] = nil }
    }

    private func take(_ cell: Cell) {
        let decision = MergeDecision.about(
            cell, current: cells[cell.key], row: cells[cell.key.rowKey])
        if case .accept(let kept) = decision { cells[cell.key] = kept }
    }
}
