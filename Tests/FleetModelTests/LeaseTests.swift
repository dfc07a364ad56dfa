import CausalTime
import FleetModel
import ReplicaModel
import SyncTestKit
import Testing

@Suite("Leases")
struct LeaseTests {
    let phone: FleetReplica
    let laptop: FleetReplica
    let grant: Grant

    init() throws {
        phone = try FleetReplica(1)
        laptop = try FleetReplica(2)
        grant = try phone.grant(mb(100), until: 1000)
    }

    private func lease(_ end: Int64, below: ByteCount = .zero) -> Lease {
        Lease(until: WallTime(milliseconds: end), topUpBelow: below)
    }

    private func status(on replica: FleetReplica) throws -> GrantStatus? {
        try replica.view.pool(at: replica.cells.now).grants.first
    }

    @Test("let a device reserve and hand on until they end, and not longer")
    func leasesEnd() throws {
        try phone.changes.transfer(
            mb(50), of: grant, to: laptop.device, lease: lease(500, below: mb(5)))
        try laptop.pull(from: phone)
        #expect(try status(on: laptop)?.lease(of: laptop.device) == lease(500, below: mb(5)))
        #expect(try status(on: laptop)?.lease(of: phone.device) == nil)
        laptop.now = 499
        _ = try laptop.changes.reserve(mb(1))
        laptop.now = 500
        let before = laptop.cells.sortedCells
        #expect(throws: FleetError.leaseEnded) { try laptop.changes.reserve(mb(1)) }
        #expect(throws: FleetError.leaseEnded) {
            try laptop.changes.transfer(mb(1), of: grant, to: phone.device)
        }
        #expect(throws: FleetError.leaseEnded) {
            try laptop.allocate([(laptop, 100)])
        }
        #expect(throws: FleetError.leaseEnded) { try laptop.changes.requestRights(mb(99)) }
        #expect(laptop.cells.sortedCells == before)
        // It holds them all the same: nobody takes them back.
        #expect(try laptop.allowance()?.available == .zero)
        #expect(try laptop.allowance()?.granted == mb(50))
        #expect(try phone.allowance(of: laptop)?.granted == mb(50))
    }

    @Test("are not made longer by a clock that is set back")
    func clocksSetBack() throws {
        try phone.changes.transfer(mb(50), of: grant, to: laptop.device, lease: lease(500))
        try laptop.pull(from: phone)
        laptop.now = 600
        try laptop.changes.setPeriod("stamped at 600")
        laptop.now = 100
        #expect(throws: FleetError.leaseEnded) { try laptop.changes.reserve(mb(1)) }
        // Nor does it help that only the others' clocks are right.
        let watch = try FleetReplica(3)
        try watch.pull(from: laptop)
        watch.now = 100
        #expect(try watch.allowance(of: laptop)?.available == .zero)
        #expect(throws: FleetError.insufficientRights(requested: mb(1), available: .zero)) {
            try watch.changes.reserve(mb(1))
        }
    }

    @Test("do not outlive the grant, and do not concern the device that it was minted to")
    func grantsEndFirst() throws {
        try phone.changes.transfer(mb(50), of: grant, to: laptop.device, lease: lease(5000))
        try laptop.pull(from: phone)
        laptop.now = 999
        _ = try laptop.changes.reserve(mb(1))
        try laptop.changes.transfer(
            mb(1), of: grant, to: phone.device, lease: lease(1001))
        try phone.pull(from: laptop)
        #expect(try status(on: phone)?.lease(of: phone.device) == nil)
        phone.now = 999
        _ = try phone.changes.reserve(mb(1))
        laptop.now = 1000
        #expect(throws: FleetError.noGrant) { try laptop.changes.reserve(mb(1)) }
        #expect(throws: FleetError.noGrant) {
            try laptop.changes.transfer(mb(1), of: grant, to: phone.device)
        }
    }

    @Test("are only ever extended, by whoever has handed rights on")
    func leasesAreExtended() throws {
        try phone.changes.transfer(mb(50), of: grant, to: laptop.device, lease: lease(500))
        try phone.changes.renew(lease(400, below: mb(3)), of: grant, for: laptop.device)
        #expect(try status(on: phone)?.lease(of: laptop.device) == lease(500, below: mb(3)))
        let before = phone.cells.sortedCells
        try phone.changes.renew(lease(500, below: mb(3)), of: grant, for: laptop.device)
        #expect(phone.cells.sortedCells == before)
        try laptop.pull(from: phone)
        laptop.now = 500
        #expect(throws: FleetError.leaseEnded) { try laptop.changes.reserve(mb(1)) }

        // Once more, and further with a transfer; the latest end counts.
        phone.now = 500
        try phone.changes.renew(lease(600, below: mb(3)), of: grant, for: laptop.device)
        try phone.changes.transfer(.zero, of: grant, to: laptop.device, lease: lease(700))
        try laptop.pull(from: phone)
        _ = try laptop.changes.reserve(mb(1))
        #expect(try status(on: laptop)?.lease(of: laptop.device)?.until.milliseconds == 700)

        let watch = try FleetReplica(3)
        try watch.pull(from: phone)
        for (giver, receiver) in [(watch, laptop), (watch, phone), (phone, phone)] {
            #expect(throws: FleetError.self) {
                try giver.changes.renew(lease(900), of: grant, for: receiver.device)
            }
        }
        #expect(throws: FleetError.self) {
            try phone.changes.renew(lease(500), of: grant, for: laptop.device)
        }
    }

    @Test("are given to everyone named when rights are allocated, or left as they are")
    func allocationsGiveLeases() throws {
        let watch = try FleetReplica(3)
        let shares = [(phone, 50), (laptop, 30), (watch, 20)].compactMap { replica, percent in
            Share(basisPoints: percent * 100).map { (key: replica.device, share: $0) }
        }
        _ = try phone.changes.allocate(shares, lease: lease(500, below: mb(1)))
        for device in [laptop.device, watch.device] {
            #expect(try status(on: phone)?.lease(of: device) == lease(500, below: mb(1)))
        }
        _ = try phone.changes.allocate(shares)
        #expect(try status(on: phone)?.lease(of: laptop.device) == lease(500, below: mb(1)))
        _ = try phone.changes.allocate(shares, lease: lease(800))
        #expect(try status(on: phone)?.lease(of: watch.device) == lease(800))
        #expect(try phone.allowance(of: watch)?.granted == mb(20))
    }
}

