import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

@Suite("A segment")
struct ExchangeTests {
    let phone: ReplicaStore
    let laptop: ReplicaStore

    init() throws {
        phone = try .inMemory(1)
        laptop = try .inMemory(2)
    }

    @Test("holds exactly the cells at dots that the receiver lacks")
    func holdsWhatIsLacking() throws {
        for number: UInt8 in 1...5 { try phone.set(1, ofRow: number, to: "\(number)") }
        let cells = try phone.segment(of: .settings, since: VersionVector()).cells
        let writer = try #require(try phone.image().writer)
        for seen in 0...UInt64(cells.count) {
            let base = VersionVector([(writer, seen)])
            let segment = try phone.segment(of: .settings, since: base)
            #expect(segment.cells == cells.filter { !base.contains($0.dot) })
            #expect(segment.claim == (try phone.summary().vectors[.settings]))
            #expect(segment.base == base)
        }
    }

    @Test("passes on what others wrote")
    func passesOn() throws {
        let watch = try ReplicaStore.inMemory(3)
        try phone.set(1, ofRow: 1, to: "from the phone")
        try laptop.pull(from: phone)
        try watch.pull(from: laptop)
        #expect(try watch.image().cells == phone.image().cells)
        #expect(try watch.text(1, ofRow: 1) == "from the phone")
    }

    @Test("is taken in alike in whatever order its rows come, between rows that are held and not")
    func rowsComeInAnyOrder() throws {
        for row: UInt8 in [2, 5, 9] { try phone.set(2, ofRow: row, to: "early \(row)", at: 10) }
        try laptop.pull(from: phone)
        let tablet = try ReplicaStore.inMemory(3)
        try tablet.pull(from: phone)
        let base = try phone.summary().vectors[.settings]
        for row: UInt8 in 1...12 {
            for field: UInt32 in 1...3 {
                try phone.set(field, ofRow: row, to: "\(field) of \(row)", at: 20)
            }
        }
        let segment = try phone.segment(of: .settings, since: base)
        let (rows, fields) = (
            segment.cells.filter(\.kind.isRow), segment.cells.filter { !$0.kind.isRow }
        )
        // No row's cells stand together, and none comes after those that are greater only.
        let scattered =
            rows.reversed()
            + fields.sorted {
                ($0.key.field.rawValue, $1.key.row[0]) < ($1.key.field.rawValue, $0.key.row[0])
            }
        _ = try laptop.apply(segment)
        _ = try tablet.apply(
            Segment(
                lane: segment.lane, base: segment.base, claim: segment.claim,
                clock: segment.clock, cells: scattered))
        #expect(try laptop.image().cells == phone.image().cells)
        #expect(try tablet.image().cells == phone.image().cells)
        #expect(try tablet.image().violations == [])
    }

    @Test("for a base that has not been seen is refused, and nothing changes")
    func unseenBaseIsRefused() throws {
        try phone.set(1, ofRow: 1, to: "first")
        let seen = try phone.summary().vectors[.settings]
        try phone.set(1, ofRow: 1, to: "second")
        let before = try laptop.image()
        let segment = try phone.segment(of: .settings, since: seen)
        #expect(try code { _ = try laptop.apply(segment) } == .baseNotSeen)
        #expect(try laptop.image() == before)
    }

    @Test("whose cells share a dot leaves everything as it was")
    func sharedDotIsUndone() throws {
        try phone.set(1, ofRow: 1, to: "held")
        try laptop.pull(from: phone)
        let base = try laptop.summary().vectors[.settings]
        let before = try laptop.image()
        // The first three fit; the fourth names the write of the third.
        let cells = [
            Cell.row(2, causalLength: 1, at: .at(50), by: .at(9, 1)),
            Cell.register(.text("a"), ofRow: 2, causalLength: 1, at: .at(51), by: .at(9, 2)),
            Cell.row(3, causalLength: 1, at: .at(52), by: .at(9, 3)),
            Cell.register(.text("b"), ofRow: 3, causalLength: 1, at: .at(53), by: .at(9, 3)),
        ]
        let segment = Segment(
            lane: .settings, base: base, claim: base.merging(.of((9, 3))), clock: .at(60),
            cells: cells)
        #expect(try code { _ = try laptop.apply(segment) } == .ruleBroken)
        #expect(try laptop.image() == before)
        #expect(try laptop.reopened().image() == before)
        // The store goes on: the same without the contradiction is taken.
        _ = try laptop.apply(
            Segment(
                lane: .settings, base: base, claim: base.merging(.of((9, 3))), clock: .at(60),
                cells: Array(cells.prefix(3))))
        #expect(try laptop.text(1, ofRow: 2) == "a")
        #expect(try laptop.image().violations == [])
    }

