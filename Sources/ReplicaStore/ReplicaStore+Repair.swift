import CausalTime
public import ReplicaModel
public import SyncEngine

extension ReplicaStore {
    /// The hash of every cell that counts for the digest.
    public func cellHashes() throws -> [UInt64] {
        try read { snapshot in
            try snapshot.table.liveCells(writers: snapshot.state.writers).map(\.digestShare)
        }
    }

    /// All that is held at the places of the cells that have these hashes, and their rows.
    public func cells(hashed hashes: Set<UInt64>) throws -> [Cell] {
        try read { snapshot in
            let writers = snapshot.state.writers
            let found = try snapshot.table.liveCells(writers: writers)
                .filter { hashes.contains($0.digestShare) }
            return try snapshot.table.cells(around: found.map(\.key), writers: writers)
        }
    }

    /// Takes in, in one transaction, cells of a replica that has seen the same and holds others,
    /// and raises an alarm.
    ///
    /// Each merges with what is held as if neither side had seen it. Of two contents of one write
    /// the one with the greater canonical bytes stays, wherever they are.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/ruleBroken`` if a cell is at a write that
    ///   this replica has not seen.
    public func mend(_ cells: [Cell]) throws -> Mended {
        let (held, changed) = try transact(at: durableState.clock.latest.wallTime) { transaction in
            // Rows first: what is in them depends on them.
            var changed = 0
            for cell in cells.filter(\.kind.isRow) + cells.filter({ !$0.kind.isRow }) {
                if try transaction.mend(with: cell) { changed += 1 }
            }
            let held = try transaction.table.cells(
                around: cells.map(\.key), writers: transaction.state.writers)
            return (held, changed)
        }
        return Mended(held: held, changed: changed, summary: durableState.summary)
    }
}

extension StoreTransaction {
    /// Lets a cell in that a peer holds although it has seen no more than this replica; says
    /// whether something has changed.
    fileprivate func mend(with cell: Cell) throws -> Bool {
        let lane = cell.key.lane
        guard state.vectors[lane].contains(cell.dot) else {
            throw StoreError(.ruleBroken, "a cell at \(cell.dot), which this replica has not seen")
        }
        guard try self.cell(at: cell.key) != cell else { return false }
        if let held = try table.cell(at: cell.dot, in: lane, writers: state.writers),
            held.canonicalBytes != cell.canonicalBytes
        {
            guard MergeDecision.prefers(cell, toContent: held) else { return false }
            try replace(held, by: nil)
            try keepLost(held, .replaced)
        }
        guard case .accept = try merge(cell, isLocal: false) else { return false }
        try raise(
            .diverged, at: cell.dot, in: lane,
            "a peer that had seen the same held another cell at \(cell.dot)")
        return true
    }
}

extension CellTable {
    /// All that is held at some places, whoever wrote it, and the rows that they are in.
    fileprivate func cells(around keys: [CellKey], writers: WriterNames) throws -> [Cell] {
        let places = Set(keys.map { $0.owned(by: nil) })
        return try places.union(places.map(\.rowKey)).sorted().flatMap {
            try cells(atPlaceOf: $0, writers: writers)
        }
    }
}
