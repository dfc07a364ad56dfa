import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit

/// A few stores that write, meet, lose messages, are restored, retired and forget, at random.
///
/// The schedule is that of the design's own model: segments are computed now and delivered at once,
/// partly, later, twice or never; a device may be restored from any of its backups.
struct CausalWorld {
    /// What may happen besides writing and exchanging.
    struct Faults {
        var restores = true
        var retirements = true
        /// One row that is mostly deleted and brought back, and nothing else.
        var isHot = false
    }

    let seed: Seed
    private let faults: Faults
    private var random: SplitMix64
    private var stores: [ReplicaStore] = []
    private var backups: [[ReplicaStore]] = []
    private var inFlight: [(to: Int, segment: Segment)] = []
    private var oracle = CausalOracle()
    private var lost: [Lane: Set<Dot>] = [:]
    private var rows: [[UInt8]] = []
    private var noted: [Int: LaneVectors] = [:]
    private var now: Int64 = 0
    private let nonces = Nonces()
    private(set) var snapshotsTaken = 0
    private(set) var rowsForgotten = 0

    init(seed: Seed, count: Int, faults: Faults = Faults()) throws {
        self.seed = seed
        self.faults = faults
        random = seed.generator
        for number in 1...count {
            stores.append(
                try .inMemory(
                    fleet: testFleet, device: .numbered(UInt32(number)), options: options()))
            backups.append([])
        }
        for index in stores.indices {
            try write(index, isUsers: false) { try $0.admit($0.device) }
        }
        for index in stores.indices { for other in stores.indices { try pull(index, from: other) } }
    }

    private func options() -> ReplicaStore.Options {
        var options = ReplicaStore.Options()
        options.drawNonce = { [nonces] in nonces.draw() }
        options.mark = MemoryMark()
        return options
    }

    // MARK: Steps

    mutating func step() throws {
        now += Int64(random.next() % 3)
        let index = Int(random.next() % UInt64(stores.count))
        let other = (index + 1 + Int(random.next() % UInt64(stores.count - 1))) % stores.count
        switch random.next() % 100 {
        case 0..<28: try userWrite(index)
        case 28..<45: try send(from: other, to: index)
        case 45..<50: try spreadCut()
        case 50..<72: try deliverLate()
        case 72..<79: try write(index, isUsers: false) { try $0.propose() }
        case 79..<88: try write(index, isUsers: false) { try $0.acknowledgeCuts() }
        case 88..<90: stores[index] = try stores[index].copied(options: options())
        case 90..<94: backups[index].append(try stores[index].copied(options: options()))
        case 94..<97: try restore(index)
        default: try retire(other)
        }
        try oracle.check(stores[index], named: index)
        try checkDigests()
    }

    private mutating func userWrite(_ index: Int) throws {
        let all = try stores[index].read { try $0.cells(of: Self.rowCollection, in: .settings) }
        let held = all.filter(\.kind.isRow)
        let live = held.filter { !$0.causalLength.isMultiple(of: 2) }
        let dead = held.filter {
            $0.causalLength.isMultiple(of: 2) && $0.causalLength < Cell.causalLengthMax
        }
        var choice = random.next() % 100
        if faults.isHot, choice < 80 { choice = random.pick([10, 20, 20, 30, 30, 45, 85]) }
        let number = Int64(random.next() % 1000)
        switch choice {
        case 0..<12 where rows.count < (faults.isHot ? 1 : 4): try createRow(index, number)
        case 12..<25 where !live.isEmpty:
            let row = random.pick(live)
            try write(index) {
                try $0.put(
                    CellDraft(
                        key: row.key, kind: .uniqueRow, causalLength: row.causalLength + 1))
            }
        case 25..<32 where !dead.isEmpty:
            let row = random.pick(dead)
            try write(index) {
                try $0.put(
                    CellDraft(
                        key: row.key, kind: .uniqueRow, causalLength: row.causalLength + 1))
            }
        case 32..<50 where !live.isEmpty:
            let row = random.pick(live)
            try write(index) {
                try $0.put(
                    CellDraft(
                        key: Self.field(row.key.row), kind: .register,
                        causalLength: row.causalLength, value: CellValue.integer(number).encoded))
            }
        case 50..<62: try count(index, UInt64(1 + number % 9))
        default: try writeSibling(index, choice, number)
        }
    }

    private mutating func createRow(_ index: Int, _ number: Int64) throws {
        var created: [UInt8] = []
        try write(index) { transaction in
            let writer = try transaction.writer()
            let dot = Dot(writer: writer, sequence: transaction.vectors[.settings][writer] + 1)
            created = RowID(creation: dot).bytes
            try transaction.put(
                CellDraft(
                    key: Self.row(created), kind: .uniqueRow, causalLength: 1))
            try transaction.put(
                CellDraft(
                    key: Self.field(created), kind: .register, causalLength: 1,
                    value: CellValue.integer(number).encoded))
        }
        rows.append(created)
    }

