import CausalTime
import FleetModel
import ReplicaModel
import SyncTestKit
import Testing

@Suite("The pool")
struct PoolTests {
    let phone: FleetReplica
    let laptop: FleetReplica
    let watch: FleetReplica
    let block = FleetChanges<ModelReplica>.reservationBlock

    init() throws {
        phone = try FleetReplica(1)
        laptop = try FleetReplica(2)
        watch = try FleetReplica(3)
    }

    @Test("is split by shares to the byte, and the parts add up to the grant")
    func sharesAreExact() throws {
        try phone.grant(ByteCount(1001))
        let given = try phone.allocate([(phone, 40), (laptop, 35), (watch, 25)])
        try meet(phone, laptop, watch)
        for replica in [phone, laptop, watch] {
            let pool = try replica.view.pool(at: phone.cells.now)
            #expect(pool.devices.map(\.granted.bytes) == [401, 350, 250])
            #expect(pool.devices.map(\.available.bytes) == [401, 350, 250])
            #expect(pool.granted == ByteCount(1001))
        }
        #expect(given == [laptop.device: ByteCount(350), watch.device: ByteCount(250)])
    }

    @Test("split again hands on only what this device still holds, and takes nothing back")
    func splittingAgain() throws {
        try phone.grant(mb(100))
        try phone.allocate([(phone, 40), (laptop, 60)])
        try meet(phone, laptop, watch)
        // The laptop would have to give 30 MB back; the watch gets what the phone can spare.
        let given = try phone.allocate([(laptop, 30), (watch, 70)])
        #expect(given == [laptop.device: .zero, watch.device: mb(40)])
        try meet(phone, laptop, watch)
        let pool = try watch.view.pool(at: phone.cells.now)
        #expect(pool.devices.map(\.granted) == [.zero, mb(60), mb(40)])
    }

    @Test("split a second time in the same way changes nothing")
    func splittingTwice() throws {
        try phone.grant(mb(100))
        try phone.allocate([(phone, 40), (laptop, 60)])
        let given = try phone.allocate([(phone, 40), (laptop, 60)])
        #expect(given == [laptop.device: .zero])
        #expect(try phone.allowance(of: laptop)?.granted == mb(60))
    }

    @Test("is not split by shares that are no whole, name a device twice, or without a grant")
    func wrongShares() throws {
        #expect(throws: FleetError.noGrant) { try phone.allocate([(phone, 100)]) }
        try phone.grant(mb(1))
        #expect(throws: FleetError.self) { try phone.allocate([(phone, 50), (laptop, 49)]) }
        #expect(throws: FleetError.self) { try phone.allocate([(laptop, 50), (laptop, 50)]) }
        #expect(try phone.allowance()?.available == mb(1))
    }

    @Test("gives reservations in whole blocks while there are rights for that")
    func reservationsAreBlocks() throws {
        try phone.grant(ByteCount(block.bytes * 2 + 10))
        #expect(try phone.changes.reserve(ByteCount(1)) == block)
        #expect(try phone.changes.reserve(ByteCount(block.bytes - 1)) == block)
        // Ten bytes are left, less than a block.
        #expect(try phone.changes.reserve(ByteCount(3)) == ByteCount(10))
        #expect(try phone.allowance()?.available == .zero)
        #expect(try phone.allowance()?.reserved == ByteCount(block.bytes * 2 + 10))
    }

    @Test("refuses what exceeds a device's rights, with both numbers, and takes nothing")
    func reservationsAreBounded() throws {
        try phone.grant(mb(10))
        try phone.allocate([(phone, 60), (laptop, 40)])
        try meet(phone, laptop)
        let expected = FleetError.insufficientRights(requested: mb(5), available: mb(4))
        #expect(throws: expected) { try laptop.changes.reserve(mb(5)) }
        #expect(try laptop.allowance()?.reserved == .zero)
        #expect(throws: FleetError.noGrant) { try watch.changes.reserve(mb(1)) }
        #expect(throws: FleetError.self) { try phone.changes.reserve(.zero) }
    }

