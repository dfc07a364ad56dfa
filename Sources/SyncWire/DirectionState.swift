import CausalTime
import ReplicaModel

/// What both ends of one direction remember from one message to the next.
struct DirectionState: Sendable {
    /// What the sender has told of its vectors: its greeting and its claims.
    var told = LaneVectors()
    /// What the sender has told of its frontier.
    var toldFrontier = LaneVectors()
    /// What its segments are known to build on, at least: what the greeting was described against
    /// or, once the receiver's greeting is there, that, and the claims of its own segments.
    private(set) var base = LaneVectors()
    private var isBaseComplete = false
    /// The sender's latest clock: the next is sent as a difference to it.
    var clock = HybridTimestamp.zero
    /// How many of the receiver's segments the sender has said it applied.
    var applied: UInt64 = 0
    /// The writer whose entry the latest claim has raised, if it was one alone.
    var author: WriterID?
    /// The segments of which more chunks are to come.
    var segments: [Lane: SegmentContext] = [:]
    private var lastCells = [LastCell](repeating: LastCell(), count: Self.laneCount)

    /// How many lanes the two bits of a chunk can tell apart.
    static let laneCount = 4

    /// What is remembered of the last cell sent in a lane, which has to be below ``laneCount``.
    subscript(lane: Lane) -> LastCell {
        get { lastCells[Int(lane.rawValue)] }
        set { lastCells[Int(lane.rawValue)] = newValue }
    }

    /// Begins with a greeting: what went before it counts no more.
    init(greeting: Greeting = Greeting()) {
        told = greeting.vectors
        toldFrontier = greeting.frontier
        base = greeting.common
        clock = greeting.clock
        applied = greeting.applied
    }

    /// Counts on what the receiver has said in its greeting, unless the segment that begins was
    /// made without it.
    mutating func complete(_ greeting: Greeting?) {
        guard let greeting, !isBaseComplete else { return }
        isBaseComplete = true
        base.merge(greeting.vectors)
    }

    /// The receiver has, or will have, what a segment claims.
    mutating func build(on claim: VersionVector, of lane: Lane) { base[lane].merge(claim) }
}

/// What a side said of itself when it greeted.
struct Greeting: Sendable {
    var vectors = LaneVectors()
    var frontier = LaneVectors()
    /// What the receiver has for certain, because the greeting was described against it.
    var common = LaneVectors()
    /// What the clocks that follow are told against.
    var clock = HybridTimestamp.zero
    var applied: UInt64 = 0
}

/// What the first chunk of a segment says for all its chunks.
struct SegmentContext: Sendable {
    /// The entries of the claim that cells can be of; they name their writer by its place here.
    let writers: [VersionVector.Entry]
    /// For each of them how many writes it may be.
    let counts: [UInt64]
    /// The segment's clock, which its timestamps are told against.
    let clock: HybridTimestamp
    /// What is known of its cells.
    var models: CellModels

    /// Makes a context.
    ///
    /// - Parameters:
    ///   - claim: The claim.
    ///   - base: What the segment builds on, at least; nothing of a snapshot.
    ///   - clock: The clock.
    ///   - last: The last cell of the lane before.
    init(
        claim: VersionVector, base: VersionVector, clock: HybridTimestamp, after last: LastCell
    ) {
        writers = claim.entries(above: base)
        counts = writers.map { $0.sequence - base[$0.writer] }
        self.clock = clock
        models = CellModels(after: last.shape, clock: clock)
    }

    /// The place of a writer.
    func index(of writer: WriterID) -> Int? {
        var low = 0
        var high = writers.count
        while low < high {
            let middle = (low + high) / 2
            if writers[middle].writer < writer { low = middle + 1 } else { high = middle }
        }
        return low < writers.count && writers[low].writer == writer ? low : nil
    }
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
