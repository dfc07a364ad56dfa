import CausalTime
import ReplicaModel

/// What both ends of one direction remember from one message to the next.
struct DirectionState: Sendable {
    /// The milliseconds of the sender's latest clock: the next is sent as a difference to it.
    var clock: UInt64 = 0
    /// The segment of which more chunks are to come.
    var segment: SegmentContext?
    private var lastCells = [LastCell](repeating: LastCell(), count: Self.laneCount)

    /// How many lanes the three bits of a chunk can tell apart.
    static let laneCount = 8

    /// What is remembered of the last cell sent in a lane, which has to be below ``laneCount``.
    subscript(lane: Lane) -> LastCell {
        get { lastCells[Int(lane.rawValue)] }
        set { lastCells[Int(lane.rawValue)] = newValue }
    }
}

/// What the first chunk of a segment says for all its chunks.
struct SegmentContext: Sendable {
    /// The claim; cells name their writer by its place in it.
    let claim: [VersionVector.Entry]
    /// The milliseconds of the segment's clock; the first timestamp of a chunk is relative to it.
    let clock: UInt64

    init(claim: VersionVector, clock: HybridTimestamp) {
        self.claim = claim.entries
        self.clock = clock.milliseconds
    }

    /// The place of a writer in the claim.
    func index(of writer: WriterID) -> Int? {
        var low = 0
        var high = claim.count
        while low < high {
            let middle = (low + high) / 2
            if claim[middle].writer < writer { low = middle + 1 } else { high = middle }
        }
        return low < claim.count && claim[low].writer == writer ? low : nil
    }
}

/// What the first cell of a chunk is described against: what is pushed next is often the same cell
/// again, or a field of the same row.
struct LastCell: Sendable {
    var shape: CellShape?
    var row: [UInt8] = []
}

/// What cells of one field have in common.
struct CellShape: Hashable, Sendable {
    let collection: CollectionID
    let field: FieldID
    let kind: MergeKind
    /// Whether cells have an item.
    var hasItem = false
    /// Whether cells of a kind that is not stamped belong to a life of their row.
    var hasLife = false

    init(collection: CollectionID, field: FieldID, kind: MergeKind) {
        self.collection = collection
        self.field = field
        self.kind = kind
    }

    init(of cell: Cell) {
        self.init(collection: cell.key.collection, field: cell.key.field, kind: cell.kind)
        hasItem = !cell.key.item.isEmpty
        hasLife = !cell.kind.isStamped && cell.causalLength > 0
    }

    /// Set in the byte of the kind if a byte with these follows.
    static let hasForm: UInt8 = 0b1000_0000
    static let itemBit: UInt8 = 0b1
    static let lifeBit: UInt8 = 0b10

    /// Which columns there are besides those of the kind.
    var form: UInt8 { (hasItem ? Self.itemBit : 0) | (hasLife ? Self.lifeBit : 0) }
}

extension HybridTimestamp {
    /// The upper 48 bits of the ticks.
    var milliseconds: UInt64 { ticks >> 16 }
    /// The lower 16 bits of the ticks.
    var logical: UInt64 { ticks & 0xffff }

    static let millisecondsMax: UInt64 = 1 << 48 - 1

    init(epoch: UInt32, milliseconds: UInt64, logical: UInt64) {
        self.init(epoch: epoch, ticks: milliseconds << 16 | logical)
    }
}
