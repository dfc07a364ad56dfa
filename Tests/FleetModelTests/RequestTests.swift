import CausalTime
import FleetModel
import ReplicaModel
import SyncTestKit
import Testing

@Suite("Requests for rights")
struct RequestTests {
    let phone: FleetReplica
    let laptop: FleetReplica
    let watch: FleetReplica
    let grant: Grant
    let block = FleetChanges<ModelReplica>.reservationBlock.bytes

    init() throws {
        phone = try FleetReplica(1)
        laptop = try FleetReplica(2)
        watch = try FleetReplica(3)
        for replica in [phone, laptop, watch] {
            try replica.changes.joinFleet(name: "\(replica.device)", deviceClass: .other)
        }
        grant = try phone.grant(ByteCount(100 * block))
        try meet(phone, laptop, watch)
    }

    private func blocks(_ count: UInt64) -> ByteCount { ByteCount(count * block) }

    private func available(_ replica: FleetReplica) throws -> UInt64 {
        try (replica.allowance()?.available.bytes ?? 0) / block
    }

    @Test("are answered by who has more, with what is missing")
    func missingIsGiven() throws {
        #expect(try laptop.changes.requestRights(blocks(20)) == blocks(20))
        let asked = laptop.cells.sortedCells
        #expect(try laptop.changes.requestRights(blocks(20)) == blocks(20))
        #expect(laptop.cells.sortedCells == asked, "asking again changes nothing")
        try phone.pull(from: laptop)
        #expect(
            try phone.view.pool(at: phone.cells.now).grants.first?
                .missing(for: laptop.device) == blocks(20))
        #expect(try phone.changes.answerRequests())
        try laptop.pull(from: phone)
        #expect(try available(laptop) == 20)
        #expect(try available(phone) == 80)
        for replica in [phone, laptop, watch] {
            try meet(phone, laptop, watch)
            #expect(try !replica.changes.answerRequests(), "answered once and for all")
        }
        #expect(try laptop.changes.requestRights(blocks(20)) == .zero)
        _ = try laptop.changes.reserve(blocks(5))
        #expect(try laptop.changes.requestRights(blocks(20)) == blocks(5))
        #expect(try laptop.changes.requestRights(ByteCount(block * 15 + 1)) == blocks(1))
    }

    @Test("leave nobody poorer than who asked")
    func levelIsKept() throws {
        _ = try laptop.changes.requestRights(blocks(1000))
        try phone.pull(from: laptop)
        try phone.changes.answerRequests()
        #expect(try available(phone) == 50)
        try meet(phone, laptop, watch)
        _ = try watch.changes.requestRights(blocks(40))
        try meet(phone, laptop, watch)
        try phone.changes.answerRequests()
        try laptop.pull(from: phone)
        try laptop.changes.answerRequests()
        try meet(phone, laptop, watch)
        #expect(try available(phone) == 25)
        // The laptop, with 50, comes down to the level of the watch.
        #expect(try available(laptop) == 38 && available(watch) == 37)
        for replica in [phone, laptop, watch] {
            #expect(try !replica.changes.answerRequests())
        }
    }

    @Test("of several are brought to one level")
    func severalAsk() throws {
        _ = try laptop.changes.requestRights(blocks(60))
        _ = try watch.changes.requestRights(blocks(10))
        try phone.pull(from: laptop)
        try phone.pull(from: watch)
        try phone.changes.answerRequests()
        try meet(phone, laptop, watch)
        #expect(try available(phone) == 45 && available(laptop) == 45 && available(watch) == 10)
    }

    @Test("that two answer at once are answered twice, which ends there")
    func twoAnswer() throws {
        try phone.allocate([(phone, 50), (laptop, 50)])
        try meet(phone, laptop, watch)
        _ = try watch.changes.requestRights(blocks(20))
        for replica in [phone, laptop] { try replica.pull(from: watch) }
        for replica in [phone, laptop] { try replica.changes.answerRequests() }
        try meet(phone, laptop, watch)
        #expect(try available(watch) == 40 && available(phone) == 30 && available(laptop) == 30)
        for replica in [phone, laptop, watch] {
            #expect(try !replica.changes.answerRequests())
        }
    }

    @Test("are made by a device itself once it has less than its lease's threshold")
    func topUps() throws {
        let lease = Lease(until: WallTime(milliseconds: 500), topUpBelow: blocks(10))
        try phone.changes.transfer(blocks(12), of: grant, to: laptop.device, lease: lease)
        try laptop.pull(from: phone)
        #expect(try !laptop.changes.answerRequests())
        _ = try laptop.changes.reserve(blocks(2))
        #expect(try !laptop.changes.answerRequests(), "ten are left, which is not below ten")
        _ = try laptop.changes.reserve(blocks(1))
        #expect(try laptop.changes.answerRequests())
        _ = try laptop.changes.reserve(blocks(3))
        #expect(try !laptop.changes.answerRequests(), "what it asked for would be enough")
        try phone.pull(from: laptop)
        #expect(try phone.changes.answerRequests())
        try laptop.pull(from: phone)
        #expect(try available(laptop) == 17)
        #expect(try !laptop.changes.answerRequests())

        // Once the lease has ended it neither asks nor is answered.
        _ = try laptop.changes.reserve(blocks(17))
        laptop.now = 500
        #expect(try !laptop.changes.answerRequests())
        laptop.now = 400
        #expect(try laptop.changes.answerRequests())
        #expect(try !laptop.changes.answerRequests(at: WallTime(milliseconds: 499)))
        phone.now = 500
        try phone.pull(from: laptop)
        #expect(try !phone.changes.answerRequests())
    }

    @Test("do not make a device give what it would have to ask for itself")
    func thresholdsAreKept() throws {
        let lease = Lease(until: WallTime(milliseconds: 500), topUpBelow: blocks(30))
        try phone.changes.transfer(blocks(40), of: grant, to: laptop.device, lease: lease)
        _ = try phone.changes.reserve(blocks(60))
        try laptop.pull(from: phone)
        _ = try watch.changes.requestRights(blocks(20))
        try laptop.pull(from: watch)
        try laptop.changes.answerRequests()
        #expect(try available(laptop) == 30)
        #expect(try !laptop.changes.answerRequests())
    }

    @Test("of strangers, retired devices and closed parts are not answered")
    func notEveryoneIsAnswered() throws {
        let stranger = try FleetReplica(4)
        try stranger.pull(from: phone)
        _ = try stranger.changes.requestRights(blocks(10))
        _ = try laptop.changes.requestRights(blocks(10))
        try laptop.changes.closePart(of: grant)
        _ = try watch.changes.requestRights(blocks(10))
        for replica in [stranger, laptop, watch] { try phone.pull(from: replica) }
        try phone.cells.retire(watch.device)
        #expect(try !phone.changes.answerRequests())
        #expect(try available(phone) == 100)
    }

    @Test("are spread over the grants that others hold rights to, those that end first before")
    func severalGrants() throws {
        let other = try watch.changes.grant(
            blocks(30), from: WallTime(milliseconds: 0), until: WallTime(milliseconds: 100))
        try meet(phone, laptop, watch)
        #expect(try laptop.changes.requestRights(blocks(50)) == blocks(50))
        let wanted = try laptop.view.pool(at: laptop.cells.now).grants
            .map { $0.missing(for: laptop.device) }
        #expect(wanted == [blocks(30), blocks(20)])
        try meet(phone, laptop, watch)
        try phone.changes.answerRequests()
        try watch.changes.answerRequests()
        try laptop.pull(from: phone)
        try laptop.pull(from: watch)
        // Of the grant that ends first the watch keeps as much as it gives.
        #expect(try available(laptop) == 35)
        #expect(throws: FleetError.self) { try laptop.changes.requestRights(.zero) }
        #expect(other.minter == watch.device)
        #expect(throws: FleetError.noGrant) {
            try FleetReplica(5).changes.requestRights(blocks(1))
        }
    }

    @Test("with senseless numbers stand in nobody's way")
    func hostileRequests() throws {
        _ = try laptop.changes.requestRights(blocks(10))
        let request = try #require(
            laptop.cells.sortedCells.first {
                FleetKeyDescription($0.key).phrase.hasSuffix("wanted")
            })
        for value in [CellValue.integer(.max), .integer(-1), .text("all"), .bool(true)] {
            let giver = try phone.restored(as: 11)
            try giver.receive([
                Cell(
                    key: request.key, kind: .register, dot: .at(9, 1), timestamp: .at(0, 9),
                    value: value.encoded)
            ])
            try giver.changes.answerRequests()
            #expect(try !giver.changes.answerRequests())
            let pool = try giver.view.pool(at: giver.cells.now)
            #expect(pool.devices.reduce(0) { $0 + $1.available.bytes } == 100 * block)
        }
    }
}
