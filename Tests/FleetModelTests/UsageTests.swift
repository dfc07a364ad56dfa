import CausalTime
import FleetModel
import ReplicaModel
import SyncTestKit
import Testing

@Suite("Usage")
struct UsageTests {
    @Test("adds up per device over its writers, its profiles and both directions")
    func sumsAreRight() throws {
        let (phone, laptop) = (try FleetReplica(1), try FleetReplica(2))
        try phone.changes.recordUsage(UsageAmount(received: mb(10), sent: mb(1)), country: "DE")
        try phone.changes.recordUsage(UsageAmount(received: mb(5)), iccid: "89", country: "CH")
        try laptop.changes.recordUsage(UsageAmount(sent: mb(3)))
        let restored = try phone.restored(as: 11)
        try restored.changes.recordUsage(UsageAmount(received: mb(2), sent: mb(2)), country: "DE")
        try meet(phone, laptop, restored)
        for replica in [phone, laptop, restored] {
            #expect(
                try replica.view.usage(in: "1") == [phone.device: mb(20), laptop.device: mb(3)])
            let german = try replica.view.usage().first { $0.key.country == "DE" }
            #expect(german?.amount == UsageAmount(received: mb(12), sent: mb(3)))
        }
    }

    @Test("is counted in the period that the fleet has agreed on, and stays there")
    func periodsAreApart() throws {
        let phone = try FleetReplica(1)
        try phone.changes.recordUsage(UsageAmount(received: mb(1)))
        try phone.changes.setPeriod("2025-12")
        try phone.changes.recordUsage(UsageAmount(received: mb(2)))
        #expect(try phone.view.period() == "2025-12")
        #expect(try phone.view.usage(in: "1") == [phone.device: mb(1)])
        #expect(try phone.view.usage(in: "2025-12") == [phone.device: mb(2)])
        #expect(try phone.view.pool(at: phone.cells.now).used == mb(2))
    }

    @Test("counts lives of a modem's counter apart and together")
    func counterLives() throws {
        let phone = try FleetReplica(1)
        for epoch: UInt64 in [0, 1, 1, 7] {
            try phone.changes.recordUsage(UsageAmount(received: mb(1)), epoch: epoch)
        }
        #expect(try phone.view.usage().map(\.key.epoch).sorted() == [0, 1, 7])
        #expect(try phone.view.usage(in: "1") == [phone.device: mb(4)])
    }

    @Test("is never refused for lack of rights: what exceeds them is shown")
    func overrunsAreShown() throws {
        let phone = try FleetReplica(1)
        try phone.grant(mb(10))
        try phone.changes.recordUsage(UsageAmount(received: mb(25)))
        let pool = try phone.view.pool(at: phone.cells.now)
        #expect(pool.used == mb(25))
        #expect(pool.overrun == mb(15))
        #expect(pool.reserved == .zero)
    }

    @Test(
        "equals what was recorded, however often and with whomever replicas meet",
        arguments: Seed.first(6))
    func meaning(seed: Seed) throws {
        var random = seed.generator
        let replicas = [try FleetReplica(1), try FleetReplica(2), try FleetReplica(3)]
        var expected: [DeviceID: UInt64] = [:]
        for _ in 0..<60 {
            let replica = random.pick(replicas)
            if random.chance(60) {
                let amount = 1 + random.next() % 1000
                try replica.changes.recordUsage(
                    UsageAmount(received: ByteCount(amount)),
                    country: random.pick(["DE", "CH", ""]))
                expected[replica.device, default: 0] += amount
            } else {
                try replica.pull(from: random.pick(replicas))
            }
        }
        try meet(replicas[0], replicas[1], replicas[2])
        for replica in replicas {
            let usage = try replica.view.usage(in: "1").mapValues(\.bytes)
            #expect(usage == expected, "\(seed)")
        }
    }

    @Test("refuses keys and periods that are too long")
    func keysAreChecked() throws {
        let phone = try FleetReplica(1)
        let long = String(repeating: "x", count: 65)
        let amount = UsageAmount(sent: mb(1))
        #expect(throws: FleetError.self) { try phone.changes.recordUsage(amount, iccid: long) }
        #expect(throws: FleetError.self) { try phone.changes.recordUsage(amount, country: long) }
        #expect(throws: FleetError.self) { try phone.changes.setPeriod(long) }
        #expect(throws: FleetError.self) { try phone.changes.setPeriod("") }
        #expect(try phone.view.usage().isEmpty)
    }
}
