import CausalTime
import ReplicaModel
import SyncTestKit
import Testing

/// Rows of both kinds, with what is in them, against a model that knows which lives there were and
/// nothing of causal lengths.
@Suite("Rows in every small world")
struct RowLifeTests {
    @Test("A row that is named by what it stands for says what was written in its latest life")
    func naturalRows() throws {
        let worlds = SmallWorlds<RowDeed, [String]>(
            operations: RowDeed.allCases,
            perform: { replica, deed, index in
                let isThere = try replica.exists("A", in: NaturalSample.self)
                switch deed {
                case .toggle where isThere: try replica.delete("A", from: NaturalSample.self)
                case .toggle: try replica.insert("A", into: NaturalSample.self)
                case .edit where isThere:
                    try replica.set(NaturalSample.text, of: "A", to: index)
                    try replica.increment(NaturalSample.count, of: "A", by: 1 << UInt64(index))
                    try replica.add(index, to: NaturalSample.tags, of: "A")
                case .edit: return
                }
            },
            read: { replica in
                try replica.rows(of: NaturalSample.self).map { row in
                    RowText.of(
                        owner: 0, row[NaturalSample.text], row[NaturalSample.count],
                        row[NaturalSample.tags])
                }
            },
            expected: { events in RowModel(events) { _, _ in 0 }.text })
        #expect(try worlds.explore() == 27 * 64 * 16)
    }

    @Test("A row that is named by its creation is one of its own, deleted and restored like any")
    func uniqueRows() throws {
        let worlds = SmallWorlds<RowDeed, [String]>(
            operations: RowDeed.allCases,
            perform: { replica, deed, index in
                let first = replica.cells(of: UniqueSample.id, in: .settings)
                    .first(where: \.kind.isRow)
                guard let key = first.flatMap({ RowID(bytes: $0.key.row) }) else {
                    if deed == .toggle { _ = try replica.insert(into: UniqueSample.self) }
                    return
                }
                let isThere = try replica.exists(key, in: UniqueSample.self)
                switch deed {
                case .toggle where isThere: try replica.delete(key, from: UniqueSample.self)
                case .toggle: try replica.restore(key, in: UniqueSample.self)
                case .edit where isThere:
                    try replica.set(UniqueSample.text, of: key, to: index)
                    try replica.increment(UniqueSample.count, of: key, by: 1 << UInt64(index))
                    try replica.add(index, to: UniqueSample.tags, of: key)
                case .edit: return
                }
            },
            read: { replica in
                try replica.rows(of: UniqueSample.self).map { row in
                    RowText.of(
                        owner: Int(row.key.creation.writer.high >> 32) - 1,
                        row[UniqueSample.text], row[UniqueSample.count], row[UniqueSample.tags])
                }
            },
            // Each replica makes a row of its own if it knows of none; otherwise all go on with the
            // first that they know of.
            expected: { events in
                RowModel(events) { known, event in known.min() ?? event.replica }.text
            })
        #expect(try worlds.explore() == 27 * 64 * 16)
    }

    @Test("A transaction that touches two lanes is visible lane by lane, each part whole")
    func twoLanes() throws {
        var count = 0
        for placement in 0..<9 {
            for news in 0..<256 {
                let replicas = try SmallWorlds<Void, Int>.start()
                var world = LaneWorld(replicas)
                try world.write(at: 0, index: 0)
                for (index, place) in [(1, placement % 3), (2, placement / 3)] {
                    let choice = news >> (4 * (index - 1)) & 15
                    for offset in 1...2 {
                        let other = (place + offset) % 3
                        for (bit, lane) in [Lane.settings, .usage].enumerated()
                        where choice >> (2 * (offset - 1) + bit) & 1 == 1 {
                            try world.pull(lane, to: place, from: other)
                        }
                    }
                    try world.write(at: place, index: index)
                }
                try world.deliverLate()
                try world.converge()
                count += 1
            }
        }
        #expect(count == 9 * 256)
    }
}

private enum RowDeed: CaseIterable { case toggle, edit }

private enum RowText {
    static func of(owner: Int, _ text: Int?, _ count: UInt64, _ tags: Set<Int>) -> String {
        "\(owner): \(text ?? -1) \(count) \(tags.sorted())"
    }
}

/// What became of rows, from the deeds and what each had seen.
private struct RowModel {
    /// A line for each row that is there, ascending by who made it.
    private(set) var text: [String] = []

