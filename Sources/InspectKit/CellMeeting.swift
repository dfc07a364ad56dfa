import CausalTime
import ReplicaModel
import ReplicaStore

/// What becomes of a cell that two replicas hold differently, once they have met.
///
/// The merge rules decide; this only says in words what they do, and finds what they cannot have
/// brought about.
struct CellMeeting {
    /// Whose version stays; nothing if none does, or if there is no telling.
    let winner: ReplicaDifference.Which?
    let reason: String
    let isFault: Bool

    private init(
        _ winner: ReplicaDifference.Which?, _ reason: String, isFault: Bool = false
    ) {
        self.winner = winner
        self.reason = reason
        self.isFault = isFault
    }

    /// Lets the versions of `key` meet.
    init(at key: CellKey, _ left: ReplicaImage, _ right: ReplicaImage) {
        let versions = (left.cells.cell(at: key), right.cells.cell(at: key))
        let row = Self.later(left.cells.cell(at: key.rowKey), right.cells.cell(at: key.rowKey))
        switch versions {
        case (let cell?, nil): self.init(of: cell, on: .left, row: row, otherHas: right)
        case (nil, let cell?): self.init(of: cell, on: .right, row: row, otherHas: left)
        case (let leftCell?, let rightCell?):
            self.init(leftCell, rightCell, row: row, left, right)
        case (nil, nil): self.init(nil, "held by neither")
        }
    }

    /// A version that only one side holds.
    private init(
        of cell: Cell, on side: ReplicaDifference.Which, row: Cell?, otherHas other: ReplicaImage
    ) {
        if let row, MergeDecision.isBuried(cell, under: row) {
            self.init(nil, "goes: its row was deleted since")
        } else if other.contents.vectors[cell.key.lane].contains(cell.dot) {
            self.init(
                side, "the other side has seen this write and does not hold it", isFault: true)
        } else {
            self.init(side, "the other side has not seen it")
        }
    }

    /// Two versions.
    private init(
        _ leftCell: Cell, _ rightCell: Cell, row: Cell?, _ left: ReplicaImage,
        _ right: ReplicaImage
    ) {
        guard leftCell.dot != rightCell.dot else {
            self.init(nil, "one write with two contents", isFault: true)
            return
        }
        let side: ReplicaDifference.Which = leftCell.supersedes(rightCell) ? .left : .right
        let (cell, other, image) =
            side == .left ? (leftCell, rightCell, right) : (rightCell, leftCell, left)
        if let row, MergeDecision.isBuried(cell, under: row) {
            self.init(nil, "both go: the row was deleted since")
        } else if image.contents.vectors[cell.key.lane].contains(cell.dot) {
            self.init(
                side, "the other side has seen this write and does not hold it", isFault: true)
        } else {
            self.init(side, Self.reason(cell, over: other))
        }
    }

    private static func reason(_ cell: Cell, over other: Cell) -> String {
        guard cell.kind == other.kind else { return "its kind outranks the other" }
        switch cell.kind {
        case .counter: return "the larger counter"
        case .fact, .vector: return "the lesser dot of one fact"
        case .maximum:
            return cell.amount != other.amount ? "the greater rank" : "equal ranks, the lesser dot"
        case .sibling, .unknown: return "the writer's later write"
        case .register, .row, .uniqueRow:
            if cell.causalLength != other.causalLength {
                return cell.kind.isRow
                    ? "the longer causal length" : "of a later life of its row"
            }
            return cell.timestamp != other.timestamp
                ? "the later stamp" : "equal stamps, the greater writer"
        }
    }

    private static func later(_ left: Cell?, _ right: Cell?) -> Cell? {
        guard let left, let right else { return left ?? right }
        return right.supersedes(left) ? right : left
    }
}