    private mutating func count(_ index: Int, _ amount: UInt64) throws {
        try write(index) { transaction in
            let key = CellKey(
                lane: .settings, collection: CollectionID(rawValue: 101), row: [],
                field: FieldID(rawValue: 1))
            let held = try transaction.cell(at: key.owned(by: transaction.writer()))?.amount ?? 0
            try transaction.put(
                CellDraft(key: key, kind: .counter, value: Cell.encoded(amount: held + amount)))
        }
    }

    /// A multi-value register, or an element of an add-wins set.
    private mutating func writeSibling(_ index: Int, _ choice: UInt64, _ number: Int64) throws {
        let place = CellKey(
            lane: .settings, collection: CollectionID(rawValue: 102), row: [],
            field: FieldID(rawValue: choice < 78 ? 1 : 2), item: [UInt8(random.next() % 2)])
        let vector = try stores[index].summary().vectors[.settings]
        let observed = oracle.siblings(at: place, under: vector)
        let removes = choice >= 78 && !observed.isEmpty && random.chance(50)
        try write(index, observed: observed) {
            try $0.put(
                CellDraft(
                    key: place, kind: .sibling,
                    value: removes ? [] : CellValue.integer(number).encoded))
        }
    }

    // MARK: Writing

    private mutating func write(
        _ index: Int, observed: Set<Dot> = [], isUsers: Bool = true,
        _ body: (StoreTransaction) throws -> Void
    ) throws {
        try stores[index].write(at: WallTime(milliseconds: now)) { try body($0) }
        try note(index, observed: observed, isUsers: isUsers)
    }

    /// Tells the oracle what a store has written by itself since the last time.
    private mutating func note(_ index: Int, observed: Set<Dot> = [], isUsers: Bool) throws {
        let (cells, vectors) = try stores[index].read { (try $0.allCells(), $0.vectors) }
        let writer = try stores[index].read { $0.writer }
        for cell in cells where cell.dot.writer == writer {
            let lane = cell.key.lane
            guard oracle.writes[lane]?[cell.dot] == nil else { continue }
            var replaced = cell.kind == .sibling ? observed : []
            if cell.key.collection == .acknowledgements {
                replaced = oracle.siblings(
                    at: cell.key.owned(by: nil),
                    under: noted[index]?[lane] ?? VersionVector())
            }
            let isContent = isUsers && cell.key.collection != .writers
            try oracle.note(cell, observed: replaced, isUsers: isContent)
        }
        noted[index] = vectors
    }

    // MARK: Exchange

    /// The segments that would go from one store to another now.
    private func segments(from: Int, to: Int) throws -> [Segment] {
        let (mine, theirs) = (try stores[from].summary(), try stores[to].summary())
        return try Lane.all.compactMap { lane in
            // Who has not seen the other's frontier sends nothing before it has taken a snapshot.
            guard mine.vectors[lane].dominates(theirs.frontier[lane]) else { return nil }
            return try stores[from].segment(of: lane, since: theirs.vectors[lane])
        }
    }

    private mutating func send(from: Int, to: Int) throws {
        let segments = try segments(from: from, to: to)
        let fate = random.next() % 100
        if fate < 45 {
            for segment in segments { try deliver(segment, to: to) }
        } else if fate < 70 {
            let arriving = Int(random.next() % UInt64(segments.count + 1))
            for segment in segments.prefix(arriving) { try deliver(segment, to: to) }
        }
        inFlight += segments.map { (to, $0) }
        if inFlight.count > 40 { inFlight.removeFirst(inFlight.count - 40) }
    }

    private mutating func pull(_ index: Int, from other: Int) throws {
        for segment in try segments(from: other, to: index) { try deliver(segment, to: index) }
    }

    private mutating func deliverLate() throws {
        guard !inFlight.isEmpty else { return }
        let place = Int(random.next() % UInt64(inFlight.count))
        let (to, segment) = inFlight[place]
        if random.chance(50) { inFlight.remove(at: place) }
        try deliver(segment, to: to)
    }

    private mutating func deliver(_ segment: Segment, to index: Int) throws {
        do {
            _ = try stores[index].apply(segment)
            if segment.isSnapshot { snapshotsTaken += 1 }
        } catch let error as StoreError
            where [.baseNotSeen, .behindFrontier].contains(error.code)
        {
            return
        }
        try note(index, isUsers: false)
        try oracle.check(stores[index], named: index)
    }

