import CausalTime
import ReplicaModel
import SyncTestKit
import Testing

/// Every type against a model that knows the operations and what each had seen, and nothing of
/// merging.
@Suite("Field types in every small world")
struct FieldTypeTests {
    private typealias Worlds = SmallWorlds
    private let row = OnlyRow()

    @Test("A last-writer field says what was written last")
    func lastWriter() throws {
        let worlds = Worlds<Void, Int?>(
            operations: [()],
            perform: { try $0.set(Sample.last, of: row, to: $2) },
            read: { try $0.value(Sample.last, of: row) },
            // Wall time grows with the index, so the later edit is the one of the greater index.
            expected: { $0.map(\.index).max() })
        #expect(try worlds.explore() == 27 * 64)
    }

    @Test("A multi-value field says everything that nobody knowingly replaced")
    func multiValue() throws {
        let worlds = Worlds<Bool, Set<Int>>(
            operations: [true, false],
            perform: {
                if $1 {
                    try $0.set(Sample.multi, of: row, to: $2)
                } else {
                    try $0.clear(Sample.multi, of: row)
                }
            },
            read: { Set(try $0.value(Sample.multi, of: row).all) },
            expected: { events in
                let replaced = events.reduce(into: Set<Int>()) { $0.formUnion($1.seen) }
                return Set(
                    events.filter { $0.operation && !replaced.contains($0.index) }.map(\.index))
            })
        #expect(try worlds.explore() == 27 * 64 * 16)
    }

    @Test("A set holds what was added and not removed by someone who knew of the addition")
    func addWinsSet() throws {
        let worlds = Worlds<Bool, Set<String>>(
            operations: [true, false],
            perform: { replica, adds, _ in
                if adds {
                    try replica.add("JP", to: Sample.set, of: row)
                } else {
                    try replica.remove("JP", from: Sample.set, of: row)
                }
            },
            read: { try $0.value(Sample.set, of: row) },
            expected: { events in
                let removals = events.filter { !$0.operation }
                let stays = events.contains { event in
                    event.operation && !removals.contains { $0.seen.contains(event.index) }
                }
                return stays ? ["JP"] : []
            })
        #expect(try worlds.explore() == 27 * 64 * 16)
    }

    @Test("A grow-only set holds what anyone added")
    func growOnlySet() throws {
        let worlds = Worlds<Int, Set<Int>>(
            operations: [1, 2],
            perform: { replica, element, _ in
                try replica.add(element, to: Sample.grown, of: row)
            },
            read: { try $0.value(Sample.grown, of: row) },
            expected: { Set($0.map(\.operation)) })
        _ = try worlds.explore()
    }

    @Test("A counter is the sum of all additions")
    func counter() throws {
        let worlds = Worlds<UInt64, UInt64>(
            operations: [1, 10],
            perform: { replica, amount, _ in
                try replica.increment(Sample.count, of: row, by: amount)
            },
            read: { try $0.value(Sample.count, of: row) },
            expected: { $0.reduce(0) { $0 + $1.operation } })
        _ = try worlds.explore()
    }

    @Test("A counter of both signs is the sum of all changes")
    func pnCounter() throws {
        let worlds = Worlds<Int64, Int64>(
            operations: [3, -5],
            perform: { replica, amount, _ in
                try replica.increment(Sample.balance, of: row, by: amount)
            },
            read: { try $0.value(Sample.balance, of: row) },
            expected: { $0.reduce(0) { $0 + $1.operation } })
        _ = try worlds.explore()
    }

    @Test("A lattice is as far as anyone moved it")
    func lattice() throws {
        let worlds = Worlds<Sample.Stage, Sample.Stage?>(
            operations: [.open, .half, .done],
            perform: { replica, stage, _ in
                try replica.advance(Sample.stage, of: row, to: stage)
            },
            read: { try $0.value(Sample.stage, of: row) },
            expected: { $0.map(\.operation).max { $0.rank < $1.rank } })
        _ = try worlds.explore()
    }

    @Test("A single-writer field says what each device said of itself last")
    func singleWriter() throws {
        let worlds = Worlds<Void, [DeviceID: Int]>(
            operations: [()],
            perform: { try $0.set(Sample.own, of: row, to: $2) },
            read: { try $0.value(Sample.own, of: row) },
            expected: { events in
                events.reduce(into: [:]) {
                    $0[.numbered(UInt32($1.replica + 1))] = $1.index
                }
            })
        _ = try worlds.explore()
    }

    @Test("A ring holds the latest entries of each device, in order")
    func ring() throws {
        let worlds = Worlds<Void, [DeviceID: [Int]]>(
            operations: [()],
            perform: { try $0.append($2, to: Sample.log, of: row) },
            read: { try $0.value(Sample.log, of: row) },
            expected: { events in
                events.reduce(into: [DeviceID: [Int]]()) {
                    $0[.numbered(UInt32($1.replica + 1)), default: []].append($1.index)
                }.mapValues { Array($0.suffix(2)) }
            })
        _ = try worlds.explore()
    }

    @Test("What another device forges of a device does not count")
    func forgeriesAreInert() throws {
        let replicas = try SmallWorlds<Void, Int>.start()
        try replicas[0].set(Sample.own, of: row, to: 1)
        let place = CellKey(
            lane: .settings, collection: Sample.id, row: [], field: Sample.own.number,
            item: replicas[0].device.bytes)
        replicas[1].now = WallTime(milliseconds: 9)
        try replicas[1].write(
            CellDraft(key: place, kind: .sibling, value: CellValue.integer(666).encoded))
        try SmallWorlds<Void, Int>.pull(replicas[0], from: replicas[1])
        #expect(try replicas[0].value(Sample.own, of: row) == [replicas[0].device: 1])
    }
}
