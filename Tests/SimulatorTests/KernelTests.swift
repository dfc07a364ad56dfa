import FleetModel
import Simulator
import Testing

@Suite("Schedule, connectivity and metering")
struct KernelTests {
    @Test("a link is up while both ends run, have a signal, and nothing has cut it")
    func connectivityFollowsItsThreeCauses() throws {
        let scenario = try Scenario.parse(
            Worlds.fleet(of: 3, topology: "mesh"), file: "test.yaml")
        var connectivity = Connectivity(of: scenario)
        #expect(connectivity.apply(.crash(device: 0)).map(\.isUp) == [false, false])
        #expect(connectivity.apply(.links(.cut(.all))).map(\.isUp) == [false])
        #expect(connectivity.apply(.restart(device: 0)) == [])
        #expect(connectivity.apply(.links(.heal)).map(\.isUp) == [true, true, true])
        #expect(connectivity.apply(.say("nothing")) == [])
        #expect(connectivity.isRunning(device: 0))
    }

    @Test("a schedule is in order and the same for a seed")
    func scheduleIsOrdered() throws {
        let scenario = try Scenario.parse(Worlds.pair, file: "test.yaml")
        let schedule = Schedule(of: scenario, random: SeededRandom(seed: 4))
        let times = schedule.events.map(\.at)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        let again = Schedule(of: scenario, random: SeededRandom(seed: 4))
        #expect(again.events.map(\.at) == times)
        let other = Schedule(of: scenario, random: SeededRandom(seed: 5))
        #expect(other.events.map(\.at) != times)
    }

    @Test("a device reserves what it lacks before it uses it, and nothing more")
    func meteringAsksForTheShortfall() {
        var meter = Metering()
        #expect(meter.shortfall(for: ByteCount(10)) == ByteCount(10))
        meter.didReserve(ByteCount(100))
        #expect(meter.shortfall(for: ByteCount(10)) == nil)
        meter.didUse(ByteCount(95))
        #expect(meter.shortfall(for: ByteCount(5)) == nil)
        #expect(meter.shortfall(for: ByteCount(6)) == ByteCount(1))
    }
}
