import SyncTestKit
import Testing

/// Identity, merging, exchange and forgetting together, against the exact fold of all writes.
@Suite("Random worlds of stores that forget")
struct CausalWorldTests {
    @Test("show exactly what they have seen, and end level", arguments: Seed.first(80))
    func holdTogether(seed: Seed) throws {
        var world = try CausalWorld(seed: seed, count: 3)
        for _ in 0..<70 { try world.step() }
        try world.heal()
    }

    @Test(
        "also with one row that is deleted and brought back all the time",
        arguments: Seed.first(176))
    func holdWithOneRow(seed: Seed) throws {
        var faults = CausalWorld.Faults()
        faults.isHot = true
        var world = try CausalWorld(seed: seed, count: 3, faults: faults)
        for _ in 0..<90 { try world.step() }
        try world.heal()
    }

    @Test("also with four devices", arguments: Seed.first(20))
    func holdWithFour(seed: Seed) throws {
        var world = try CausalWorld(seed: seed, count: 4)
        for _ in 0..<90 { try world.step() }
        try world.heal()
    }
}
