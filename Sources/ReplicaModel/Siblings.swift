package import CausalTime
import PlantedBugs

/// The cells of all writers at one place, and which of them count.
///
/// A value that several devices may write at once (a multi-value register, an element of a set, an
/// exclusive right) has a cell of kind `sibling` for each writer. A write carries what its author
/// had seen of the others as its context, and so takes their place; what it had not seen stays
/// beside it. A write without a value removes what it had seen and adds nothing.
///
/// A sibling counts if it has a value and no other one has seen it. Every writer's cell is
/// replaced by that writer alone, so each has one dot and is found, sent and staged like any other
/// cell.
///
/// Source: N. Preguiça et al., "Dotted Version Vectors" (2010), and A. Bieniusa et al., "An
/// Optimized Conflict-free Replicated Set" (2012). Difference: the siblings of a place are stored
/// and sent apart, one for each writer, instead of as one cell with many dots.
public struct Siblings: Hashable, Sendable {
    /// All cells of the place, ascending by owner.
    public let cells: [Cell]

    /// Gathers the cells of one place; those of other kinds are left out.
    public init(_ cells: some Sequence<Cell>) {
        self.cells = cells.filter { $0.kind == .sibling }.sorted { $0.key < $1.key }
    }

    /// The cells that count, the latest write first.
    ///
    /// Quadratic in the number of writers at the place, which is small.
    public var visible: [Cell] {
        cells.filter { isVisible($0) }.sorted { $0.order > $1.order }
    }

    /// Whether a cell of the place counts.
    public func isVisible(_ cell: Cell) -> Bool {
        !cell.value.isEmpty
            && (PlantedBug.siblingsAllCount.isPlanted || !isSeen(cell) { _ in true })
    }

    /// Whether another cell of the place that meets a condition has seen a cell of it.
    func isSeen(_ cell: Cell, by condition: (Cell) -> Bool) -> Bool {
        cells.contains {
            $0.key.owner != cell.key.owner && $0.causalLength == cell.causalLength
                && $0.context.contains(cell.dot) && condition($0)
        }
    }

    /// What a writer has seen here: the context of its next write.
    package func context(for writer: WriterID, causalLength: UInt64) -> VersionVector {
        var context = VersionVector()
        guard !PlantedBug.siblingSeesNothing.isPlanted else { return context }
        for cell in cells where cell.causalLength == causalLength {
            if cell.key.owner == writer {
                context.merge(cell.context)
            } else {
                context.raise(cell.dot.writer, to: cell.dot.sequence)
            }
        }
        return context
    }

    /// What remains of the place once every member has seen all writes up to `frontier`.
    ///
    /// Cells that do not count go, and so do contexts that have done their work. A function of the
    /// cells and the frontier alone, so replicas forget alike. `frontier` is causally closed.
    package func forgetting(upTo frontier: VersionVector) -> Siblings {
        var kept: [Cell] = []
        for cell in cells {
            guard frontier.contains(cell.dot) else {
                kept.append(cell)
                continue
            }
            let isSeen = isSeen(cell) { frontier.contains($0.dot) }
            if !isSeen, !cell.value.isEmpty { kept.append(cell.with(context: VersionVector())) }
        }
        return Siblings(kept)
    }
}
