import Caravan
import SyncTestKit
import Testing

/// What people do on a few devices, against a sequential model that knows nothing of replicas.
@Suite("Histories of a few devices")
struct HistoryTests {
    @Test(
        "end with everything that was acknowledged and not lost with a restore",
        arguments: Seed.first(8))
    func endLevel(seed: Seed) async throws {
        // From two devices to five; copies come on top.
        let world = try await HistoryWorld(seed: seed, count: 2 + Int(seed.value % 4))
        for _ in 0..<80 { try await world.step() }
        try await world.heal()
    }
}
