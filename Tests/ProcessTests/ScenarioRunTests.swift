import Foundation
import Testing

/// The `caravan-sim` command, in both kinds of run.
@Suite("Running scenarios")
struct ScenarioRunTests {
    private let folder: SimulatorFolder

    /// Two devices, apart for a while, that set one field on both sides and die once.
    private static let scenario = """
        scenario: tiny
        duration: 2m
        timescale: 40
        devices:
          phone: {class: phone, share: 60%}
          laptop: {class: laptop, share: 40%}
        pool: {grant: 1GB, from: phone}
        profiles:
          - {iccid: 8999999000000001014, nickname: Travel, provider: P, apn: a, roaming: true}
        usage: {every: 4s, bytes: 100kB..1MB}
        timeline:
          - {at: 20s, cut: all}
          - at: 30s
            edit: {device: phone, profile: 8999999000000001014, field: nickname, value: A}
          - at: 45s
            edit: {device: laptop, profile: 8999999000000001014, field: nickname, value: B}
          - {at: 60s, restore: all}
          - {at: 80s, crash: laptop}
          - {at: 90s, restart: laptop}
        """

    init() throws {
        folder = try SimulatorFolder()
        try folder.write(Self.scenario, to: "tiny.yaml")
    }

    @Test("one seed does the same in two processes, and says so as one object")
    func sameSeedSameHash() async throws {
        let first = try await folder.run("run", "tiny.yaml", "--seed", "7", "--json")
        let second = try await folder.run("run", "tiny.yaml", "--seed", "7", "--json")
        #expect(first.status == 0)
        #expect(first.output == second.output)
        let report = try first.object()
        #expect(
            Set(report.keys) == [
                "scenario", "seed", "passed", "violations", "converged", "secondsToConverge",
                "traceHash", "wire", "pool", "devices",
            ])
        #expect(report["seed"] as? Int == 7)
        let other = try await folder.run("run", "tiny.yaml", "--seed", "8", "--json")
        #expect(try other.object()["traceHash"] as? String != report["traceHash"] as? String)
    }

    @Test("real processes pass the same scenario, and leave nothing behind")
    func livePasses() async throws {
        let run = try await folder.run("live", "tiny.yaml", "--json")
        #expect(run.status == 0, "\(run.errors) \(run.output)")
        let report = try run.object()
        #expect(report["passed"] as? Bool == true)
        #expect(report["traceHash"] == nil)
        let devices = try #require(report["devices"] as? [[String: any Sendable]])
        #expect(Set(devices.compactMap { $0["digest"] as? String }).count == 1)
        #expect(devices.allSatisfy { ($0["usageBytes"] as? Int ?? 0) > 0 })
    }

    @Test("a device process that somebody kills loses nothing that it had acknowledged")
    func liveSurvivesKills() async throws {
        let kept = folder.path + "/kept"
        let process = try DeviceTool.process(
            ["live", "tiny.yaml", "--json", "--keep", kept], in: folder.path, of: "caravan-sim")
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let victims = try await DeviceTool.onOwnThread {
            var victims = 0
            while process.isRunning, victims < 3 {
                guard let victim = Self.devices(of: process.processIdentifier).randomElement()
                else { continue }
                kill(victim, SIGKILL)
                victims += 1
                // The next one only after this one has been replaced.
                while process.isRunning,
                    Self.devices(of: process.processIdentifier).contains(victim)
                {
                    sched_yield()
                }
            }
            return victims
        }
        let text = try await DeviceTool.onOwnThread {
            try output.fileHandleForReading.readToEnd() ?? Data()
        }
        process.waitUntilExit()
        #expect(victims == 3)
        let report = try JSONSerialization.jsonObject(with: text) as? [String: Any]
        #expect(report?["passed"] as? Bool == true, "\(String(decoding: text, as: UTF8.self))")
    }

    /// The processes below `parent` that serve a replica.
    private static func devices(of parent: Int32) -> [Int32] {
        let entries: [String]
        do {
            entries = try FileManager.default.contentsOfDirectory(atPath: "/proc")
        } catch {
            return []
        }
        return entries.compactMap(Int32.init).filter { pid in
            guard let status = FileManager.default.contents(atPath: "/proc/\(pid)/status"),
                let command = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline")
            else { return false }
            return String(decoding: status, as: UTF8.self).contains("PPid:\t\(parent)\n")
                && String(decoding: command, as: UTF8.self).contains("\0serve\0")
        }
    }

    @Test("a mistake in a scenario is said with line and column, and ends with status 2")
    func mistakesEndWithTwo() async throws {
        try folder.write(Self.scenario.replacing("usage:", with: "usge:"), to: "key.yaml")
        try folder.write(Self.scenario.replacing("1GB", with: "1GX"), to: "unit.yaml")
        for (file, place) in [("key.yaml", "key.yaml:10:1: "), ("unit.yaml", "unit.yaml:7:15: ")] {
            for verb in ["run", "live"] {
                let run = try await folder.run(verb, file, "--json")
                #expect(run.status == 2)
                #expect(run.output.isEmpty)
                #expect(run.errors.contains(place), "\(run.errors)")
                #expect(run.errors.split(separator: "\n").count == 1)
            }
        }
        #expect(try await folder.run("run", "nowhere.yaml").status == 2)
        #expect(try await folder.run("run").status == 2)
        #expect(try await folder.run("fly", "tiny.yaml").status == 2)
        #expect(try await folder.run("--help").status == 0)
    }
}
