import Foundation
import Simulator
import Testing

/// The scenarios that this package ships.
enum ShippedScenarios {
    /// The folders of `Simulations` that hold scenarios.
    static let folders = ["features", "borders", "faults", "fleets"]

    /// All of them, as paths below `Simulations`.
    static let all: [String] = {
        let inFolders = folders.flatMap { folder in
            names(in: ScenarioFiles.folder + "/" + folder).map { folder + "/" + $0 }
        }
        return ["rail-de-ch.yaml"] + inFolders.sorted()
    }()

    /// Those that run in seconds.
    static let quick = all.filter { $0 != "fleets/thousand.yaml" }

    private static func names(in folder: String) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".yaml") }
        } catch {
            return []
        }
    }
}

@Suite("The shipped scenarios")
struct ShippedScenarioTests {
    @Test("are all there")
    func areThere() { #expect(ShippedScenarios.all.count >= 29) }

    @Test("have no mistakes and say what they show", arguments: ShippedScenarios.all)
    func haveNoMistakes(name: String) throws {
        let check = FileCheck.check(path: ScenarioFiles.folder + "/" + name)
        #expect(check.kind == .scenario)
        #expect(check.mistakes == [])
        let scenario = try Scenario.load(path: ScenarioFiles.folder + "/" + name)
        #expect(scenario.title != scenario.name)
        #expect(scenario.expectation != .none)
    }

    @Test("pass in virtual time, with several seeds", arguments: ShippedScenarios.quick)
    func pass(name: String) throws {
        let scenario = try Scenario.load(path: ScenarioFiles.folder + "/" + name)
        for seed in 1...(name.hasPrefix("fleets") ? 1 : 3) as ClosedRange<UInt64> {
            let report = try SimulatedRun(scenario: scenario, seed: seed).run()
            #expect(report.passed, "caravan-sim run Simulations/\(name) --seed \(seed)")
            #expect(report.violations == [])
        }
    }

    @Test("the fleet of a thousand has the shape that its smaller one is run with here")
    func smallerFleetPasses() throws {
        let path = ScenarioFiles.folder + "/fleets/thousand.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let scenario = try Scenario.parse(text, file: path)
        #expect(scenario.devices.count == 1000)
        #expect(scenario.links.count == 999)
        let smaller =
            text
            .replacing("count: 399", with: "count: 50").replacing("count: 300", with: "count: 40")
            .replacing("count: 200", with: "count: 30").replacing("count: 100", with: "count: 20")
            .replacing("watch-100", with: "watch-20")
            .replacing("members: 1000", with: "members: 141")
        let report = try SimulatedRun(
            scenario: try Scenario.parse(smaller, file: path), seed: 1
        ).run()
        #expect(report.violations == [])
        #expect(report.passed && report.devices.count == 141)
    }
}
