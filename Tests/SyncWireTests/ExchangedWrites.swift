import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit

/// Exchanges to damage.
enum ExchangedWrites {
    /// A few writes each, one snapshot, and two pushes of each side; raw frames only.
    static func small() -> RecordedExchange {
        var phone = Author(WorkedExchange.phoneWriter)
        var laptop = Author(WorkedExchange.laptopWriter)
        let initiator = MemoryReplica()
        let responder = MemoryReplica()
        // The responder still holds what the initiator has forgotten.
        let forgotten = phone.register("a", "old")
        responder.write(forgotten)
        initiator.write(forgotten)
        let kept = phone.register("a", "new")
        initiator.write(kept)
        initiator.write(phone.register("b", "other"))
        initiator.frontier[.settings].raise(phone.writer, to: kept.dot.sequence)
        responder.write(laptop.fact("laptop"))
        responder.write(laptop.register("c", "mine"))
        return RecordedExchange(
            initiator: initiator, responder: responder,
            pushes: [
                (.initiator, phone.counter("a", 5)), (.responder, laptop.register("a", "newer")),
                (.initiator, phone.counter("a", 7)), (.responder, laptop.counter("a", 2)),
            ])
    }

    /// Many writes of both sides, also to the same cells, in segments of many chunks.
    static func large(seed: UInt64) -> RecordedExchange {
        var random = SplitMix64(seed: seed)
        var phone = Author(WorkedExchange.phoneWriter)
        var laptop = Author(WorkedExchange.laptopWriter)
        let initiator = MemoryReplica()
        let responder = MemoryReplica()
        for _ in 0..<(20 + random.below(40)) {
            initiator.write(phone.any(using: &random))
            responder.write(laptop.any(using: &random))
        }
        if seed.isMultiple(of: 2) {
            initiator.frontier[.settings].raise(
                phone.writer, to: initiator.vectors[.settings][phone.writer])
        }
        let pushes = (0..<8).map { _ -> (Vector.Side, Cell) in
            random.chance(50)
                ? (.initiator, phone.any(using: &random))
                : (.responder, laptop.any(using: &random))
        }
        var limits = SessionLimits()
        limits.chunkBytes = [70, 120, 400][random.below(3)]
        return RecordedExchange(
            initiator: initiator, responder: responder, pushes: pushes, limits: limits)
    }
}

/// Makes the writes of one writer.
private struct Author {
    let writer: WriterID
    private var sequences: [Lane: UInt64] = [:]
    private var now: UInt64 = 1_764_000_000_000

    init(_ writer: WriterID) { self.writer = writer }

    mutating func any(using random: inout SplitMix64) -> Cell {
        let row = "898\(random.below(12))"
        switch random.below(5) {
        case 0: return counter(row, random.number() % 1_000_000)
        case 1: return fact("\(writer)\(random.next())")
        default:
            return register(row, String(repeating: "Nippon ", count: random.below(9)))
        }
    }

    mutating func register(_ row: String, _ text: String) -> Cell {
        now += 1_000
        return Cell(
            key: key(.settings, row), kind: .register, dot: dot(.settings),
            timestamp: .at(now), value: CellValue.text(text).encoded)
    }

    mutating func counter(_ row: String, _ amount: UInt64) -> Cell {
        Cell(
            key: key(.usage, row).owned(by: writer), kind: .counter, dot: dot(.usage),
            value: Cell.encoded(amount: amount))
    }

    mutating func fact(_ row: String) -> Cell {
        Cell(
            key: key(.control, row), kind: .fact, dot: dot(.control),
            value: CellValue.bool(true).encoded)
    }

    private func key(_ lane: Lane, _ row: String) -> CellKey {
        CellKey(
            lane: lane, collection: CollectionID(rawValue: 20), row: Array(row.utf8),
            field: FieldID(rawValue: 1))
    }

    private mutating func dot(_ lane: Lane) -> Dot {
        sequences[lane, default: 0] += 1
        return Dot(writer: writer, sequence: sequences[lane, default: 0])
    }
}