    @Test("that names a dot of a cell held here for another is refused")
    func takenDotIsRefused() throws {
        let first = Cell.row(1, causalLength: 1, at: .at(1), by: .at(9, 2))
        _ = try phone.apply(
            Segment(
                lane: .settings, base: VersionVector(), claim: .of((9, 2)), clock: .at(1),
                cells: [first]))
        let before = try phone.image()
        // By the vector it is old, so it is skipped: nothing is taken twice.
        _ = try phone.apply(
            Segment(
                lane: .settings, base: VersionVector(), claim: .of((9, 2)), clock: .at(1),
                cells: [Cell.row(2, causalLength: 1, at: .at(1), by: .at(9, 2))]))
        #expect(try phone.image() == before)
    }

    @Test(
        "with a cell that no replica writes is refused",
        arguments: [
            Cell(
                key: .entry(1, owner: .numbered(8)), kind: .counter, dot: .at(9, 1),
                value: Cell.encoded(amount: 1)),
            Cell(key: .entry(1), kind: .counter, dot: .at(9, 1), value: Cell.encoded(amount: 1)),
            Cell(key: .entry(1, owner: .numbered(9)), kind: .fact, dot: .at(9, 1)),
            Cell(key: .entry(1), kind: .fact, dot: .at(9, 1), timestamp: .at(1)),
            Cell(key: .row(1, in: .usage), kind: .row, dot: .at(9, 1), causalLength: 1 << 33),
            Cell(key: .entry(1), kind: .fact, dot: .at(9, 2)),
            Cell(key: .entry(1, in: .control), kind: .fact, dot: .at(9, 1)),
            Cell(
                key: .entry(1), kind: .fact, dot: .at(9, 1),
                value: Array(repeating: 0, count: Cell.valueBytesMax + 1)),
        ])
    func malformedCellsAreRefused(cell: Cell) throws {
        let before = try phone.image()
        let segment = Segment(
            lane: .usage, base: VersionVector(), claim: .of((9, 1)), clock: .at(1), cells: [cell])
        #expect(try code { _ = try phone.apply(segment) } == .ruleBroken)
        #expect(try phone.image() == before)
    }

    @Test("of an unknown lane, or with a claim beyond what can be stored, is refused")
    func unstorableClaimsAreRefused() throws {
        let before = try phone.image()
        for (lane, sequence) in [(Lane(rawValue: 7), 1), (.usage, UInt64(1) << 63)] {
            let segment = Segment(
                lane: lane, base: VersionVector(), claim: .of((9, sequence)), clock: .at(1),
                cells: [])
            #expect(try code { _ = try phone.apply(segment) } == .ruleBroken)
        }
        let writers = VersionVector(
            (0..<Segment.writersMax).map { (WriterID(high: 7, low: UInt64($0)), UInt64(1)) })
        let many = Segment(
            lane: .usage, base: VersionVector(), claim: writers, clock: .at(1), cells: [])
        #expect(try code { _ = try phone.apply(many) } == .ruleBroken)
        #expect(try phone.image() == before)
    }

    @Test("makes the receiver's next write later than all that it brings")
    func clocksFollow() throws {
        try phone.set(1, ofRow: 1, to: "in the future", at: 1_000_000)
        try laptop.pull(from: phone)
        try laptop.set(1, ofRow: 1, to: "knowing it", at: 5)
        try phone.pull(from: laptop)
        #expect(try phone.text(1, ofRow: 1) == "knowing it")
    }
}