    /// Of the rows that a deed's author knew of, `target` is the one that it is about.
    init(_ events: [Event<RowDeed>], target: (Set<Int>, Event<RowDeed>) -> Int) {
        var rows: [Int: Int] = [:]
        var lives: [Int: Int] = [:]
        for event in events.sorted(by: { $0.index < $1.index }) {
            let known = Set(event.seen.compactMap { rows[$0] })
            let row = target(known, event)
            let life = event.seen.filter { rows[$0] == row }.compactMap { lives[$0] }.max() ?? 0
            switch event.operation {
            case .toggle: (rows[event.index], lives[event.index]) = (row, life + 1)
            case .edit where !life.isMultiple(of: 2):
                (rows[event.index], lives[event.index]) = (row, life)
            case .edit: continue
            }
        }
        for row in Set(rows.values).sorted() {
            let deeds = events.filter { rows[$0.index] == row }
            let life = deeds.compactMap { lives[$0.index] }.max() ?? 0
            guard !life.isMultiple(of: 2) else { continue }
            let edits = deeds.filter { $0.operation == .edit && lives[$0.index] == life }
                .map(\.index)
            text.append(
                RowText.of(
                    owner: row, edits.max(), edits.reduce(0) { $0 + 1 << UInt64($1) },
                    Set(edits)))
        }
    }
}

private enum NaturalSample: RowCollection {
    static let id: CollectionID = 1031
    static let name = "natural_sample"
    static let rows = NaturalRows<String>("key")

    static let text = Field<NaturalSample, LastWriter<Int>>(1, "text")
    static let count = Field<NaturalSample, Counter>(2, "count")
    static let tags = Field<NaturalSample, AddWinsSet<Int>>(3, "tags")
    static let fields: [any FieldOf<NaturalSample>] = [text, count, tags]
}

private enum UniqueSample: RowCollection {
    static let id: CollectionID = 1032
    static let name = "unique_sample"
    static let rows = UniqueRows()

    static let text = Field<UniqueSample, LastWriter<Int>>(1, "text")
    static let count = Field<UniqueSample, Counter>(2, "count")
    static let tags = Field<UniqueSample, AddWinsSet<Int>>(3, "tags")
    static let fields: [any FieldOf<UniqueSample>] = [text, count, tags]
}

/// The other lane's half of a transaction.
private enum Ledger: RowCollection {
    static let id: CollectionID = 1033
    static let name = "ledger"
    static let lane = Lane.usage
    static let rows = StandingRows<OnlyRow>()

    static let sum = Field<Ledger, Counter>(1, "sum")
    static let fields: [any FieldOf<Ledger>] = [sum]
}

/// Three replicas whose transactions write in two lanes, which travel apart.
private struct LaneWorld {
    private let replicas: [ModelReplica]
    /// Which transactions a replica has seen the part of, by lane.
    private var seen: [Lane: [Set<Int>]] = [
        .settings: [[], [], []], .usage: [[], [], []],
    ]
    private var sent: [(segment: Segment, seen: Set<Int>)] = []

    init(_ replicas: [ModelReplica]) { self.replicas = replicas }

    mutating func write(at place: Int, index: Int) throws {
        let replica = replicas[place]
        replica.now = WallTime(milliseconds: Int64(index))
        try replica.set(Sample.last, of: OnlyRow(), to: index)
        try replica.increment(Ledger.sum, of: OnlyRow(), by: 1 << UInt64(index))
        for lane in [Lane.settings, .usage] {
            seen[lane]?[place].insert(index)
            sent.append(
                (
                    replica.segment(of: lane, since: VersionVector()),
                    seen[lane]?[place] ?? []
                ))
        }
        try check(place)
    }

    mutating func pull(_ lane: Lane, to place: Int, from other: Int) throws {
        let segment = replicas[other].segment(of: lane, since: replicas[place].vectors[lane])
        try take(segment, seen[lane]?[other] ?? [], at: place)
    }

    private mutating func take(_ segment: Segment, _ news: Set<Int>, at place: Int) throws {
        try replicas[place].apply(segment)
        seen[segment.lane]?[place].formUnion(news)
        try check(place)
    }

    /// Everything that was ever sent arrives now, the latest first, and then again.
    mutating func deliverLate() throws {
        for (segment, news) in sent.reversed() + sent {
            for place in 0..<3 { try take(segment, news, at: place) }
        }
    }

    func converge() throws {
        for replica in replicas {
            #expect(replica.digest == replicas[0].digest)
            #expect(replica.vectors[.usage] == replicas[0].vectors[.usage])
        }
    }

    private func check(_ place: Int) throws {
        let replica = replicas[place]
        let last = try replica.value(Sample.last, of: OnlyRow())
        let sum = try replica.value(Ledger.sum, of: OnlyRow())
        #expect(last == seen[.settings]?[place].max())
        #expect(sum == seen[.usage]?[place].reduce(0) { $0 + 1 << UInt64($1) })
    }
}