    @Test("draws on the grant that ends first, and on none that is over or not begun")
    func earliestEndFirst() throws {
        let long = try phone.grant(mb(50), until: 10_000)
        let short = try phone.grant(mb(10), until: 5000)
        let future = try phone.changes.grant(
            mb(100), from: WallTime(milliseconds: 6000), until: WallTime(milliseconds: 9000))
        phone.now = 100
        #expect(try phone.changes.reserve(mb(20)).bytes >= mb(20).bytes)
        func reserved(_ grant: Grant) throws -> ByteCount? {
            try phone.view.pool(at: phone.cells.now).grants
                .first { $0.grant.id == grant.id }?.reserved
        }
        #expect(try reserved(short) == mb(10))
        let first = try #require(try reserved(long))
        #expect(first.bytes == mb(20).bytes.roundedUp(to: block.bytes) - mb(10).bytes)
        #expect(try reserved(future) == .zero)

        phone.now = 5000
        #expect(try phone.allowance()?.available.bytes == mb(50).bytes - first.bytes)
        phone.now = 10_000
        #expect(throws: FleetError.noGrant) { try phone.changes.reserve(ByteCount(1)) }
        #expect(try phone.allowance()?.available == .zero)
        #expect(try reserved(future) == .zero)
    }

    @Test("is not overdrawn by devices that cannot hear of each other")
    func partitionsDoNotOverdraw() throws {
        try phone.grant(mb(100))
        try phone.allocate([(phone, 50), (laptop, 30), (watch, 20)])
        try meet(phone, laptop, watch)
        // Cut apart, each takes whatever it can, and the phone even gives away what it has left.
        for replica in [phone, laptop, watch] {
            while let left = try replica.allowance()?.available, left > .zero {
                _ = try replica.changes.reserve(min(left, mb(7)))
            }
            #expect(throws: FleetError.self) { try replica.changes.reserve(ByteCount(1)) }
        }
        try meet(phone, laptop, watch)
        let pool = try phone.view.pool(at: phone.cells.now)
        #expect(pool.reserved == mb(100))
        #expect(pool.granted == mb(100))
        #expect(try laptop.view.pool(at: phone.cells.now) == pool)
    }

    @Test(
        "never holds more reservations than grants, whatever devices do and whoever they meet",
        arguments: Seed.first(8))
    func randomHistories(seed: Seed) throws {
        var random = seed.generator
        let replicas = [phone, laptop, watch]
        for step in 0..<60 {
            let replica = random.pick(replicas)
            let amount = ByteCount(random.next() % 40_000_000)
            do {
                switch random.next() % 6 {
                case 0: try replica.grant(ByteCount(1 + random.next() % 50_000_000))
                case 1, 2: _ = try replica.changes.reserve(amount)
                case 3:
                    guard let grant = try replica.view.pool(at: replica.cells.now).grants.first
                    else { continue }
                    try replica.changes.transfer(
                        amount, of: grant.grant, to: random.pick(replicas).device)
                case 4: try replica.allocate([(phone, 40), (laptop, 35), (watch, 25)])
                default: try replica.pull(from: random.pick(replicas))
                }
            } catch is FleetError {}
            guard step.isMultiple(of: 4) else { continue }
            // All that was ever reserved against all that was ever granted, seen from outside.
            let all = try FleetReplica(9)
            for replica in replicas { try all.pull(from: replica) }
            let pool = try all.view.pool(at: all.cells.now)
            #expect(pool.reserved <= pool.granted, "\(seed)")
            for status in pool.grants { #expect(status.reserved <= status.grant.bytes, "\(seed)") }
        }
    }

    @Test("counts a restored device's later reservations on top of those it has forgotten")
    func restoresAddUp() throws {
        try phone.grant(mb(100))
        let restored = try phone.restored(as: 11)
        _ = try phone.changes.reserve(mb(60))
        try laptop.pull(from: phone)
        // The copy has heard what it reserved in its former life before it goes on.
        try restored.pull(from: laptop)
        #expect(throws: FleetError.self) { try restored.changes.reserve(mb(60)) }
        _ = try restored.changes.reserve(mb(30))
        try meet(restored, laptop)
        let reserved = try #require(try laptop.allowance(of: phone)?.reserved)
        #expect(reserved.bytes >= mb(90).bytes && reserved.bytes <= mb(100).bytes)
    }

    @Test("grants need bytes and a time, and two of one device are two")
    func grantsAreChecked() throws {
        #expect(throws: FleetError.self) { try phone.grant(.zero) }
        #expect(throws: FleetError.self) { try phone.grant(mb(1), until: 0) }
        let first = try phone.grant(mb(1))
        let second = try phone.grant(mb(1))
        #expect(first.id != second.id)
        #expect(try phone.view.pool(at: phone.cells.now).granted == mb(2))
    }
}

extension UInt64 {
    fileprivate func roundedUp(to block: UInt64) -> UInt64 { (self + block - 1) / block * block }
}
