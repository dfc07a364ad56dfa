import CausalTime
import FleetModel
import ReplicaModel
import SyncTestKit
import Testing

@Suite("Sharing among those who ask")
struct WaterFillingTests {
    private func filling(_ random: inout SplitMix64) -> WaterFilling {
        let most: UInt64 = random.pick([3, 40, 1000, .max])
        func amount() -> UInt64 { random.chance(15) ? 0 : random.next() % most }
        return WaterFilling(
            available: amount(), kept: random.chance(50) ? 0 : amount(),
            askers: (0..<random.next() % 5).map {
                WaterFilling.Asker(
                    device: .numbered(UInt32($0)), available: amount(), missing: 1 + amount())
            }, block: random.pick([1, 7, 64]))
    }

    @Test("gives at most what is missing, leaves nobody poorer, and is done after one round")
    func rounds() {
        var random = Seed(1).generator
        var givenCount = 0
        for _ in 0..<10_000 {
            let filling = filling(&random)
            let gifts = filling.gifts
            var left = filling.available
            var askers = filling.askers
            for gift in gifts {
                left -= gift.bytes
                askers = askers.map { asker in
                    guard asker.device == gift.device else { return asker }
                    #expect(gift.bytes <= asker.missing)
                    return WaterFilling.Asker(
                        device: asker.device, available: asker.available + gift.bytes,
                        missing: asker.missing - gift.bytes)
                }
            }
            givenCount += gifts.count
            guard !gifts.isEmpty else { continue }
            #expect(left >= filling.kept)
            for asker in askers where gifts.contains(where: { $0.device == asker.device }) {
                #expect(left >= asker.available, "\(filling)")
            }
            let next = WaterFilling(
                available: left, kept: filling.kept, askers: askers.filter { $0.missing > 0 },
                block: filling.block)
            #expect(next.gifts.isEmpty, "\(filling) \(next)")
        }
        #expect(givenCount > 3000)
    }

    @Test("gives all that it can: no block more would leave the giver at the level")
    func nothingIsHeldBack() {
        var random = Seed(2).generator
        for _ in 0..<10_000 {
            let filling = filling(&random)
            guard filling.available > filling.kept else { continue }
            let gifts = Dictionary(
                uniqueKeysWithValues: filling.gifts.map { ($0.device, $0.bytes) })
            for asker in filling.askers {
                let share = asker.share(at: filling.level)
                let gift = gifts[asker.device] ?? 0
                #expect(gift <= share)
                #expect(share - gift < filling.block)
                if gift < share { #expect(gift % filling.block == 0) }
            }
            // One level higher is more than there is.
            let higher = filling.askers.reduce((0, false) as (UInt64, Bool)) {
                let (sum, hasOverflow) = $0.0.addingReportingOverflow(
                    $1.share(at: filling.level + 1))
                return (sum, $0.1 || hasOverflow)
            }
            let floor = max(filling.level + 1, filling.kept)
            #expect(
                filling.level == filling.available || higher.1
                    || floor > filling.available || higher.0 > filling.available - floor)
        }
    }

    /// Everyone answers at once by what it knew, and only then do they meet: the worst of luck.
    @Test("comes to an end, whatever devices know of each other", arguments: Seed.first(60))
    func answeringEnds(seed: Seed) throws {
        var random = seed.generator
        let block = FleetChanges<ModelReplica>.reservationBlock.bytes
        let replicas = try (1...5).map { try FleetReplica($0) }
        for replica in replicas {
            try replica.changes.joinFleet(name: "\(replica.device)", deviceClass: .other)
        }
        let grant = try replicas[0].grant(ByteCount(block * (20 + random.next() % 100)))
        for replica in replicas.dropFirst() where random.chance(80) {
            let lease = Lease(
                until: WallTime(milliseconds: 900_000),
                topUpBelow: ByteCount(random.next() % (block * 30)))
            let left = try replicas[0].allowance()?.available.bytes ?? 0
            try replicas[0].changes.transfer(
                ByteCount(random.next() % (left + 1)), of: grant, to: replica.device,
                lease: random.chance(80) ? lease : nil)
        }
        for _ in 0..<2 { try meetAll(replicas) }
        for replica in replicas where random.chance(60) {
            _ = try replica.changes.requestRights(
                ByteCount(1 + random.next() % (block * 60)))
        }
        for _ in 0..<3 { try meetAll(replicas) }
        var rounds = 0
        var isBusy = true
        while isBusy, rounds < 100 {
            isBusy = false
            if random.chance(50) {
                // Some meet before all of them answer.
                try random.pick(replicas).pull(from: random.pick(replicas))
            }
            for replica in replicas {
                if try replica.changes.answerRequests() { isBusy = true }
                #expect(try !replica.changes.answerRequests(), "one answer is enough: \(seed)")
            }
            for _ in 0..<2 { try meetAll(replicas) }
            rounds += 1
        }
        #expect(rounds < 20, "\(seed)")
        let pool = try replicas[0].view.pool(at: replicas[0].cells.now)
        #expect(pool.devices.reduce(0) { $0 + $1.available.bytes } == pool.granted.bytes)
    }

    private func meetAll(_ replicas: [FleetReplica]) throws {
        for replica in replicas {
            for other in replicas where other !== replica { try replica.pull(from: other) }
        }
    }
}
