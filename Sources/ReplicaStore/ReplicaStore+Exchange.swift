public import CausalTime
internal import GRDB
public import ReplicaModel
public import SyncEngine

extension ReplicaStore: ReplicaPort {
    /// How far the replica is, as of its last durable transaction.
    public func summary() throws -> ReplicaSummary {
        durableState.summary
    }

    /// What a peer with the vector `base` lacks in `lane`, from one snapshot; all of the lane if
    /// the peer has not seen what was forgotten here.
    ///
    /// One range of an index per writer that is ahead of the base.
    public func segment(of lane: Lane, since base: VersionVector) throws -> Segment {
        try read { snapshot in
            let state = snapshot.state
            let table = CellTable(db: snapshot.db, path: path)
            let claim = state.vectors[lane]
            guard base.dominates(state.frontier[lane]) else {
                return Segment(
                    lane: lane, base: VersionVector(), claim: claim, clock: state.clock.latest,
                    frontier: state.frontier[lane],
                    cells: try table.allCells(in: lane, writers: state.writers))
            }
            var cells: [Cell] = []
            for entry in claim.entries(above: base) {
                guard let number = state.writers.numbers[entry.writer] else { continue }
                cells += try table.cells(
                    in: lane, by: number, after: base[entry.writer], through: entry.sequence,
                    writers: state.writers)
            }
            cells.sort { $0.key < $1.key }
            return Segment(
                lane: lane, base: base, claim: claim, clock: state.clock.latest, cells: cells)
        }
    }

    /// Applies a whole segment in one transaction; durable on return.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/baseNotSeen`` if the segment does not fit,
    ///   ``StoreError/Code/ruleBroken`` if two of its cells or one of ours share a dot.
    public func apply(_ segment: Segment) throws -> ReplicaSummary {
        // Taking in what others wrote is no event of this device's clock; what upkeep writes along
        // with it is stamped as late as anything seen.
        try transact(at: max(durableState.clock.latest, segment.clock).wallTime) { transaction in
            try transaction.take(segment)
        }
        return durableState.summary
    }
}