    /// A cut that a few devices hear of and acknowledge in turn.
    private mutating func spreadCut() throws {
        let order = stores.indices.shuffled(using: &random)
        if random.chance(50) { try write(order[0], isUsers: false) { try $0.propose() } }
        let heard = order.filter { _ in random.chance(85) }
        let reversed = Array(heard.reversed())
        for (one, next) in Array(zip(heard, heard.dropFirst()))
            + Array(zip(reversed, reversed.dropFirst()))
        {
            try pull(next, from: one)
            if random.chance(80) {
                try write(next, isUsers: false) { try $0.acknowledgeCuts() }
            }
        }
    }

    // MARK: Faults

    private mutating func restore(_ index: Int) throws {
        guard faults.restores, !backups[index].isEmpty else { return }
        let backup = try random.pick(backups[index]).copied(options: options())
        let (before, after) = (try stores[index].summary(), try backup.summary())
        for (lane, writes) in oracle.writes {
            for dot in writes.keys
            where before.vectors[lane].contains(dot) && !after.vectors[lane].contains(dot) {
                let isElsewhere = try stores.indices.contains {
                    try $0 != index && stores[$0].summary().vectors[lane].contains(dot)
                }
                if !isElsewhere { lost[lane, default: []].insert(dot) }
            }
        }
        stores[index] = backup
        noted[index] = after.vectors
    }

    private mutating func retire(_ index: Int) throws {
        guard faults.retirements, index > 0 else { return }
        let device = stores[index].device
        let members = try stores[0].read { try Membership($0).members }
        guard members.count > 1, members.contains(device) else { return }
        try write(0, isUsers: false) { try $0.retire(device) }
    }

    // MARK: Healing

    /// Everyone meets everyone until nothing changes; then all is level and forgotten.
    mutating func heal() throws {
        inFlight = []
        let before = oracle.writes
        for round in 0..<24 {
            for index in stores.indices {
                for other in stores.indices where other != index {
                    try pull(index, from: other)
                }
                try write(index, isUsers: false) { try $0.admit($0.device) }
            }
            if [6, 10, 14].contains(round) {
                try write(Int(random.next() % UInt64(stores.count)), isUsers: false) {
                    try $0.propose()
                }
            }
            for index in stores.indices {
                try write(index, isUsers: false) { try $0.acknowledgeCuts() }
            }
        }
        try checkHealed(before)
    }

    private func checkHealed(_ before: [Lane: [Dot: CausalOracle.Write]]) throws {
        let first = try stores[0].summary()
        for (index, store) in stores.enumerated() {
            let summary = try store.summary()
            try oracle.check(store, named: index)
            guard summary.vectors == first.vectors else {
                throw CausalOracle.Fault(description: "I9: vectors differ after healing")
            }
            guard summary.frontier == first.frontier else {
                throw CausalOracle.Fault(
                    description: "I8: frontiers differ: \(summary.frontier) \(first.frontier)")
            }
            guard summary.digest == first.digest else {
                throw CausalOracle.Fault(description: "I5: digests differ after healing")
            }
            let tombstones = try store.read { try $0.allCells() }.filter {
                $0.isForgettable(upTo: summary.frontier[$0.key.lane])
            }
            guard tombstones.isEmpty else {
                throw CausalOracle.Fault(description: "I8: \(tombstones.count) not forgotten")
            }
        }
        for (lane, writes) in before {
            for (dot, write) in writes where !lost[lane, default: []].contains(dot) {
                guard first.vectors[lane].contains(dot) || !write.isUsers else {
                    throw CausalOracle.Fault(description: "I1: acknowledged write gone: \(dot)")
                }
                guard first.frontier[lane].contains(dot) || !first.vectors[lane].contains(dot)
                else {
                    throw CausalOracle.Fault(description: "I8: \(dot) is never forgotten")
                }
            }
        }
    }

    private func checkDigests() throws {
        let summaries = try stores.map { try $0.summary() }
        for (one, other) in zip(summaries, summaries.dropFirst())
        where one.vectors == other.vectors && one.digest != other.digest {
            throw CausalOracle.Fault(description: "I5: equal vectors, other digests")
        }
    }

    // MARK: Keys

    private static let rowCollection = CollectionID(rawValue: 100)

    private static func row(_ row: [UInt8]) -> CellKey {
        CellKey(lane: .settings, collection: rowCollection, row: row, field: .row)
    }

    private static func field(_ row: [UInt8]) -> CellKey {
        CellKey(
            lane: .settings, collection: rowCollection, row: row, field: FieldID(rawValue: 1))
    }
}

extension StoreTransaction {
    /// Proposes a cut of every lane.
    fileprivate func propose() throws {
        for lane in Lane.all { try proposeCut(of: lane) }
    }
}
