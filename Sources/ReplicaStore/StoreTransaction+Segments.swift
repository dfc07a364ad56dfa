import CausalTime
import PlantedBugs
import ReplicaModel

extension StoreTransaction {
    /// Takes in a whole segment.
    func take(_ segment: Segment) throws {
        let lane = segment.lane
        guard Lane.all.contains(lane) else {
            throw StoreError(.ruleBroken, "a segment of \(lane), which is not known here")
        }
        for cell in segment.cells {
            guard cell.key.lane == lane, segment.claim.contains(cell.dot) else {
                throw StoreError(.ruleBroken, "a cell that its segment does not claim")
            }
        }
        let seen = state.vectors[lane]
        guard Segment.hasRoom(for: segment.claim, in: seen) else {
            throw StoreError(
                .ruleBroken, "a segment with which there would be too many writers in \(lane)")
        }
        try note(clonesIn: segment)
        try bulkWrite(of: segment.cells).holdingPages {
            if let frontier = segment.frontier {
                try rebase(onto: segment, frontier: frontier)
            } else {
                try join(segment)
            }
        }
        state.clock.observe(segment.clock)
        for entry in segment.claim.entries(above: seen) { _ = try number(of: entry.writer) }
        state.vectors[lane].merge(segment.claim)
    }

    /// Takes in what this replica lacked.
    private func join(_ segment: Segment) throws {
        let seen = state.vectors[segment.lane]
        guard seen.dominates(segment.base) else {
            throw StoreError(
                .baseNotSeen, "a segment for \(segment.base), but this replica is at \(seen)")
        }
        guard segment.claim.dominates(state.frontier[segment.lane]) else {
            throw StoreError(
                .behindFrontier,
                "a segment of a replica at \(segment.claim), which has not seen the frontier "
                    + "\(state.frontier[segment.lane]); it has to take a snapshot first")
        }
        try merge(segment.cells) { !seen.contains($0.dot) }
    }

    /// Lets those of the cells, which are ascending by key, arrive that are wanted.
    private func merge(_ cells: [Cell], where isWanted: (Cell) -> Bool) throws {
        defer { rowInHand = nil }
        var rows = ArrivingRows(of: cells, in: table, writers: state.writers)
        try bulkWrite(of: cells).withoutIndex {
            for (index, cell) in cells.enumerated() where isWanted(cell) {
                if PlantedBug.prefixApplied.isPlanted, index > cells.count / 2 { break }
                if rowInHand?.covers(cell.key) != true {
                    rowInHand = try rows.row(ofCellAt: index)
                }
                _ = try merge(cell, isLocal: false)
                state.clock.observe(cell.timestamp)
            }
        }
    }

    private func bulkWrite(of cells: [Cell]) -> BulkWrite {
        BulkWrite(table: table, threshold: options.bulkWrites, cells: cells.count)
    }

    /// Notes signs that a copy of a replica is in use somewhere.
    private func note(clonesIn segment: Segment) throws {
        let seen = state.vectors[segment.lane]
        for cell in segment.cells where seen.contains(cell.dot) {
            guard let held = try self.cell(at: cell.key), held.dot == cell.dot,
                cell.kind == .sibling
                    ? held.canonicalBytes != cell.canonicalBytes : held != cell
            else { continue }
            try raise(
                .twoContents, at: cell.dot, in: segment.lane,
                "a peer has another content for the write \(cell.dot)")
        }
        // Writes under our name that we did not make: a copy of this replica is in use. What it
        // wrote is kept; we go on under another name, so that no dot is used twice from here.
        if let writer = state.writer, segment.claim[writer] > seen[writer] {
            state.nonce = nil
            try raise(
                .ownWritesUnknown, at: Dot(writer: writer, sequence: segment.claim[writer]),
                in: segment.lane, "a peer has writes of this device that it did not make")
        }
    }

    // MARK: Rebase

    /// Joins all of a lane with what is held of it, by what both sides have seen.
    ///
    /// A cell that only one side holds stays if the other side has not seen its write, and goes if
    /// it has: then it was displaced there, or forgotten. Nothing gets another name, so no counter
    /// doubles and nobody else's copy conflicts.
    private func rebase(onto snapshot: Segment, frontier: VersionVector) throws {
        let lane = snapshot.lane
        guard snapshot.claim.dominates(frontier) else {
            throw StoreError(.ruleBroken, "a snapshot that has not seen its own frontier")
        }
        let seen = state.vectors[lane]
        let own = try table.allCells(in: lane, writers: state.writers)
        let theirKeys = Set(snapshot.cells.map(\.key))
        for cell in own
        where !theirKeys.contains(cell.key)
            && (snapshot.claim.contains(cell.dot) || PlantedBug.snapshotDropsOwn.isPlanted)
        {
            if PlantedBug.snapshotKeepsForgotten.isPlanted { break }
            try replace(cell, by: nil)
            try keepLost(cell, .rowDeleted)
        }
        let ownKeys = Set(own.map(\.key))
        // In order, so that rows come before what is in them, which depends on them.
        try merge(snapshot.cells.sorted { $0.key < $1.key }) {
            ownKeys.contains($0.key) || !seen.contains($0.dot)
        }
        state.vectors[lane].merge(snapshot.claim)
        try endForgottenRows(
            in: lane, held: [(theirKeys, snapshot.claim), (ownKeys, seen)])
        try removeOrphans(in: lane)
        var merged = state.frontier
        merged[lane].merge(frontier)
        try forget(upTo: merged, rescanning: lane)
    }

    /// Deletes rows for good that one side had forgotten and the other changed since.
    ///
    /// How often such a row was deleted is not known any more, so no ordinary length is sure to end
    /// it everywhere.
    private func endForgottenRows(
        in lane: Lane, held sides: [(keys: Set<CellKey>, seen: VersionVector)]
    ) throws {
        for row in try table.allCells(in: lane, writers: state.writers)
        where row.kind == .uniqueRow && (2..<Cell.causalLengthMax).contains(row.causalLength) {
            guard let id = RowID(bytes: row.key.row) else { continue }
            let wasForgotten = sides.contains {
                !$0.keys.contains(row.key) && $0.seen.contains(id.creation)
            }
            guard wasForgotten else { continue }
            try put(
                CellDraft(
                    key: row.key, kind: .uniqueRow, causalLength: Cell.causalLengthMax))
        }
    }

    /// Removes what belongs to rows that were forgotten on one of two sides.
    private func removeOrphans(in lane: Lane) throws {
        let cells = try table.allCells(in: lane, writers: state.writers)
        let rows = Set(cells.lazy.filter(\.kind.isRow).map(\.key))
        for cell in cells
        where !cell.kind.isRow && cell.causalLength > 0 && !rows.contains(cell.key.rowKey) {
            try replace(cell, by: nil)
            try keepLost(cell, .rowDeleted)
        }
    }
}
