import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Four devices in daily use for a year, one of them replaced each quarter.
@Suite("A year of daily use")
struct YearTests {
    @Test("leaves no more than one and a half times what a fresh device holds")
    func staysSmall() throws {
        var year = try Year(seed: Seed(1))
        for day in 0..<365 { try year.live(day) }
        for _ in 0..<3 { try year.meet() }
        let sizes = try year.sizes()
        for size in sizes.members {
            #expect(
                Double(size) <= 1.5 * Double(sizes.fresh),
                "members \(sizes.members), a fresh one \(sizes.fresh) bytes")
        }
        #expect(try year.digests().count == 1)
        #expect(try year.rowsLeft() <= 8)
    }
}

/// The devices of a year; each morning they are alone, each evening they meet.
private struct Year {
    private var random: SplitMix64
    private var stores: [ReplicaStore] = []
    private var number: UInt32 = 0
    private let nonces = Nonces()

    init(seed: Seed) throws {
        random = seed.generator
        for _ in 0..<4 { try add(at: 0) }
        try meet()
    }

    private mutating func add(at now: Int64) throws {
        number += 1
        let store = try ReplicaStore.inMemory(
            fleet: testFleet, device: .numbered(number), options: options())
        try store.write(at: WallTime(milliseconds: now)) { try $0.admit($0.device) }
        stores.append(store)
    }

    private func options() -> ReplicaStore.Options {
        var options = ReplicaStore.Options()
        options.mark = MemoryMark()
        options.drawNonce = { [nonces] in nonces.draw() }
        options.upkeep = Upkeep()
        return options
    }

    mutating func live(_ day: Int) throws {
        let morning = Int64(day) * 86_400_000
        if day % 91 == 90 { try replace(at: morning) }
        // Every device starts anew once a week without proof of continuity, the watch every day.
        for index in stores.indices where index == 3 || day % 7 == index {
            stores[index] = try stores[index].copied(options: options())
        }
        for index in stores.indices {
            for hour in 0..<12 {
                let now = WallTime(milliseconds: morning + Int64(hour) * 3_600_000)
                try use(index, day, at: now)
            }
        }
        if day % 30 == 29 { try settle(period: day / 30 - 1, at: morning + 43_200_000) }
        try meet()
    }

    private mutating func replace(at now: Int64) throws {
        let old = stores.removeFirst()
        try stores[0].write(at: WallTime(milliseconds: now)) { try $0.retire(old.device) }
        try add(at: now)
        try meet()
    }

    private mutating func use(_ index: Int, _ day: Int, at now: WallTime) throws {
        let choice = random.next() % 12
        let number = Int64(random.next() % 10_000)
        try stores[index].write(at: now) { transaction in
            try transaction.count(UInt64(number), at: Keys.usage(day / 30, Int(number) % 3))
            switch choice {
            case 0: try transaction.addNote(number)
            case 1: try transaction.removeNote()
            case 2, 3: try transaction.editNote(number)
            case 4: try transaction.choose(number, at: Keys.choice)
            case 5: try transaction.choose(nil, at: Keys.element(number % 5))
            case 6: try transaction.choose(1, at: Keys.element(number % 5))
            default: break
            }
        }
    }

    /// Declares the usage of a month settled.
    private func settle(period: Int, at now: Int64) throws {
        guard period >= 0 else { return }
        try stores[1].write(at: WallTime(milliseconds: now)) {
            try $0.close(
                rowsOf: Keys.usageCollection, in: .usage, beginningWith: [UInt8(period)])
        }
    }

    func meet() throws {
        for _ in 0..<2 {
            for one in stores {
                for other in stores where one !== other { try one.pull(from: other) }
            }
        }
    }

    func sizes() throws -> (members: [Int], fresh: Int) {
        let fresh = try ReplicaStore.inMemory(
            fleet: testFleet, device: .numbered(99), options: ReplicaStore.Options())
        try fresh.pull(from: stores[0])
        return (try stores.map(Self.size), try Self.size(fresh))
    }

    private static func size(_ store: ReplicaStore) throws -> Int { try store.databaseBytes() }

    func digests() throws -> Set<Digest> { Set(try stores.map { try $0.summary().digest }) }

    /// How many cells of months that are settled are still held.
    func rowsLeft() throws -> Int {
        try stores[0].read { try $0.cells(of: Keys.usageCollection, in: .usage) }
            .filter { $0.key.row[0] < 10 }.count
    }
}

private enum Keys {
    static let usageCollection = CollectionID(rawValue: 24)
    static let notes = CollectionID(rawValue: 100)

    static func usage(_ period: Int, _ country: Int) -> CellKey {
        CellKey(
            lane: .usage, collection: usageCollection, row: [UInt8(period), UInt8(country)],
            field: FieldID(rawValue: 1))
    }

    static let choice = CellKey(
        lane: .settings, collection: CollectionID(rawValue: 101), row: [],
        field: FieldID(rawValue: 1))

    static func element(_ number: Int64) -> CellKey {
        CellKey(
            lane: .settings, collection: CollectionID(rawValue: 101), row: [],
            field: FieldID(rawValue: 2), item: [UInt8(number)])
    }
}

extension StoreTransaction {
    fileprivate func count(_ amount: UInt64, at key: CellKey) throws {
        let held = try cell(at: key.owned(by: writer()))?.amount ?? 0
        try put(CellDraft(key: key, kind: .counter, value: Cell.encoded(amount: held + amount)))
    }

    fileprivate func choose(_ number: Int64?, at key: CellKey) throws {
        try put(
            CellDraft(
                key: key, kind: .sibling,
                value: number.map { CellValue.integer($0).encoded } ?? []))
    }

    private func note(_ field: UInt32, _ row: [UInt8]) -> CellKey {
        CellKey(
            lane: .settings, collection: Keys.notes, row: row, field: FieldID(rawValue: field))
    }

    private func liveNotes() throws -> [Cell] {
        try cells(of: Keys.notes, in: .settings).filter {
            $0.kind.isRow && !$0.causalLength.isMultiple(of: 2)
        }
    }

    fileprivate func addNote(_ number: Int64) throws {
        let dot = Dot(writer: try writer(), sequence: vectors[.settings][try writer()] + 1)
        let row = RowID(creation: dot).bytes
        try put(CellDraft(key: note(0, row), kind: .uniqueRow, causalLength: 1))
        try put(
            CellDraft(
                key: note(1, row), kind: .register, causalLength: 1,
                value: CellValue.text("note \(number)").encoded))
    }

    fileprivate func removeNote() throws {
        guard let row = try liveNotes().first else { return }
        try put(
            CellDraft(key: row.key, kind: .uniqueRow, causalLength: row.causalLength + 1))
    }

    fileprivate func editNote(_ number: Int64) throws {
        guard let row = try liveNotes().last else { return }
        try put(
            CellDraft(
                key: note(1, row.key.row), kind: .register, causalLength: row.causalLength,
                value: CellValue.text("note \(number)").encoded))
    }
}
