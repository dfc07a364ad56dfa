import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit

/// Cells, vectors and clocks of a handful of writers.
struct RandomCells {
    var random: SplitMix64
    private let writers: [WriterID]
    private let cellsMax: Int

    /// Starts the cells of a seed; there are fewer than `cellsMax` at once.
    init(seed: UInt64, cellsMax: Int) {
        var random = SplitMix64(seed: seed)
        self.cellsMax = cellsMax
        writers = (0..<12).map { _ in WriterID.random(using: &random) }
        self.random = random
    }

    /// Cells at dots of entries, each above the sequence that belongs to it.
    mutating func cells(
        _ lane: Lane, _ open: [VersionVector.Entry: UInt64]
    ) -> [Cell] {
        let entries = open.sorted { $0.key.writer < $1.key.writer }
        guard !entries.isEmpty else { return [] }
        let count = random.below(random.chance(50) ? 3 : cellsMax)
        var byKey: [CellKey: Cell] = [:]
        var sequence: UInt64 = 0
        for _ in 0..<count {
            let (entry, base) = entries[random.below(entries.count)]
            // Often the next write of the writer, as in reality.
            let isNext = random.chance(50) && sequence > base && sequence < entry.sequence
            sequence = isNext ? sequence + 1 : base + 1 + random.next() % (entry.sequence - base)
            let cell = cell(lane, Dot(writer: entry.writer, sequence: sequence))
            byKey[cell.key] = cell
        }
        return byKey.values.sorted { $0.key < $1.key }
    }

    private mutating func cell(_ lane: Lane, _ dot: Dot) -> Cell {
        let kinds = MergeKind.known + (64..<68).map(MergeKind.unknown)
        let kind = kinds[random.below(kinds.count)]
        return Cell(
            key: CellKey(
                lane: lane, collection: CollectionID(rawValue: UInt32(1 + random.below(3))),
                row: row(),
                field: kind.isRow
                    ? .row : FieldID(rawValue: max(1, UInt32(truncatingIfNeeded: random.number()))),
                item: kind.isRow || random.chance(70) ? [] : random.bytes(upTo: 9),
                owner: kind.isOwned ? dot.writer : nil),
            kind: kind, dot: dot, timestamp: kind.isStamped ? timestamp() : .zero,
            causalLength: kind.isStamped || random.chance(30)
                ? random.number() % (Cell.causalLengthMax + 1) : 0,
            context: kind.hasContext ? vector() : VersionVector(), value: value(of: kind))
    }

    private mutating func row() -> [UInt8] {
        if random.chance(1) { return random.bytes(upTo: CellKey.rowBytesMax) }
        if random.chance(50) { return Array("8988\(random.below(200))".utf8) }
        return Array("8988".utf8) + [UInt8(random.below(9))] + random.bytes(upTo: 3)
    }

    /// A value of every form that there is.
    private mutating func value(of kind: MergeKind) -> [UInt8] {
        if kind.isRow || kind == .vector { return [] }
        if kind == .counter { return Cell.encoded(amount: random.number()) }
        return switch random.below(7) {
        case 0: CellValue.integer(Int64(truncatingIfNeeded: random.number())).encoded
        case 1: CellValue.integer(1_764_000_000 + Int64(random.below(100))).encoded
        case 2: CellValue.text("00\(random.number())").encoded
        case 3: CellValue.text(random.pick(["Japan 5 GB", "", "99", "12a4", "online"])).encoded
        case 4: [2] + random.bytes(upTo: 3)
        default: random.bytes(upTo: 12)
        }
    }

    // MARK: Parts

    /// A vector that `vector` dominates.
    mutating func part(of vector: VersionVector) -> VersionVector {
        VersionVector(
            vector.entries.map {
                ($0.writer, random.chance(50) ? $0.sequence : random.next() % $0.sequence)
            })
    }

    /// Vectors that `vectors` dominate.
    mutating func part(of vectors: LaneVectors) -> LaneVectors {
        var part = LaneVectors()
        for lane in Lane.all { part[lane] = self.part(of: vectors[lane]) }
        return part
    }

    mutating func vector() -> VersionVector {
        VersionVector(
            (0..<random.below(6)).map { _ in
                (writers[random.below(writers.count)], 1 + random.number() / 4)
            })
    }

    mutating func laneVectors() -> LaneVectors {
        var vectors = LaneVectors()
        for lane in Lane.all { vectors[lane] = vector() }
        return vectors
    }

    /// The next write of one writer.
    mutating func next(after vector: VersionVector) -> VersionVector {
        let writer = writers[random.below(3)]
        return VersionVector([(writer, vector[writer] + 1)])
    }

    /// A few writes, one of them at least.
    mutating func dots() -> DotSet {
        DotSet(
            (0...random.below(20)).map { _ in
                Dot(
                    writer: writers[random.below(4)],
                    sequence: 1 + (random.chance(80) ? random.next() % 40 : random.number() / 2))
            })
    }

    mutating func timestamp() -> HybridTimestamp {
        if random.chance(10) {
            return HybridTimestamp(
                epoch: UInt32.random(in: 0...(.max), using: &random), ticks: random.next())
        }
        return .at(1_764_000_000_000 + random.next() % 100_000, random.next() % 3)
    }
}
