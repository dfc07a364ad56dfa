import CausalTime
import ReplicaModel
import SyncEngine

/// A message that no session of ours sends, and that would not arrive as it is.
enum Contradiction: CaseIterable {
    case unclaimedWriter
    case unclaimedSequence
    case otherLane
    case unsorted
    case twice
    case tooManyCells
    case counterOfAnother
    case registerWithOwner
    case stampedFact
    case rowWithValue
    case counterWithoutAmount
    case longRow
    case longValue
    case greatCausalLength
    case continuationOfNothing
    case tooManyWriters
    case frontierNotSeen
    case followingWithoutNews
    case followingInOtherLane
    case tooManyNewWriters

    var code: Refusal.Code {
        switch self {
        case .tooManyCells, .longRow, .longValue, .greatCausalLength, .tooManyWriters,
            .tooManyNewWriters:
            .tooLarge
        default: .failed
        }
    }

    var message: SyncMessage {
        var vectors = LaneVectors()
        switch self {
        case .frontierNotSeen:
            var frontier = LaneVectors()
            frontier[.usage].raise(Self.writer, to: 1)
            return Self.hello(vectors, frontier: frontier)
        case .followingWithoutNews: return Self.hello(vectors, following: [.usage])
        case .followingInOtherLane:
            vectors[.control].raise(Self.writer, to: 1)
            return Self.hello(vectors, following: [.usage])
        case .tooManyNewWriters:
            for (lane, count) in [(Lane.settings, UInt64(16_384)), (.usage, 1)] {
                vectors[lane] = VersionVector(
                    (0..<count).map { (WriterID(high: UInt64(lane.rawValue), low: $0), 1) })
            }
            return Self.hello(vectors)
        default: return .chunk(chunk)
        }
    }

    private static func hello(
        _ vectors: LaneVectors, frontier: LaneVectors = LaneVectors(), following: Set<Lane> = []
    ) -> SyncMessage {
        .hello(
            Hello(
                vectors: vectors, frontier: frontier, reference: .none(clock: .zero),
                following: following))
    }

    private static let writer = WriterID(high: 1, low: 0)
    private static let other = WriterID(high: 2, low: 0)

    private static func cell(
        _ row: [UInt8] = [1], kind: MergeKind = .register, writer: WriterID = writer,
        sequence: UInt64 = 1, lane: Lane = .settings, owner: WriterID? = nil,
        timestamp: HybridTimestamp = .zero, causalLength: UInt64 = 0, value: [UInt8] = []
    ) -> Cell {
        Cell(
            key: CellKey(
                lane: lane, collection: CollectionID(rawValue: 1), row: row,
                field: FieldID(rawValue: 1), owner: owner),
            kind: kind, dot: Dot(writer: writer, sequence: sequence), timestamp: timestamp,
            causalLength: causalLength, value: value)
    }

    private static func chunk(
        _ cells: [Cell], claim: [(WriterID, UInt64)] = [(writer, 5)], hasHead: Bool = true
    ) -> SegmentChunk {
        SegmentChunk(
            lane: .settings,
            head: hasHead
                ? SegmentChunk.Head(applied: 0, claim: VersionVector(claim), clock: .zero) : nil,
            cells: cells, isLast: true)
    }

    private var chunk: SegmentChunk {
        switch self {
        case .unclaimedWriter: Self.chunk([Self.cell(writer: Self.other)])
        case .unclaimedSequence: Self.chunk([Self.cell(sequence: 6)])
        case .otherLane: Self.chunk([Self.cell(lane: .usage)])
        case .unsorted: Self.chunk([Self.cell([2]), Self.cell([1])])
        case .twice: Self.chunk([Self.cell(sequence: 1), Self.cell(sequence: 2)])
        case .tooManyCells:
            Self.chunk((0...10_000).map { Self.cell([UInt8($0 >> 8), UInt8($0 & 0xff)]) })
        case .counterOfAnother:
            Self.chunk([Self.cell(kind: .counter, owner: Self.other, value: [1])])
        case .registerWithOwner: Self.chunk([Self.cell(owner: Self.writer)])
        case .stampedFact:
            Self.chunk([Self.cell(kind: .fact, timestamp: HybridTimestamp(epoch: 0, ticks: 1))])
        case .rowWithValue: Self.chunk([Self.cell(kind: .row, value: [1])])
        case .counterWithoutAmount: Self.chunk([Self.cell(kind: .counter, owner: Self.writer)])
        case .longRow: Self.chunk([Self.cell([UInt8](repeating: 1, count: 513))])
        case .longValue: Self.chunk([Self.cell(value: [UInt8](repeating: 1, count: 65_537))])
        case .greatCausalLength: Self.chunk([Self.cell(causalLength: Cell.causalLengthMax + 1)])
        case .continuationOfNothing: Self.chunk([], hasHead: false)
        case .tooManyWriters:
            Self.chunk([], claim: (0...16_384).map { (WriterID(high: 9, low: $0), 1) })
        case .frontierNotSeen, .followingWithoutNews, .followingInOtherLane, .tooManyNewWriters:
            Self.chunk([])
        }
    }
}
