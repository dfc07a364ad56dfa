import CausalTime
import ReplicaModel

/// How far the repair of two replicas is that have seen the same and hold different cells.
///
/// ```
/// initiator   listing → sketching          → mending → (over)
/// responder   listing → decoding  → fetching → mending → (over)
/// ```
struct Repair: Sendable {
    enum Step: Sendable {
        /// The replica has been asked for the hashes of its cells; of a responder the first symbols
        /// of the peer's sketch wait.
        case listing(key: UInt64, symbols: [CodedSymbol])
        /// The peer takes symbols until it knows what differs.
        case sketching(SketchEncoder)
        /// We do.
        case decoding(SketchDecoder)
        /// The replica has been asked for the cells that the peer does not have.
        case fetching(wanted: [UInt64])
        /// Cells go to and fro; the peer waits for some of ours by their hashes, or for none.
        case mending(wanted: Set<UInt64>)
    }

    var step: Step
    /// What both sides had seen when they found out.
    ///
    /// Cells at later writes have nothing to do with it: they travel as they always do.
    let seen: LaneVectors
    /// Cells that have arrived of a message that is not whole.
    var arrived: [Cell] = []
    /// What each side has shown the other.
    var shown: Set<Cell> = []
    /// How much of that there is, in about bytes.
    var shownBytes = 0
    /// What is to be sent once all of it is there.
    var reply: [Cell] = []
    /// How many cells have changed here.
    var changed = 0

    /// How many symbols go first: enough for three differences nearly always.
    static let symbolsFirst = 16

    init(_ step: Step, seen: LaneVectors) {
        self.step = step
        self.seen = seen
    }

    /// Those of some cells that the peer has not shown to have, and may be shown.
    mutating func unshown(_ cells: [Cell]) -> [Cell] {
        cells.filter { seen[$0.key.lane].contains($0.dot) && shown.insert($0).inserted }
    }

    /// Adds those of some cells that the peer has not shown to have to what is to be sent.
    mutating func answer(with cells: [Cell]) { reply += unshown(cells) }
}
