import FleetModel
import Simulator
import Testing

/// What the language of scenarios says besides the steps of `ScenarioFileTests`.
@Suite("The language of scenarios")
struct ScenarioLanguageTests {
    private static let devices = "{a: {class: phone}, b: {class: other}, c: {class: vehicle}}"

    private static func scenario(_ more: String) throws -> Scenario {
        try ScenarioFiles.minimal(
            devices: devices, and: "rights: [{name: seat, holder: b}]\n" + more)
    }

    @Test("every operation is read into its typed form")
    func operations() throws {
        let scenario = try Self.scenario(
            """
            timeline:
              - at: 1m
                allocate: {device: a, shares: {a: 100%}, lease: {for: 2h, top-up-below: 5MB}}
              - {at: 2m, hand: {device: a, to: c, bytes: 1MB, lease: {for: 1h}}}
              - {at: 3m, request: {device: b, bytes: 2MB}}
              - {at: 4m, close-part: {device: b}}
              - {at: 5m, period: {device: b, name: July}}
              - {at: 6m, retire: {device: a, other: c}}
              - {at: 7m, write: {device: a, record: consent, value: no}}
              - {at: 8m, offer: {device: b, right: seat, to: c}}
              - {at: 9m, accept: {device: c, right: seat}}
              - {at: 10m, decline: {device: c, right: seat}}
              - {at: 11m, override: {device: a, right: seat, to: b, term: 7}}
            """)
        let hour = Scenario.LeaseTerms(length: .seconds(3600), topUpBelow: .zero)
        let more = Scenario.LeaseTerms(length: .seconds(7200), topUpBelow: .megabytes(5))
        let whole = try #require(Share(basisPoints: 10_000))
        #expect(
            scenario.timeline.map(\.action) == [
                .allocate(device: 0, shares: [.init(device: 0, share: whole)], lease: more),
                .operate(device: 0, .hand(.megabytes(1), to: 2, lease: hour)),
                .operate(device: 1, .request(.megabytes(2))), .operate(device: 1, .closePart),
                .operate(device: 1, .setPeriod("July")), .operate(device: 0, .retire(2)),
                .operate(device: 0, .write(record: "consent", "no")),
                .operate(device: 1, .right("seat", .offer(to: 2))),
                .operate(device: 2, .right("seat", .accept)),
                .operate(device: 2, .right("seat", .decline)),
                .operate(device: 0, .right("seat", .override(to: 1, term: 7))),
            ])
        #expect(scenario.rights.map(\.holder) == [1])
    }

    @Test("everything that befalls a device is read into its typed form")
    func faults() throws {
        let scenario = try Self.scenario(
            """
            timeline:
              - {at: 1m, pause: a}
              - {at: 2m, resume: a}
              - {at: 3m, power-cut: a}
              - {at: 4m, restart: a}
              - {at: 5m, disk: {device: a, state: full}}
              - {at: 6m, clock: {device: a, ahead: 2h}}
              - {at: 7m, clock: {device: a, behind: 1d}}
              - {at: 8m, clock: {device: a, shows: frozen}}
              - {at: 9m, visit: {device: a, by: other-version}}
              - {at: 10m, join: c}
              - {at: 11m, lose: a}
            """)
        #expect(
            scenario.timeline.map(\.action) == [
                .befall(device: 0, .pause), .befall(device: 0, .resume),
                .befall(device: 0, .powerCut), .restart(0), .befall(device: 0, .disk(.full)),
                .befall(device: 0, .clock(.ahead(.seconds(7200)))),
                .befall(device: 0, .clock(.behind(.seconds(86_400)))),
                .befall(device: 0, .clock(.frozen)), .befall(device: 0, .visit(.otherVersion)),
                .befall(device: 2, .join), .befall(device: 0, .lose),
            ])
        #expect(scenario.joiningDevices == [2])
    }

    @Test("every question is read into its typed form")
    func questions() throws {
        let iccid = try ICCID("8999999000000001014")
        let scenario = try Self.scenario(
            """
            profiles: [{iccid: \(iccid.digits)}]
            timeline: [{at: 1m, expect: {device: c, right: seat, is: nobody}}]
            expect:
              bytes-at-most: 1MB
              conflicts-at-least: 2
              refusals: 1..3
              values:
                - {profile: \(iccid.digits), field: roaming, is: true}
                - {profile: \(iccid.digits), field: apn, is: ~}
                - {record: consent, is: [b, a]}
                - {device: a, right: seat, is: c}
                - {pool: used-in-period, at-most: 5kB}
                - {pool: granted, is: 3B}
                - {members: 3}
            """)
        guard case .expect(let asked) = scenario.timeline.first?.action else {
            Issue.record("no question")
            return
        }
        #expect(asked.device == 2 && asked.subject == .right("seat", holder: nil))
        #expect(scenario.expectation.bytesAtMost == .megabytes(1))
        #expect(scenario.expectation.conflictsAtLeast == 2)
        #expect(scenario.expectation.refusals == 1...3)
        #expect(scenario.expectation.values.map(\.device) == [nil, nil, nil, 0, nil, nil, nil])
        #expect(
            scenario.expectation.values.map(\.subject) == [
                .profile(iccid, .roaming, is: "true"), .profile(iccid, .apn, is: nil),
                .record("consent", are: ["a", "b"]), .right("seat", holder: 2),
                .pool(.usedInPeriod, 0...5000), .pool(.granted, 3...3), .members(3),
            ])
    }

    @Test("a count makes several devices, and a tree links each to the one above")
    func countsAndTrees() throws {
        let scenario = try ScenarioFiles.minimal(
            devices: "{hub: {class: router}, d: {class: phone, count: 5, share: 20%}}",
            and: "links: {topology: tree 2}")
        #expect(scenario.deviceNames == ["hub", "d-1", "d-2", "d-3", "d-4", "d-5"])
        #expect(scenario.devices.map(\.share?.basisPoints) == [nil, 2000, 2000, 2000, 2000, 2000])
        #expect(scenario.links.map { "\($0.a)\($0.b)" } == ["01", "02", "13", "14", "25"])
    }

    @Test(
        "mistakes in it are explained",
        arguments: [
            ("timeline: [{at: 1m, resume: a}]", "'a' is not paused"),
            (
                "timeline: [{at: 1m, pause: a}, {at: 2m, use: {device: a, bytes: 1B}}]",
                "'a' is paused since 1m"
            ),
            ("timeline: [{at: 1m, lose: a}, {at: 2m, crash: a}]", "'a' is lost since 1m"),
            (
                "timeline: [{at: 1m, crash: c}, {at: 2m, join: c}]", "'c' has not joined yet"
            ),
            (
                "timeline: [{at: 1m, join: c}, {at: 2m, join: c}]",
                "'c' is part of the fleet already"
            ),
            (
                "timeline: [{at: 1m, join: b}]",
                "'b' cannot join: it does something at the beginning"
            ),
            (
                "timeline: [{at: 1m, accept: {device: a, right: sead}}]",
                "unknown right 'sead'; did you mean 'seat'?"
            ),
            ("rights: [{name: x}, {name: x}]", "duplicate key 'rights' (first in line 4)"),
            (
                "timeline: [{at: 1m, disk: {device: a, state: ful}}]",
                "unknown state of a disk 'ful'; did you mean 'full'?"
            ),
            (
                "timeline: [{at: 1m, visit: {device: a, by: portl}}]",
                "unknown stranger 'portl'; did you mean 'portal'?"
            ),
            (
                "timeline: [{at: 1m, clock: {device: a}}]",
                "a clock needs one of ahead, behind, shows"
            ),
            (
                "timeline: [{at: 1m, clock: {device: a, ahead: 1h, shows: right}}]",
                "a clock needs one of ahead, behind, shows"
            ),
            (
                "expect: {values: [{is: a}]}",
                "an expectation needs one of profile, record, right, pool, members"
            ),
            ("expect: {values: [{pool: used}]}", "an amount needs is, at-least or at-most"),
            ("expect: {refusals: 5..2}", "'5..2' is not a whole number or a range such as 2..5"),
            (
                "links: {topology: tree}",
                "unknown topology 'tree'; did you mean 'tree N'?"
            ),
            ("links: {topology: tree 0}", "a tree says how many are below each, as in 'tree 8'"),
            (
                "links: {trace: nowhere.trace}",
                "found no trace \(ScenarioFiles.folder)/nowhere.trace"
            ),
            ("expect: {values: [{profile: 8999999000000001014, field: apn, is: a}]}", nil),
            (
                "timeline: [{at: 1m, expect: {device: a, profile: 8999999000000001014, "
                    + "field: apn, is: a}}]", "unknown profile '8999999000000001014'"
            ),
        ] as [(String, String?)])
    func mistakes(text: String, message: String?) {
        do {
            _ = try Self.scenario(text)
            #expect(message == nil)
        } catch {
            #expect((error as? InputError)?.message == message)
        }
    }

    @Test("a count or a name that does not fit is a mistake")
    func countMistakes() {
        for (devices, message) in [
            ("{a: {class: phone, count: 0}}", "a count goes from 1 to 1000"),
            ("{a: {class: phone, count: 1001}}", "a count goes from 1 to 1000"),
            ("{a: {class: phone, count: 2}, a-1: {class: phone}}", "two devices are called 'a-1'"),
            (
                "{a: {class: phone, count: 999}, b: {class: phone, count: 2}}",
                "a fleet has 1 to 1000 devices, found 1001"
            ),
        ] {
            let error = #expect(throws: InputError.self) {
                try ScenarioFiles.minimal(devices: devices)
            }
            #expect(error?.message == message)
        }
    }
}