@Suite("Closed parts of a grant")
struct ClosingTests {
    let phone: FleetReplica
    let laptop: FleetReplica
    let watch: FleetReplica
    let grant: Grant

    init() throws {
        phone = try FleetReplica(1)
        laptop = try FleetReplica(2)
        watch = try FleetReplica(3)
        grant = try phone.grant(mb(100), until: 1000)
        try phone.allocate([(phone, 40), (laptop, 40), (watch, 20)])
        try meet(phone, laptop, watch)
    }

    @Test("give what is left of them back to the device that the grant was minted to")
    func restsComeBack() throws {
        _ = try laptop.changes.reserve(mb(10))
        let reserved = try #require(try laptop.allowance()?.reserved)
        try laptop.changes.transfer(mb(5), of: grant, to: watch.device)
        try laptop.changes.closePart(of: grant)
        #expect(try laptop.allowance()?.available == .zero)
        try meet(phone, laptop, watch)
        for replica in [phone, laptop, watch] {
            let pool = try replica.view.pool(at: phone.cells.now)
            let back = mb(35).subtracting(reserved) ?? .zero
            #expect(pool.devices.map(\.available) == [mb(40).addingClamped(back), .zero, mb(25)])
            #expect(pool.devices.map(\.granted).reduce(.zero) { $0.addingClamped($1) } == mb(100))
            #expect(pool.devices[1].granted == reserved)
            #expect(pool.grants.first?.isClosed(by: laptop.device) == true)
        }
        let all = try #require(try phone.allowance()?.available)
        #expect(try phone.changes.reserve(all) == all)
        #expect(throws: FleetError.self) { try phone.changes.reserve(ByteCount(1)) }
    }

