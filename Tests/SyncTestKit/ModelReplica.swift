package import CausalTime
package import ReplicaModel
package import SyncEngine

/// A replica in memory that does the simplest thing that can be right.
///
/// It is the twin that the real store is compared with, and the replica of tests of sessions. There
/// is no index, no cached digest and no vector per peer: everything is a scan.
package final class ModelReplica: ReplicaPort {
    /// Why the replica refused.
    ///
    /// Nothing has changed.
    package enum Fault: Error, Equatable {
        /// A segment whose base has not been seen here.
        case baseNotSeen
        /// A write that ``MergeDecision`` does not accept.
        case notAccepted(MergeDecision)
        /// A device that was restored spends.
        case rightsFrozen
    }

    /// A local write and what its author had seen before it.
    package struct Write: Hashable, Sendable {
        package let cell: Cell
        package let seen: LaneVectors
    }

    package let device: DeviceID
    package let currentWriter: WriterID
    /// What the device's own clock shows.
    package var now = WallTime(milliseconds: 0)
    package private(set) var cells: [CellKey: Cell] = [:]
    package private(set) var vectors = LaneVectors()
    package private(set) var clock = HybridClock()
    package var latestTimestamp: HybridTimestamp { clock.latest }
    /// Nothing is ever forgotten here.
    package var frontier: LaneVectors { LaneVectors() }
    /// What a restored device must not do.
    package var areRightsFrozen = false
    /// The writes made here since the journal was last taken.
    private var journal: [Write] = []

    /// An empty replica.
    package init(device: DeviceID, writer: WriterID) {
        self.device = device
        self.currentWriter = writer
    }

    /// An empty replica, and its device and writer, of one number.
    package convenience init(_ number: UInt32) {
        self.init(device: .numbered(number), writer: .numbered(number))
    }

    /// A replica of the same device that continues from a copy of this one's state.
    ///
    /// A restored replica is another writer. Without one the copy goes on under the same, which is
    /// right only where the original is not used any more.
    package func copy(as writer: WriterID? = nil) -> ModelReplica {
        let copy = ModelReplica(device: device, writer: writer ?? currentWriter)
        copy.now = now
        copy.cells = cells
        copy.vectors = vectors
        copy.clock = clock
        return copy
    }

    /// All cells, ascending by key.
    package var sortedCells: [Cell] { cells.values.sorted { $0.key < $1.key } }

    /// The digest of all cells, from scratch.
    package var digest: Digest {
        var digest = Digest()
        for cell in cells.values {
            let siblings = cell.kind == .sibling ? siblings(at: cell.key) : nil
            if cell.counts(among: siblings) { digest.insert(cell) }
        }
        return digest
    }

    // MARK: ReplicaPort

    package func summary() -> ReplicaSummary {
        ReplicaSummary(vectors: vectors, digest: digest, clock: clock.latest)
    }

    package func segment(of lane: Lane, since base: VersionVector) -> Segment {
        let lacking = sortedCells.filter { $0.key.lane == lane && !base.contains($0.dot) }
        return Segment(
            lane: lane, base: base, claim: vectors[lane], clock: clock.latest, cells: lacking)
    }

    @discardableResult
    package func apply(_ segment: Segment) throws -> ReplicaSummary {
        guard vectors[segment.lane].dominates(segment.base) else { throw Fault.baseNotSeen }
        for cell in segment.cells where !vectors[segment.lane].contains(cell.dot) {
            if case .accept(let kept) = decision(about: cell) { accept(kept) }
            clock.observe(cell.timestamp)
        }
        clock.observe(segment.clock)
        vectors[segment.lane].merge(segment.claim)
        return summary()
    }

    // MARK: Repair

    /// Replaces a cell behind the replica's back, as a failing disk does; nothing removes it.
    package func damage(_ key: CellKey, to cell: Cell?) { cells[key] = cell }

    package func cellHashes() -> [UInt64] {
        sortedCells.filter {
            $0.counts(among: $0.kind == .sibling ? siblings(at: $0.key) : nil)
        }.map(\.digestShare)
    }

    package func cells(hashed hashes: Set<UInt64>) -> [Cell] {
        around(sortedCells.filter { hashes.contains($0.digestShare) })
    }

    package func mend(_ others: [Cell]) -> Mended {
        var changed = 0
        for cell in others.filter(\.kind.isRow) + others.filter({ !$0.kind.isRow }) {
            guard cells[cell.key] != cell else { continue }
            if let held = cells.values.first(where: {
                $0.key.lane == cell.key.lane && $0.dot == cell.dot
                    && $0.canonicalBytes != cell.canonicalBytes
            }) {
                guard MergeDecision.prefers(cell, toContent: held) else { continue }
                cells[held.key] = nil
            }
            guard case .accept(let kept) = decision(about: cell) else { continue }
            accept(kept)
            changed += 1
        }
        return Mended(held: around(others), changed: changed, summary: summary())
    }

    private func around(_ some: [Cell]) -> [Cell] {
        let places = Set(some.flatMap { [$0.key.owned(by: nil), $0.key.rowKey] })
        return sortedCells.filter { places.contains($0.key.owned(by: nil)) }
    }

    // MARK: Writing

    /// Writes a cell under a fresh dot and, if its kind has one, a fresh timestamp.
    @discardableResult
    package func write(_ draft: CellDraft) throws -> Cell {
        let lane = draft.key.lane
        let sequence = vectors[lane][currentWriter] + 1
        var ticking = clock
        let cell = Cell(
            key: draft.kind.isOwned ? draft.key.owned(by: currentWriter) : draft.key,
            kind: draft.kind, dot: Dot(writer: currentWriter, sequence: sequence),
            timestamp: draft.kind.isStamped ? ticking.stamp(at: now) : .zero,
            causalLength: draft.causalLength,
            context: draft.kind == .sibling
                ? siblings(at: draft.key).context(
                    for: currentWriter, causalLength: draft.causalLength) : draft.context,
            value: draft.value)
        let decision = decision(about: cell)
        guard case .accept(let kept) = decision else { throw Fault.notAccepted(decision) }
        journal.append(Write(cell: cell, seen: vectors))
        clock = ticking
        accept(kept)
        vectors[lane].raise(currentWriter, to: sequence)
        return cell
    }

    /// Hands over the writes made here since the last call.
    package func takeJournal() -> [Write] {
        defer { journal = [] }
        return journal
    }

    /// All writers' cells at the place of `key`.
    package func siblings(at key: CellKey) -> Siblings {
        Siblings(cells.values.filter { $0.key.owned(by: nil) == key.owned(by: nil) })
    }

    private func decision(about cell: Cell) -> MergeDecision {
        .about(cell, current: cells[cell.key], row: cells[cell.key.rowKey])
    }

    private func accept(_ cell: Cell) {
        cells[cell.key] = cell
        guard cell.kind.isRow else { return }
        for other in cells.values where other.key.rowKey == cell.key {
            if MergeDecision.isBuried(other, under: cell) { cells[other.key] = nil }
        }
    }
}
