import CausalTime
import FleetModel
import ReplicaModel
import SyncTestKit
import Testing

/// What a faulty or newer peer may send: views read on, changes throw at worst.
@Suite("Cells that make no sense")
struct HostileCellTests {
    private static let collections: [UInt32] = [1, 8, 9, 10, 11, 12, 13, 16, 24, 40]

    private static let rows: [[UInt8]] = [
        [], [0xff], Array("89490200001234567890".utf8), Array(repeating: 7, count: 16),
        Array(repeating: 7, count: 32), Array(repeating: 0xff, count: 512), [64, 65, 66],
    ]

    private static let values: [[UInt8]] = [
        [], [0], [2, 0xff], [3, 0xff, 0xfe], [4], [9, 1, 2, 3],
        CellValue.integer(.min).encoded, CellValue.integer(.max).encoded,
        CellValue.text("\u{1b}[31m").encoded,
        Cell.encoded(amount: .max), Array(repeating: 0xff, count: 40),
    ]

    /// One cell of a random place, kind and content, of the wrong type more often than not.
    private func cell(_ sequence: UInt64, _ random: inout SplitMix64) -> Cell {
        let dot = Dot.at(9, sequence)
        let kind = random.pick(MergeKind.known)
        let field = kind == .row ? 0 : UInt32(1 + random.next() % 6)
        let row = random.pick(Self.rows)
        return Cell(
            key: CellKey(
                lane: random.pick(Lane.all),
                collection: CollectionID(rawValue: random.pick(Self.collections)), row: row,
                field: FieldID(rawValue: field), owner: kind == .counter ? dot.writer : nil),
            kind: kind, dot: dot,
            timestamp: kind.isStamped
                ? HybridTimestamp(epoch: 0, ticks: random.next() >> 1) : .zero,
            causalLength: kind.isStamped ? random.next() % 4 : 0,
            value: kind == .row ? [] : random.pick(Self.values))
    }

    @Test(
        "do not crash a view, hide what is sound, or keep a device from working",
        arguments: Seed.first(25))
    func viewsReadOn(seed: Seed) throws {
        var random = seed.generator
        let phone = try FleetReplica(1)
        try phone.changes.joinFleet(name: "phone", deviceClass: .phone)
        try phone.grant(mb(10))
        try phone.receive((1...60).map { cell($0, &random) })

        #expect(try phone.view.members().contains { $0.device == phone.device })
        #expect(try phone.view.pool(at: phone.cells.now).granted >= mb(10))
        _ = try phone.view.profiles()
        _ = try phone.view.usage()
        _ = try phone.view.period()
        for cell in phone.cells.sortedCells {
            let place = FleetKeyDescription(cell.key)
            #expect(!place.phrase.isEmpty)
        }
        let profile = try ICCID("89010000000000000000")
        try phone.changes.addProfile(profile, [.nickname: "still works"])
        try phone.changes.recordUsage(UsageAmount(sent: mb(1)))
        #expect(try phone.view.profiles().contains { $0.iccid == profile })
        do {
            _ = try phone.changes.reserve(mb(1))
            _ = try phone.changes.allocate([])
        } catch is FleetError {}
    }

    @Test("of fields that are unknown here are left out, and kept")
    func unknownFieldsAreKept() throws {
        let phone = try FleetReplica(1)
        let iccid = try ICCID("89490200001234567890")
        try phone.changes.addProfile(iccid, [.nickname: "known"])
        let key = try #require(phone.cells.sortedCells.first { $0.kind == .register }).key
        let unknown = Cell(
            key: CellKey(
                lane: key.lane, collection: key.collection, row: key.row,
                field: FieldID(rawValue: 77)),
            kind: .register, dot: .at(9, 1), timestamp: .at(5), causalLength: 1, value: [9, 9])
        try phone.receive([unknown])
        #expect(try phone.view.profiles().first?.fields == [.nickname: "known"])
        let laptop = try FleetReplica(2)
        try laptop.pull(from: phone)
        #expect(laptop.cells.cells[unknown.key] == unknown)
    }

