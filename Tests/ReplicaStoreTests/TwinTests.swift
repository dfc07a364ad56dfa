import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// The store against the simplest replica that can be right.
@Suite("Stores and their naive twins")
struct TwinTests {
    @Test("agree at every step of a random history", arguments: Seed.first(24))
    func agreeAtEveryStep(seed: Seed) throws {
        var world = try TwinWorld(seed: seed, count: 3)
        for _ in 0..<120 { try world.step() }
        try world.converge()
    }
}

/// A few stores, each with a twin that is told the same.
struct TwinWorld {
    private var random: SplitMix64
    private var stores: [ReplicaStore] = []
    private var twins: [ModelReplica] = []
    private var history = WriteHistory()
    private var sent: [Segment] = []
    private let seed: Seed

    init(seed: Seed, count: UInt32) throws {
        self.seed = seed
        random = seed.generator
        for number in 1...count {
            let device = DeviceID.numbered(number)
            stores.append(try .inMemory(number))
            let twin = ModelReplica(device: device, writer: WriterID(device: device, nonce: 1))
            try twin.state(.bytes(device.bytes), at: .introduction(of: twin.currentWriter))
            twins.append(twin)
        }
        // The first write of a store introduces its writer; from then on both have done the same.
        for store in stores {
            _ = try store.write(at: WallTime(milliseconds: 0)) { try $0.writer() }
        }
        try check("the introductions")
    }

    mutating func step() throws {
        let index = Int(random.next() % UInt64(stores.count))
        switch random.next() % 10 {
        case 0: try write(index, row)
        case 1, 2: try write(index, field)
        case 3: try write(index, counter)
        case 4: try write(index, fact)
        case 5: try writeSeveral(index)
        case 6, 7: try exchange(to: index)
        case 8: try repeatSegment(to: index)
        default: stores[index] = try stores[index].reopened()
        }
        try check(index, "a step at \(index)")
    }

    /// Everyone meets everyone twice, and then holds the same.
    mutating func converge() throws {
        for _ in 0..<2 {
            for to in stores.indices {
                for from in stores.indices where from != to {
                    for lane in Lane.all { try exchange(lane, from: from, to: to) }
                }
            }
        }
        try check("the end")
        for twin in twins { try history.note(twin) }
        try history.checkConverged(twins)
    }

    // MARK: Writes

    private mutating func write(
        _ index: Int, _ draft: (ModelReplica, inout SplitMix64) -> CellDraft
    ) throws {
        let wall = tick()
        twins[index].now = wall
        let draft = draft(twins[index], &random)
        var refusals = (false, false)
        do { try twins[index].write(draft) } catch is ModelReplica.Fault { refusals.0 = true }
        do {
            try stores[index].write(at: wall) { try $0.put(draft) }
        } catch let error as StoreError {
            #expect(error.code == .ruleBroken, "\(seed)")
            refusals.1 = true
        }
        #expect(refusals.0 == refusals.1, "\(seed): \(draft)")
        try history.note(twins[index])
    }

    /// Several writes in one transaction.
    private mutating func writeSeveral(_ index: Int) throws {
        let wall = tick()
        twins[index].now = wall
        var drafts: [CellDraft] = []
        for draft in [counter, field, field] {
            drafts.append(draft(twins[index], &random))
            try twins[index].write(drafts[drafts.count - 1])
        }
        try stores[index].write(at: wall) { for draft in drafts { try $0.put(draft) } }
        try history.note(twins[index])
    }

    private var row: (ModelReplica, inout SplitMix64) -> CellDraft {
        { twin, random in
            let key = CellKey.row(UInt8(random.next() % 3))
            return CellDraft(
                key: key, kind: .row, causalLength: (twin.cell(at: key)?.causalLength ?? 0) + 1)
        }
    }

    private var field: (ModelReplica, inout SplitMix64) -> CellDraft {
        { twin, random in
            let key = CellKey.field(UInt32(1 + random.next() % 2), ofRow: UInt8(random.next() % 3))
            return CellDraft(
                key: key, kind: .register,
                causalLength: twin.cell(at: key.rowKey)?.causalLength ?? 0,
                value: CellValue.integer(Int64(random.next() % 100)).encoded)
        }
    }

    private var counter: (ModelReplica, inout SplitMix64) -> CellDraft {
        { twin, random in
            let row = UInt8(random.next() % 3)
            let held = twin.cell(at: .entry(row, owner: twin.currentWriter))?.amount ?? 0
            return CellDraft(
                key: .entry(row), kind: .counter,
                value: Cell.encoded(amount: held + random.next() % 1000))
        }
    }

    /// A second fact under one key is refused, unless it is the first one by its name.
    private var fact: (ModelReplica, inout SplitMix64) -> CellDraft {
        { _, random in
            CellDraft(
                key: .entry(UInt8(random.next() % 4), in: .control), kind: .fact,
                value: CellValue.integer(Int64(random.next() % 100)).encoded)
        }
    }

    /// Wall clocks that jump forward, stand still and go back.
    private mutating func tick() -> WallTime {
        WallTime(milliseconds: Int64(random.next() % 1000))
    }

    // MARK: Exchange

    private mutating func exchange(to: Int) throws {
        let from = Int(random.next() % UInt64(stores.count))
        guard from != to else { return }
        try exchange(random.pick(Lane.all), from: from, to: to)
    }

    private mutating func exchange(_ lane: Lane, from: Int, to: Int) throws {
        // At times a base that is older than what the receiver has: everything is sent again.
        let base = random.chance(20) ? VersionVector() : twins[to].vectors[lane]
        let segment = try stores[from].segment(of: lane, since: base)
        #expect(segment == twins[from].segment(of: lane, since: base), "\(seed)")
        sent.append(segment)
        try apply(segment, to: to)
    }

    /// A segment of any time to anyone: late, twice, or from before what the receiver has seen.
    private mutating func repeatSegment(to: Int) throws {
        guard !sent.isEmpty else { return }
        try apply(random.pick(sent), to: to)
    }

    private func apply(_ segment: Segment, to: Int) throws {
        var faults: (ModelReplica.Fault?, StoreError.Code?)
        do { try twins[to].apply(segment) } catch let fault as ModelReplica.Fault {
            faults.0 = fault
        }
        faults.1 = try code { _ = try stores[to].apply(segment) }
        #expect((faults.0 == .baseNotSeen) == (faults.1 == .baseNotSeen), "\(seed)")
        #expect((faults.0 == nil) == (faults.1 == nil), "\(seed)")
    }

    private func check(_ step: String) throws {
        for index in stores.indices { try check(index, step) }
    }

    private func check(_ index: Int, _ step: String) throws {
        let image = try stores[index].image()
        let twin = twins[index]
        try #require(image.cells == twin.sortedCells, "\(seed), \(step)")
        try #require(image.summary == twin.summary(), "\(seed), \(step)")
        try #require(image.violations == [], "\(seed), \(step)")
    }
}