    @Test("are closed for good, also for a device whose lease has ended, but not by the minter")
    func closedForGood() throws {
        laptop.now = 2000
        try laptop.changes.closePart(of: grant)
        let before = laptop.cells.sortedCells
        try laptop.changes.closePart(of: grant)
        #expect(laptop.cells.sortedCells == before)
        laptop.now = 0
        let closed = FleetError.closed(laptop.device)
        #expect(throws: closed) { try laptop.changes.reserve(ByteCount(1)) }
        #expect(throws: closed) {
            try laptop.changes.transfer(ByteCount(1), of: grant, to: phone.device)
        }
        #expect(throws: closed) { try laptop.changes.requestRights(mb(1)) }
        #expect(throws: FleetError.minterCannotClose) { try phone.changes.closePart(of: grant) }
        try phone.pull(from: laptop)
        #expect(throws: closed) {
            try phone.changes.transfer(ByteCount(1), of: grant, to: laptop.device)
        }
        #expect(throws: closed) {
            try phone.changes.renew(
                Lease(until: WallTime(milliseconds: 900)), of: grant, for: laptop.device)
        }
        #expect(try phone.allocate([(laptop, 60), (phone, 40)]) == [laptop.device: .zero])
    }

    @Test("send what they still receive on to the minter")
    func lateTransfersComeBack() throws {
        try laptop.changes.closePart(of: grant)
        // The watch has not heard of it.
        try watch.changes.transfer(mb(20), of: grant, to: laptop.device)
        try phone.pull(from: laptop)
        #expect(try phone.allowance()?.available == mb(80))
        try phone.pull(from: watch)
        #expect(try phone.allowance()?.available == mb(100))
        #expect(try phone.allowance(of: laptop)?.granted == .zero)
    }

    @Test("are closed by their own device only, whatever a peer sends")
    func forgedClosings() throws {
        try laptop.changes.closePart(of: grant)
        let closing = try #require(
            laptop.cells.sortedCells.last { $0.kind == .counter && $0.dot.writer == .numbered(2) })
        #expect(FleetKeyDescription(closing.key).phrase.contains("closed by"))
        // The watch's part, closed in the words of the phone, of the laptop and of a stranger.
        let hostile = [1, 2, 9].map { number in
            Cell(
                key: CellKey(
                    lane: closing.key.lane, collection: closing.key.collection,
                    row: grant.id.bytes + watch.device.bytes, field: closing.key.field,
                    owner: .numbered(number)),
                kind: .counter, dot: .at(number, 100), value: Cell.encoded(amount: 0))
        }
        let observer = try FleetReplica(4)
        try observer.pull(from: watch)
        try observer.receive(hostile)
        #expect(try observer.allowance(of: watch)?.available == mb(20))
        #expect(try observer.allowance(of: phone)?.available == mb(40))
        try watch.receive(hostile)
        _ = try watch.changes.reserve(mb(1))
    }

    @Test("by a restored device count what its former writer is known to have done")
    func closedAfterRestore() throws {
        let restored = try laptop.restored(as: 12)
        _ = try laptop.changes.reserve(mb(30))
        try restored.changes.closePart(of: grant)
        try meet(phone, restored, laptop)
        let reserved = try #require(try phone.allowance(of: laptop)?.reserved)
        let back = mb(40).subtracting(reserved) ?? .zero
        #expect(try phone.allowance()?.available == mb(40).addingClamped(back))
        #expect(throws: FleetError.self) { try laptop.changes.reserve(ByteCount(1)) }
    }
}
