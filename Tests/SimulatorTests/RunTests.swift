import FleetModel
import Foundation
import Simulator
import Testing

@Suite("Runs in virtual time")
struct RunTests {
    private static func shipped() throws -> Scenario {
        try Scenario.load(path: ScenarioFiles.folder + "/rail-de-ch.yaml")
    }

    @Test("the shipped border crossing passes", arguments: UInt64(1)...12)
    func shippedScenarioPasses(seed: UInt64) throws {
        let report = try SimulatedRun(scenario: try Self.shipped(), seed: seed).run()
        #expect(report.passed, "caravan-sim run Simulations/rail-de-ch.yaml --seed \(seed)")
        #expect(report.violations.isEmpty)
        #expect(Set(report.devices.map(\.digest)).count == 1)
        #expect(report.pool.reserved <= report.pool.granted)
        #expect(report.devices.allSatisfy { $0.usageBytes > 0 })
    }

    @Test("every seed that ever failed passes")
    func regressionSeedsPass() throws {
        let folder = ScenarioFiles.folder
        let text = try String(contentsOfFile: folder + "/seeds/regressions.txt", encoding: .utf8)
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            let seed = try #require(words.count >= 2 ? UInt64(words[1]) : nil, "\(line)")
            let scenario = try Scenario.load(path: folder + "/\(words[0])")
            let report = try SimulatedRun(scenario: scenario, seed: seed).run()
            #expect(report.passed, "caravan-sim run Simulations/\(words[0]) --seed \(seed)")
        }
    }

    @Test("one seed gives one report, to the last byte")
    func sameSeedSameRun() throws {
        let first = try Worlds.run(Worlds.pair, seed: 5)
        let second = try Worlds.run(Worlds.pair, seed: 5)
        #expect(first == second)
        #expect(first.traceHash != nil)
        #expect(try Worlds.run(Worlds.pair, seed: 6).traceHash != first.traceHash)
    }

    @Test("of two edits of one field on both sides of a cut the later one is everywhere")
    func laterEditWins() throws {
        let report = try Worlds.run(Worlds.pair)
        #expect(report.passed)
        #expect((report.secondsToConverge ?? .infinity) < 5)
    }

    @Test("any topology converges", arguments: ["mesh", "ring", "line", "star d2"])
    func topologiesConverge(topology: String) throws {
        let report = try Worlds.run(Worlds.fleet(of: 6, topology: topology), seed: 3)
        #expect(report.passed)
        #expect(report.devices.count == 6)
    }

    @Test("one device alone is a fleet too")
    func aloneConverges() throws {
        let report = try Worlds.run(Worlds.fleet(of: 1, topology: "mesh"))
        #expect(report.passed)
        #expect(report.wire.bytes == 0)
    }

    @Test("what is still cut, split or down at the end is mended before the judgement")
    func faultsEndWithTheScenario() throws {
        let timeline = """
            timeline:
              - {at: 1m, split: [[d0, d1], [d2, d3]]}
              - {at: 2m, crash: d3}
              - {at: 2m, cut: {between: [d0, d1]}}
            """
        let report = try Worlds.run(Worlds.fleet(of: 4, topology: "mesh", timeline: timeline))
        #expect(report.passed)
    }

    @Test("a pool that runs dry in a partition is not overdrawn", arguments: UInt64(1)...5)
    func dryPoolHolds(seed: UInt64) throws {
        let report = try Worlds.run(
            """
            scenario: dry
            duration: 30m
            devices:
              phone: {class: phone, share: 50%}
              laptop: {class: laptop, share: 50%}
            pool: {grant: 20MB, from: phone}
            usage: {every: 10s, bytes: 100kB..2MB}
            timeline:
              - {at: 1m, cut: all}
              - {at: 20m, restore: all}
              - {at: 25m, grant: {device: laptop, bytes: 5MB, valid: 1d}}
            """, seed: seed)
        #expect(report.passed)
        #expect(report.pool.granted == 25_000_000)
        #expect(report.pool.reserved <= report.pool.granted)
        #expect(report.pool.used <= report.pool.reserved)
        #expect(report.pool.reserved > 20_000_000)
    }

    @Test("a process that is killed again and again loses nothing")
    func killedAgainAndAgain() throws {
        let kills = (1...8).map {
            "  - {at: \($0 * 30)s, crash: d1}\n  - {at: \($0 * 30 + 10)s, restart: d1}"
        }
        let timeline = "timeline:\n" + kills.joined(separator: "\n")
        let report = try Worlds.run(Worlds.fleet(of: 3, topology: "line", timeline: timeline))
        #expect(report.passed)
    }

    @Test("a removed profile is gone although another device edited it meanwhile")
    func removalBeatsEdit() throws {
        let report = try Worlds.run(
            """
            scenario: removal
            duration: 5m
            devices: {phone: {class: phone}, tablet: {class: tablet}}
            profiles: [{iccid: 8999999000000001014, nickname: Old}]
            timeline:
              - {at: 1m, cut: all}
              - {at: 2m, remove-profile: {device: phone, profile: 8999999000000001014}}
              - at: 3m
                edit:
                  {device: tablet, profile: 8999999000000001014, field: nickname, value: New}
              - {at: 4m, restore: all}
            """)
        #expect(report.passed)
    }

    @Test("too slow a reconnection is a violation")
    func slowConvergenceIsReported() throws {
        let report = try Worlds.run(Worlds.pair + "\nexpect: {converge-within: 1ms}")
        #expect(!report.passed)
        #expect(report.violations.map(\.rule) == [.slow])
    }
}
