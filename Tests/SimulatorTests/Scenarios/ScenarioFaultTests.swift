import Simulator
import Testing

/// What befalls devices in a scenario has the effect that it says, and expectations can fail.
@Suite("Faults and expectations of scenarios")
struct ScenarioFaultTests {
    private static func run(
        _ timeline: [String], expect: String = "{}", usage: String = "none", more: String = "",
        seed: UInt64 = 1
    ) throws -> RunReport {
        let steps = timeline.map { "  - \($0)\n" }.joined()
        return try Worlds.run(
            """
            scenario: faults
            duration: 10m
            devices: {a: {class: phone}, b: {class: phone}, c: {class: phone}}
            profiles: [{iccid: 8999999000000001014, nickname: Old}]
            rights: [{name: seat, holder: a}]
            pool: {grant: 1GB}
            usage: \(usage)
            \(more)
            timeline:
            \(steps)
            expect: \(expect)
            """, seed: seed)
    }

    private static let edit =
        "{at: 2m, edit: {device: a, profile: 8999999000000001014, field: nickname, value: New}}"

    private static func asked(_ device: String, at time: String, _ value: String) -> String {
        "{at: \(time), expect: {device: \(device), profile: 8999999000000001014, "
            + "field: nickname, is: \(value)}}"
    }

    @Test(
        "each expectation fails where it is not met",
        arguments: [
            ("{bytes-at-most: 10B}", false), ("{bytes-at-most: 10MB}", true),
            ("{conflicts-at-least: 1}", false), ("{conflicts-at-least: 0}", true),
            ("{refusals: 1}", false), ("{refusals: 0..1}", true),
            ("{values: [{members: 2}]}", false), ("{values: [{members: 3}]}", true),
            ("{values: [{pool: granted, is: 2GB}]}", false),
            ("{values: [{pool: granted, at-least: 1GB}]}", true),
            ("{values: [{right: seat, is: nobody}]}", false),
            ("{values: [{right: seat, is: a}]}", true),
            ("{values: [{record: r, is: x}]}", false), ("{values: [{record: r, is: ~}]}", true),
            ("{values: [{profile: 8999999000000001014, field: nickname, is: Old}]}", false),
            ("{values: [{profile: 8999999000000001014, field: nickname, is: New}]}", true),
            ("{values: [{device: b, members: 4}]}", false),
        ])
    func expectationsFail(expect: String, holds: Bool) throws {
        let report = try Self.run([Self.edit], expect: expect)
        #expect(report.passed == holds)
        #expect(Set(report.violations.map(\.rule)) == (holds ? [] : [.expectation]))
    }

    @Test("a process that stands still hears nothing, and everything once it goes on")
    func pausing() throws {
        let report = try Self.run([
            "{at: 1m, pause: b}", Self.edit, "{at: 4m, resume: b}",
            Self.asked("c", at: "3m", "New"), Self.asked("b", at: "4m30s", "New"),
        ])
        #expect(report.violations == [])
        // A pause until the end is over at the end.
        let late = try Self.run(["{at: 1m, pause: b}", Self.edit])
        #expect(late.passed)
        let early = try Self.run([
            "{at: 1m, pause: b}", Self.edit, Self.asked("c", at: "3m", "Old"),
        ])
        #expect(early.violations.map(\.rule) == [.expectation])
    }

    @Test("nothing acknowledged is lost when the power fails", arguments: UInt64(1)...10)
    func powerCuts(seed: UInt64) throws {
        let cuts = (1...8).map {
            ["{at: \($0)m, power-cut: a}", "{at: \($0)m10s, restart: a}"]
        }
        let report = try Self.run(
            cuts.flatMap { $0 }, usage: "{every: 1s, bytes: 1kB..10kB}", seed: seed)
        #expect(report.violations == [])
        #expect(report.passed)
    }

    @Test("what a disk does not take is not acknowledged, and the device goes on afterwards")
    func disks() throws {
        for state in ["full", "failing"] {
            let report = try Self.run(
                [
                    "{at: 1m, disk: {device: a, state: \(state)}}", Self.edit,
                    Self.asked("b", at: "3m", "Old"),
                    "{at: 4m, disk: {device: a, state: healthy}}",
                    "{at: 5m, write: {device: a, record: r, value: x}}",
                ], expect: "{values: [{record: r, is: x}]}")
            #expect(report.violations == [])
            #expect(report.passed)
        }
    }

    @Test("of a device that is lost, what others knew stays")
    func losing() throws {
        let report = try Self.run(
            [
                Self.edit, "{at: 3m, cut: a}", "{at: 4m, use: {device: a, bytes: 1MB}}",
                "{at: 4m, write: {device: a, record: r, value: only a}}", "{at: 5m, lose: a}",
            ], expect: "{values: [{record: r, is: ~}, {pool: used, is: 0}]}")
        #expect(report.violations == [])
        #expect(report.devices.map(\.name) == ["b", "c"])
    }

    @Test("a device that joins knows everything, and is known")
    func joining() throws {
        let report = try Self.run(
            [
                "{at: 1m, expect: {device: a, members: 2}}", Self.edit, "{at: 4m, join: c}",
                Self.asked("c", at: "5m", "New"),
            ], expect: "{values: [{members: 3}]}")
        #expect(report.violations == [])
    }

    @Test("where clocks are wrong the greater time wins, and nothing is called lost")
    func clocks() throws {
        let report = try Self.run([
            "{at: 1m, cut: all}", "{at: 1m, clock: {device: a, ahead: 1d}}", Self.edit,
            "{at: 3m, edit: {device: b, profile: 8999999000000001014, field: nickname, value: B}}",
            "{at: 4m, restore: all}", Self.asked("c", at: "5m", "New"),
        ])
        #expect(report.violations == [])
    }

    @Test("strangers of every kind change nothing")
    func strangers() throws {
        let visits = ["malformed", "hostile", "other-version", "portal"].enumerated().map {
            "{at: \($0 + 1)m, visit: {device: a, by: \($1)}}"
        }
        let report = try Self.run(visits, usage: "{every: 10s, bytes: 1kB}")
        #expect(report.violations == [])
    }

    @Test("rights that end with their lease are nobody's, and the pool holds")
    func leases() throws {
        let report = try Self.run(
            [
                "{at: 1m, hand: {device: a, to: b, bytes: 10MB, lease: {for: 2m}}}",
                "{at: 2m, use: {device: b, bytes: 1MB}}",
                "{at: 4m, use: {device: b, bytes: 5MB}}",
            ], expect: "{refusals: 1, values: [{pool: used, is: 1MB}]}")
        #expect(report.violations == [])
    }

    @Test("a billing period counts anew, and nothing is lost of the one before")
    func periods() throws {
        let report = try Self.run(
            [
                "{at: 1m, use: {device: a, bytes: 3MB}}", "{at: 2m, period: {device: b, name: X}}",
                "{at: 3m, use: {device: a, bytes: 2MB}}",
            ],
            expect: "{values: [{pool: used, is: 5MB}, {pool: used-in-period, is: 2MB}]}")
        #expect(report.violations == [])
    }
}
