import PlantedBugs

/// What becomes of a write that arrives at a cell.
///
/// The one place where the rules of the kinds and of rows meet; local and remote writes go through
/// it alike.
public enum MergeDecision: Equatable, Sendable {
    /// This becomes the cell's state.
    case accept(Cell)
    /// Another write of the cell is later: nothing changes.
    case outranked
    /// Its row has been deleted, or deleted and created anew, since: nothing changes.
    case rowGone

    /// Decides about `incoming`, given what is held.
    ///
    /// - Parameters:
    ///   - incoming: The write that arrives.
    ///   - current: The cell of the same key, if it is held.
    ///   - row: The cell of `incoming.key.rowKey`, if it is held.
    /// - Returns: What becomes of it.
    public static func about(_ incoming: Cell, current: Cell?, row: Cell?) -> MergeDecision {
        if let row, isBuried(incoming, under: row) { return .rowGone }
        guard let current else { return .accept(incoming) }
        if incoming.supersedes(current) { return .accept(incoming.displacing(current)) }
        // Of one sibling two replicas may remember different parts of what its author had seen.
        let kept = current.displacing(incoming)
        return kept == current ? .outranked : .accept(kept)
    }

    /// Whether of two contents of one write, which there cannot be unless something is broken, the
    /// first is to be kept: any rule will do that every replica follows.
    public static func prefers(_ cell: Cell, toContent other: Cell) -> Bool {
        other.canonicalBytes.lexicographicallyPrecedes(cell.canonicalBytes)
    }

    /// Whether the cell of a row that is now at `row` belongs to a former life and has to go.
    public static func isBuried(_ cell: Cell, under row: Cell) -> Bool {
        !cell.kind.isRow && row.kind.isRow && cell.causalLength < row.causalLength
            && !PlantedBug.formerLifeStays.isPlanted
    }
}
