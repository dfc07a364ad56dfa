import Foundation
import Testing

/// What `caravan-sim` says of files before it runs them, and files that only one kind of run can
/// run.
@Suite("Checking scenarios")
struct ScenarioCheckToolTests {
    private let folder: SimulatorFolder

    /// Three devices, one of which stands still for a while.
    private static let scenario = """
        scenario: still
        duration: 2m
        timescale: 20
        devices: {phone: {class: phone}, laptop: {class: laptop}, tablet: {class: tablet}}
        pool: {grant: 1GB, from: phone}
        profiles:
          - {iccid: 8999999000000001014, nickname: Old, provider: P, apn: a, roaming: true}
        usage: none
        timeline:
          - {at: 20s, pause: laptop}
          - at: 40s
            edit: {device: phone, profile: 8999999000000001014, field: nickname, value: New}
          - {at: 60s, join: tablet}
          - {at: 80s, resume: laptop}
          - at: 110s
            expect: {device: laptop, profile: 8999999000000001014, field: nickname, is: New}
        expect: {values: [{members: 3}]}
        """

    init() throws {
        folder = try SimulatorFolder()
        try folder.write(Self.scenario, to: "still.yaml")
    }

    @Test("a file without mistakes ends with 0, one with several names them all and ends with 2")
    func checks() async throws {
        let good = try await folder.run("check", "still.yaml")
        #expect(good.status == 0)
        #expect(good.output == "still.yaml: no mistakes in this scenario\n")
        try folder.write(
            Self.scenario.replacing("1GB", with: "1GX").replacing("at: 20s", with: "at: 20"),
            to: "bad.yaml")
        let bad = try await folder.run("check", "bad.yaml", "still.yaml")
        #expect(bad.status == 2)
        #expect(bad.output.contains("bad.yaml:5:15: unknown unit 'GX'"))
        #expect(bad.output.contains("bad.yaml:10:10: '20' is not a duration"))
        #expect(bad.output.contains("\n    - {at: 20, pause: laptop}\n           ^\n"))
        let json = try await folder.run("check", "bad.yaml", "still.yaml", "--json")
        #expect(json.status == 2)
        let report = try json.object()
        #expect(report["passed"] as? Bool == false)
        let files = try #require(report["files"] as? [[String: any Sendable]])
        #expect(files.compactMap { $0["kind"] as? String } == ["scenario", "scenario"])
        #expect(files.map { ($0["mistakes"] as? [any Sendable])?.count } == [2, 0])
        #expect(try await folder.run("check", "nowhere.yaml").status == 2)
        #expect(try await folder.run("check").status == 2)
    }

    @Test("a process that stands still and one that joins pass with real processes")
    func liveStandsStill() async throws {
        let virtual = try await folder.run("run", "still.yaml", "--json")
        #expect(virtual.status == 0, "\(virtual.errors) \(virtual.output)")
        let live = try await folder.run("live", "still.yaml", "--json")
        #expect(live.status == 0, "\(live.errors) \(live.output)")
        #expect(try live.object()["violations"] as? [String] == [])
    }

    @Test("what only virtual time can do, and too many devices, are refused at once")
    func liveRefuses() async throws {
        try folder.write(
            Self.scenario.replacing("pause: laptop", with: "power-cut: laptop")
                .replacing("resume: laptop", with: "restart: laptop"), to: "power.yaml")
        let power = try await folder.run("live", "power.yaml")
        #expect(power.status == 2)
        #expect(power.errors.contains("line 10: a failing disk exists in virtual time only"))
        try folder.write(
            "scenario: many\nduration: 1m\ndevices: {d: {class: other, count: 65}}\n",
            to: "many.yaml")
        let many = try await folder.run("live", "many.yaml")
        #expect(many.status == 2)
        #expect(many.errors.contains("65 devices are too many for real processes"))
    }

    @Test("made-up links are printed, the same for the same seed, and can be used")
    func madeUpLinks() async throws {
        let arguments = ["trace-link", "--rate", "500", "--seconds", "20", "--seed", "4"]
        let first = try await folder.run(arguments)
        let second = try await folder.run(arguments)
        #expect(first.status == 0 && first.output == second.output)
        try folder.write(first.output, to: "link.trace")
        #expect(try await folder.run("check", "link.trace").status == 0)
        try folder.write(Self.scenario + "\nlinks: {trace: link.trace}\n", to: "link.yaml")
        #expect(try await folder.run("run", "link.yaml", "--json").status == 0)
    }
}
