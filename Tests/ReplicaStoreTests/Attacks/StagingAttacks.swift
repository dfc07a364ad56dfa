import CausalTime
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncTestKit
import Testing

/// Transfers that are interrupted, interleaved and overtaken.
///
/// What was tried and broke: a vector that moved with a prefix of a transfer, because the writes
/// that took the place of those in the prefix may be in the rest; a transfer that read cells while
/// the sender went on writing, and then claimed what the sender had seen at its end; and taking in
/// everything that had arrived from any sender when one transfer was whole. Each left holes that
/// nobody ever filled, in the worst case in nearly every run.
@Suite("Transfers in pieces")
struct StagingAttacks {
    @Test("show all of a segment or nothing of it, whatever is cut", arguments: Seed.first(12))
    func areWholeOrNothing(seed: Seed) throws {
        try run(seed: seed, count: 3, content: .registers)
    }

    @Test("also of rows and sets, from several sides at once", arguments: Seed.first(10))
    func areWholeForRowsAndSets(seed: Seed) throws {
        try run(seed: seed, count: 4, content: .mixed)
    }

    @Test("leave nothing behind when they are cut before the last piece")
    func prefixesLeaveNothing() throws {
        var world = try SessionWorld(seed: Seed(1), count: 2, content: .registers)
        for row: UInt8 in 0..<4 { try world.set(0, row, 1) }
        let before = try world.stores[1].image()
        try world.connect(0, 1)
        // Both greet, then the pieces of the segment: all but the last.
        while world.links[0].queues[1].count != 1 || !isLast(world.links[0].queues[1][0]) {
            try world.deliver(0, to: 0)
            try world.deliver(0, to: 1)
        }
        world.cut(0)
        #expect(try world.stores[1].image() == before)

        try world.connect(1, 0)
        try world.settle()
        #expect(try world.stores[1].summary().vectors == world.stores[0].summary().vectors)
        #expect(try world.stores[1].image().cells == world.stores[0].image().cells)
    }

    @Test("claim what the sender had when they began, not what it has come to hold since")
    func writesMeanwhileAreNotClaimed() throws {
        var world = try SessionWorld(seed: Seed(1), count: 2, content: .registers)
        for row: UInt8 in 0..<4 { try world.set(0, row, 1) }
        let began = try world.stores[0].summary().vectors[.settings]
        try world.connect(0, 1)
        while !world.links[0].queues[1].contains(where: isLast) {
            try world.deliver(0, to: 0)
            try world.deliver(0, to: 1)
        }
        // The pieces are under way; what they say is overtaken now.
        for row: UInt8 in 0..<4 { try world.set(0, row, 2) }
        while try world.stores[1].summary().vectors[.settings] != began {
            try #require(try world.deliver(0, to: 1), "the segment never arrived as it had begun")
        }
        let shown = try (0..<4 as Range<UInt8>).map { try world.stores[1].text(1, ofRow: $0) }
        #expect(shown == ["1", "1", "1", "1"])
        try world.settle()
        #expect(try world.stores[1].image().cells == world.stores[0].image().cells)
        #expect(try world.stores[1].text(1, ofRow: 3) == "2")
    }

    private func isLast(_ message: SyncMessage) -> Bool {
        guard case .chunk(let chunk) = message else { return false }
        return chunk.isLast && chunk.lane == .settings
    }

    private func run(seed: Seed, count: Int, content: SessionWorld.Content) throws {
        var world = try SessionWorld(seed: seed, count: count, content: content)
        for _ in 0..<250 { try world.step() }
        try world.heal()
        #expect(world.applied > 0)
    }
}
