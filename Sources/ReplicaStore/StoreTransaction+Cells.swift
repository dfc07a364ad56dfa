import CausalTime
import PlantedBugs
import ReplicaModel

extension StoreTransaction {
    /// Puts a cell in the place of `current`, the one of the same key, or removes it.
    ///
    /// The only way in which cells change, so that the digest always follows.
    func replace(_ current: Cell?, by cell: Cell?) throws {
        guard let key = (cell ?? current)?.key else { return }
        memo.update(cell, at: key)
        rowInHand?.update(cell, at: key)
        if current?.kind == .sibling || cell?.kind == .sibling {
            try replaceSibling(current, by: cell, at: key)
            return
        }
        if let current, current.counts(among: nil) { count(current, -1) }
        guard let cell else { return try table.remove(key, writers: state.writers) }
        let isLive = cell.counts(among: nil)
        if PlantedBug.tombstoneForgotten.isPlanted, cell.kind.isRow, !isLive {
            return try table.remove(key, writers: state.writers)
        }
        if isLive { count(cell, 1) }
        try write(cell, isLive: isLive)
    }

    private func replaceSibling(_ current: Cell?, by cell: Cell?, at key: CellKey) throws {
        let before = try siblings(at: key)
        let after = Siblings(
            before.cells.filter { $0.key != key } + (cell.map { [$0] } ?? []))
        if let current, current.kind != .sibling, current.counts(among: nil) { count(current, -1) }
        for other in before.cells where before.isVisible(other) { count(other, -1) }
        for other in after.cells {
            let isLive = after.isVisible(other)
            if isLive { count(other, 1) }
            if other.key != key, isLive != before.isVisible(other) {
                try table.setLive(isLive, at: other.key, writers: state.writers)
            }
        }
        guard let cell else { return try table.remove(key, writers: state.writers) }
        try write(cell, isLive: cell.counts(among: after))
    }

    private func count(_ cell: Cell, _ sign: Int) {
        if sign > 0 {
            state.digests[cell.key.lane].insert(cell)
        } else {
            state.digests[cell.key.lane].remove(cell)
        }
    }

    private func write(_ cell: Cell, isLive: Bool) throws {
        var context = ByteWriter()
        for entry in cell.context.entries {
            context.varint(UInt64(try number(of: entry.writer)))
            context.varint(entry.sequence)
        }
        let digest = mayCarryState(cell) ? state.digests[cell.key.lane] : nil
        try table.upsert(
            cell, isLive: isLive, writer: number(of: cell.dot.writer), context: context.bytes,
            digest: digest)
        if digest != nil { carrier = cell }
    }

    /// Removes what belongs to a former life of a row.
    func bury(under row: Cell) throws {
        let inHand = rowInHand.flatMap { $0.covers(row.key) ? $0.cells : nil }
        let cells = try inHand ?? table.cells(beforeLifeOf: row, writers: state.writers)
        for cell in cells where MergeDecision.isBuried(cell, under: row) {
            try replace(cell, by: nil)
            if cell.dot.writer != row.dot.writer { try keepLost(cell, .rowDeleted) }
        }
    }

    /// Keeps a value that is not, or no longer, its cell's; unless the cell says the same.
    func keepLost(
        _ cell: Cell, _ reason: LostValue.Reason, for winner: Cell? = nil
    ) throws {
        guard cell.kind == .register || cell.kind == .sibling, !cell.value.isEmpty,
            winner.map({ $0.kind == .register && $0.value != cell.value }) ?? true
        else { return }
        try LostValues(db: db, path: path).add(
            cell, reason: reason, writer: number(of: cell.dot.writer),
            keeping: options.lostValuesMax)
    }
}
