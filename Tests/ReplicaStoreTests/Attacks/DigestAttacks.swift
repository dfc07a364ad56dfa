import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// What digests say, and what they do not.
///
/// What was tried and broke: counters taken in as they arrived, before their segment was whole,
/// because a counter can only grow. Replicas with equal vectors then had other digests, which is
/// the sign of a fault: one run in ten raised a false alarm. And equal digests taken for equal
/// vectors: half of all runs come to a point where what is held is equal and what was seen is not.
@Suite("Digests")
struct DigestAttacks {
    @Test("of equal vectors are equal at every moment of cut transfers", arguments: Seed.first(10))
    func followVectors(seed: Seed) throws {
        var world = try SessionWorld(seed: seed, count: 3, content: .counters)
        for _ in 0..<250 { try world.step() }
        try world.heal()
    }

    @Test("that are equal end no exchange while the vectors differ")
    func equalDigestsAreNotEqualVectors() throws {
        // One hears only of the later edit, the other of both: they hold the same.
        var world = try SessionWorld(seed: Seed(1), count: 4, content: .registers)
        try world.set(0, 1, 10, at: 100)
        try world.set(1, 1, 20, at: 200)
        for (to, from) in [(2, 1), (3, 1), (3, 0)] {
            for segment in try world.stores.news(for: to, from: from) {
                try world.stores.apply(segment, to: to)
            }
        }
        let (one, other) = (
            try world.stores[2].summary(), try world.stores[3].summary()
        )
        try #require(one.digest == other.digest && one.vectors != other.vectors)

        try world.connect(2, 3)
        try world.settle()
        #expect(try world.stores[2].summary().vectors == world.stores[3].summary().vectors)
        #expect(try world.stores[2].summary().digest == one.digest)
        // What is known now is what is sent for: nobody asks for the overtaken edit again.
        #expect(try world.stores.news(for: 2, from: 0).isEmpty)
        #expect(try world.stores[2].text(1, ofRow: 1) == "20")
    }
}
