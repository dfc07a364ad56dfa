import CausalTime
import SyncTestKit
import Testing

@Suite struct HybridClockTests {
    private func wall(_ milliseconds: Int64) -> WallTime { WallTime(milliseconds: milliseconds) }

    @Test func aStampShowsTheWallTime() {
        var clock = HybridClock()
        let stamp = clock.stamp(at: wall(1_764_000_000_000))
        #expect(stamp == .at(1_764_000_000_000))
        #expect(stamp.wallTime == wall(1_764_000_000_000))
        #expect(clock.stamp(at: wall(1_764_000_000_001)).description == "1764000000001+0")
    }

    @Test func aWallClockThatStandsStillIsCountedOn() {
        var clock = HybridClock()
        let stamps = (0..<3).map { _ in clock.stamp(at: wall(5)) }
        #expect(stamps == [.at(5), .at(5, 1), .at(5, 2)])
    }

    @Test func aWallClockThatGoesBackIsCountedOn() {
        var clock = HybridClock()
        #expect(clock.stamp(at: wall(1000)) < clock.stamp(at: wall(10)))
        #expect(clock.latest == .at(1000, 1))
        #expect(clock.stamp(at: wall(1001)) == .at(1001))
    }

    @Test func theCounterCarriesIntoTheMilliseconds() {
        var clock = HybridClock(latest: .at(7, 0xffff))
        #expect(clock.stamp(at: wall(7)) == .at(8, 0))
        #expect(clock.stamp(at: wall(7)) == .at(8, 1))
    }

    @Test(arguments: [
        HybridTimestamp.zero, .at(1), .at(999_999), HybridTimestamp(epoch: 3, ticks: 5),
        HybridTimestamp(epoch: 0, ticks: .max), HybridTimestamp(epoch: 9, ticks: .max - 1),
    ])
    func aStampAfterSomethingSeenIsGreater(seen: HybridTimestamp) {
        var clock = HybridClock(latest: .at(500))
        clock.observe(seen)
        #expect(clock.latest >= seen && clock.latest >= .at(500))
        let stamp = clock.stamp(at: wall(600))
        #expect(stamp > seen && stamp > .at(500))
    }

    @Test func seeingSomethingOlderChangesNothing() {
        var clock = HybridClock(latest: .at(500))
        clock.observe(.at(499, 0xffff))
        #expect(clock.latest == .at(500))
    }

    @Test func ticksThatAreUsedUpGoOnInTheNextEpoch() {
        var clock = HybridClock(latest: HybridTimestamp(epoch: 2, ticks: .max))
        #expect(clock.stamp(at: wall(9)) == HybridTimestamp(epoch: 3, ticks: 9 << 16))
    }

    @Test func atTheEndOfAllTimeTheClockDoesNotStartAgain() {
        var clock = HybridClock(latest: .at(500))
        let end = HybridTimestamp(epoch: .max, ticks: .max)
        clock.observe(end)
        #expect(clock.stamp(at: wall(600)) == end)
        #expect(clock.latest == end)
    }

    @Test func aWallClockBeyond48BitsIsClampedAndOneBefore1970Is0() {
        for milliseconds in [(1 << 47) - 1, 1 << 47, 1 << 60, .max] as [Int64] {
            var clock = HybridClock()
            #expect(clock.stamp(at: wall(milliseconds)) == .at((1 << 47) - 1))
        }
        var clock = HybridClock()
        #expect(clock.stamp(at: wall(.min)) == .at(0, 1))
    }

    /// Standing, running, jumping either way and wild wall clocks, with stamps from elsewhere.
    @Test(arguments: Seed.first(50))
    func stampsIncreaseWhateverTheWallClockDoes(seed: Seed) {
        var generator = seed.generator
        var clock = HybridClock()
        var now: Int64 = 1_764_000_000_000
        var last = HybridTimestamp.zero
        for _ in 0..<500 {
            switch generator.next() % 12 {
            case 0: now -= Int64(generator.next() % 100_000)
            case 1: now += Int64(generator.next() % 100_000)
            case 2: now = Int64(bitPattern: generator.next()) >> (generator.next() % 64)
            case 3: clock.observe(.at(generator.next() >> (16 + generator.next() % 32)))
            case 4: now = generator.pick([.min, .max, 0, -1, 1 << 47, (1 << 47) - 1, 1 << 48])
            case 5...8: now = now &+ 1
            default: break
            }
            if now.magnitude > 1 << 62 { now = 1_764_000_000_000 }
            let seen = clock.latest
            let stamp = clock.stamp(at: wall(now))
            #expect(stamp > last && stamp > seen, "\(seed) at \(now)")
            #expect(clock.latest == stamp, "\(seed)")
            last = stamp
        }
    }

    @Test func timestampsAreOrderedByEpochThenTicks() {
        let ascending = [
            HybridTimestamp.zero, .at(0, 1), .at(1), HybridTimestamp(epoch: 1, ticks: 0),
            HybridTimestamp(epoch: 1, ticks: 1), HybridTimestamp(epoch: 2, ticks: 0),
        ]
        for (index, stamp) in ascending.enumerated() {
            for (otherIndex, other) in ascending.enumerated() {
                #expect((stamp < other) == (index < otherIndex))
            }
        }
        #expect(ascending[4].description == "0+1@1")
    }
}