    @Test("that contradict the rules of the pool leave no one with more rights than were granted")
    func contradictoryRights() throws {
        let (phone, laptop) = (try FleetReplica(1), try FleetReplica(2))
        try phone.grant(mb(10))
        _ = try phone.changes.reserve(mb(4))
        let reservation = try #require(
            phone.cells.sortedCells.first { $0.kind == .counter })
        // Someone claims to have reserved more than there is, under a writer of their own.
        let owner = WriterID.numbered(9)
        let hostile = [
            Cell(
                key: .introduction(of: owner), kind: .fact, dot: .at(9, 1),
                value: CellValue.bytes(laptop.device.bytes).encoded),
            Cell(
                key: CellKey(
                    lane: reservation.key.lane, collection: reservation.key.collection,
                    row: reservation.key.row, field: reservation.key.field, owner: owner),
                kind: .counter, dot: .at(9, 2), value: Cell.encoded(amount: .max)),
        ]
        try phone.receive(hostile)
        let pool = try phone.view.pool(at: phone.cells.now)
        #expect(pool.reserved == ByteCount(.max), "clamped, not wrapped")
        #expect(try phone.allowance(of: laptop)?.available == .zero)
        #expect(try phone.changes.reserve(mb(1)) > .zero, "the phone's own rights are untouched")
    }
}

@Suite("Descriptions of keys")
struct FleetKeyDescriptionTests {
    @Test("name everything that the domain writes")
    func everythingIsNamed() throws {
        let (phone, laptop) = (try FleetReplica(1), try FleetReplica(2))
        try phone.changes.joinFleet(name: "phone", deviceClass: .phone)
        try phone.changes.addProfile(try ICCID("89490200001234567890"), [.apn: "internet"])
        try phone.grant(mb(10))
        let lease = Lease(until: WallTime(milliseconds: 500), topUpBelow: mb(1))
        let shares = [phone, laptop].compactMap { replica in
            Share(basisPoints: 5000).map { (key: replica.device, share: $0) }
        }
        _ = try phone.changes.allocate(shares, lease: lease)
        _ = try phone.changes.reserve(mb(1))
        _ = try phone.changes.requestRights(mb(20))
        try laptop.pull(from: phone)
        let held = try #require(try laptop.view.pool(at: laptop.cells.now).grants.first)
        try laptop.changes.closePart(of: held.grant)
        try phone.pull(from: laptop)
        try phone.changes.setPeriod("2025-12")
        try phone.changes.recordUsage(
            UsageAmount(received: mb(1), sent: mb(1)), iccid: "89", epoch: 2, country: "CH")
        let names = [phone.device: "phone"]
        let phrases = phone.cells.sortedCells.map {
            FleetKeyDescription($0.key, names: names).phrase
        }
        let grant = try #require(try phone.view.pool(at: phone.cells.now).grants.first).grant.id
            .abbreviated
        #expect(
            phrases == [
                "writer 00000001 device", "writer 00000002 device",
                "membership of phone existence",
                "member phone existence", "member phone name",
                "member phone class", "grant \(grant) bytes", "grant \(grant) minted to",
                "grant \(grant) valid from", "grant \(grant) valid until",
                "grant \(grant) to phone wanted", "grant \(grant) to 00000002 handed on",
                "grant \(grant) to 00000002 lease until",
                "grant \(grant) to 00000002 topped up below", "grant \(grant) reserved",
                "plan period", "grant \(grant) closed by 00000002 outflow",
                "profile 89490200001234567890 existence", "profile 89490200001234567890 apn",
                "usage of phone in period 2025-12, profile 89, CH, counter life 2 received",
                "usage of phone in period 2025-12, profile 89, CH, counter life 2 sent",
            ])
    }

    @Test("show numbers and bytes of what has no name")
    func theRestIsShownRaw() {
        let unknown = CellKey(
            lane: .settings, collection: CollectionID(rawValue: 40), row: [0x0a, 0xff],
            field: FieldID(rawValue: 3))
        #expect(FleetKeyDescription(unknown).phrase == "collection 40 0aff field 3")
        let malformed = CellKey(
            lane: .control, collection: CollectionID(rawValue: 8), row: [1, 2],
            field: FieldID(rawValue: 9))
        #expect(FleetKeyDescription(malformed).phrase == "members 0102 field 9")
    }
}
