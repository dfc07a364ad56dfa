public import CausalTime
internal import GRDB
public import ReplicaModel
public import SyncEngine

extension ReplicaStore: ReplicaPort {
    /// How far the replica is, as of its last durable transaction.
    public func summary() throws -> ReplicaSummary {
        durableState.summary
    }

    /// What a peer with the vector `base` lacks in `lane`, from one snapshot.
    ///
    /// One range of an index per writer that is ahead of the base.
    public func segment(of lane: Lane, since base: VersionVector) throws -> Segment {
        try read { snapshot in
            let state = snapshot.state
            let table = CellTable(db: snapshot.db, path: path)
            let claim = state.vectors[lane]
            var cells: [Cell] = []
            for entry in claim.entries(above: base) {
                guard let number = state.writers.numbers[entry.writer] else { continue }
                cells += try table.cells(
                    in: lane, by: number, after: base[entry.writer], writers: state.writers)
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
        try transact(at: WallTime(milliseconds: 0)) { transaction in
            try Self.apply(segment, in: transaction)
            return transaction.state.summary
        }
    }

    private static func apply(_ segment: Segment, in transaction: StoreTransaction) throws {
        let lane = segment.lane
        guard Lane.all.contains(lane) else {
            throw StoreError(.ruleBroken, "a segment of \(lane), which is not known here")
        }
        let seen = transaction.state.vectors[lane]
        guard seen.dominates(segment.base) else {
            throw StoreError(
                .baseNotSeen, "a segment for \(segment.base), but this replica is at \(seen)")
        }
        for cell in segment.cells where !seen.contains(cell.dot) {
            guard cell.key.lane == lane, segment.claim.contains(cell.dot) else {
                throw StoreError(.ruleBroken, "a cell that its segment does not claim")
            }
            _ = try transaction.merge(cell, isLocal: false)
            transaction.state.clock.observe(cell.timestamp)
        }
        transaction.state.clock.observe(segment.clock)
        for entry in segment.claim.entries(above: seen) {
            _ = try transaction.number(of: entry.writer)
        }
        transaction.state.vectors[lane].merge(segment.claim)
        // Writes under our name that we did not make: a copy of this replica is in use. What it
        // wrote is kept; we go on under another name, so that no dot is used twice from here.
        if let writer = transaction.state.writer, segment.claim[writer] > seen[writer] {
            transaction.state.nonce = nil
        }
    }
}
