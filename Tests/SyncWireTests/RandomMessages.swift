import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit

extension SplitMix64 {
    /// A number below `bound`, which must not be 0.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// A number of any size: small ones are as likely as large ones.
    mutating func number() -> UInt64 { next() >> UInt64(below(64)) }

    mutating func bytes(upTo count: Int) -> [UInt8] {
        (0..<below(count + 1)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

/// Messages that a session could send, drawn from a seed.
struct RandomMessages {
    private var random: SplitMix64
    private let writers: [WriterID]
    private let cellsMax: Int
    /// What is left of a segment that was begun.
    private var open: (lane: Lane, claim: VersionVector)?

    /// Starts the messages of a seed; a chunk has fewer cells than `cellsMax`.
    init(seed: UInt64, cellsMax: Int = 60) {
        var random = SplitMix64(seed: seed)
        self.cellsMax = cellsMax
        writers = (0..<12).map { _ in WriterID.random(using: &random) }
        self.random = random
    }

    mutating func preamble() -> SyncMessage {
        .preamble(
            Preamble(
                capabilities: random.number(), fleet: .random(using: &random),
                device: .random(using: &random)))
    }

    mutating func hello() -> SyncMessage {
        var vectors = LaneVectors()
        var frontier = LaneVectors()
        let forgets = random.chance(50)
        for lane in Lane.all {
            vectors[lane] = vector()
            if forgets { frontier[lane] = part(of: vectors[lane]) }
        }
        return .hello(
            Hello(
                ReplicaSummary(
                    vectors: vectors, frontier: frontier, digest: Digest(value: random.next()),
                    clock: timestamp())))
    }

    /// A chunk, an acknowledgement or, rarely, a refusal.
    mutating func next() -> SyncMessage {
        if random.chance(10) { return .acknowledgement(applied: random.number()) }
        if random.chance(2) {
            let code = Refusal.Code.allCases[random.below(Refusal.Code.allCases.count)]
            return .refusal(Refusal(code, String(repeating: "grüß ", count: random.below(40))))
        }
        return .chunk(chunk())
    }

    private mutating func chunk() -> SegmentChunk {
        var head: SegmentChunk.Head?
        let segment: (lane: Lane, claim: VersionVector)
        if let open {
            segment = open
        } else {
            segment = (Lane.all[random.below(Lane.all.count)], vector())
            head = SegmentChunk.Head(
                applied: random.number(), claim: segment.claim,
                frontier: random.chance(30) ? part(of: segment.claim) : nil, clock: timestamp())
        }
        let isLast = random.chance(70)
        open = isLast ? nil : segment
        return SegmentChunk(
            lane: segment.lane, head: head, cells: cells(segment.lane, segment.claim),
            isLast: isLast)
    }

    private mutating func cells(_ lane: Lane, _ claim: VersionVector) -> [Cell] {
        guard !claim.isEmpty else { return [] }
        let count = random.below(random.chance(50) ? 3 : cellsMax)
        var byKey: [CellKey: Cell] = [:]
        for _ in 0..<count {
            let cell = cell(lane, claim.entries[random.below(claim.entries.count)])
            byKey[cell.key] = cell
        }
        return byKey.values.sorted { $0.key < $1.key }
    }

    private mutating func cell(_ lane: Lane, _ entry: VersionVector.Entry) -> Cell {
        let kinds = MergeKind.known + (64..<68).map(MergeKind.unknown)
        let kind = kinds[random.below(kinds.count)]
        let dot = Dot(writer: entry.writer, sequence: 1 + random.next() % entry.sequence)
        var value = kind.isRow || kind == .vector ? [] : random.bytes(upTo: 12)
        if kind == .counter {
            var writer = ByteWriter()
            writer.varint(random.number())
            value = writer.bytes
        }
        let row = Array("8988".utf8) + [UInt8(random.below(9))] + random.bytes(upTo: 3)
        return Cell(
            key: CellKey(
                lane: lane, collection: CollectionID(rawValue: UInt32(1 + random.below(3))),
                row: random.chance(1) ? random.bytes(upTo: CellKey.rowBytesMax) : row,
                field: kind.isRow
                    ? .row : FieldID(rawValue: max(1, UInt32(truncatingIfNeeded: random.number()))),
                item: kind.isRow || random.chance(70) ? [] : random.bytes(upTo: 9),
                owner: kind.isOwned ? dot.writer : nil),
            kind: kind, dot: dot, timestamp: kind.isStamped ? timestamp() : .zero,
            causalLength: kind.isStamped || random.chance(30)
                ? random.number() % (Cell.causalLengthMax + 1) : 0,
            context: kind.hasContext ? vector() : VersionVector(), value: value)
    }

    /// A vector that `vector` dominates.
    private mutating func part(of vector: VersionVector) -> VersionVector {
        VersionVector(
            vector.entries.map {
                ($0.writer, random.chance(50) ? $0.sequence : random.next() % $0.sequence)
            })
    }

    private mutating func vector() -> VersionVector {
        VersionVector(
            (0..<random.below(6)).map { _ in
                (writers[random.below(writers.count)], 1 + random.number() / 2)
            })
    }

    private mutating func timestamp() -> HybridTimestamp {
        if random.chance(10) {
            return HybridTimestamp(
                epoch: UInt32.random(in: 0...(.max), using: &random),
                ticks: random.next())
        }
        return HybridTimestamp(
            epoch: 0, ticks: (1_764_000_000_000 + random.next() % 100_000) << 16 | random.next() % 3
        )
    }
}
