import SyncTestKit
import Testing

/// Lives of one grant in which cells arrive one by one: late, in any order, repeated.
///
/// A store never delivers like that, so what holds here holds all the more there.
@Suite("The pool over single cells")
struct PoolLifeTests {
    /// Rights are handed on, reserved, asked for and given; device 2 has a lease that ends, and
    /// closes its part at some time, which others do not hear of; device 3 is restored from a
    /// backup and waits until it knows again what it did.
    @Test("is never overdrawn", arguments: Seed.first(40))
    func holds(seed: Seed) throws {
        for part in 0..<15 {
            let seed = Seed(seed.value * 1000 + UInt64(part))
            var life = try PoolLife(.none, seed: seed)
            #expect(try !life.isOverdrawn(), "\(seed)")
            #expect(try life.knownReservations() == life.spent, "nothing is hidden: \(seed)")
        }
    }

    @Test("would be overdrawn without the rules", arguments: PoolLife.Fault.allCases)
    func faultsAreSeen(fault: PoolLife.Fault) throws {
        guard fault != .none else { return }
        let isSeen = try Seed.first(400).contains { seed in
            var life = try PoolLife(fault, seed: seed)
            return try life.isOverdrawn()
        }
        #expect(isSeen)
    }
}
