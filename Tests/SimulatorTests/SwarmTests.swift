import Foundation
import Simulator
import Synchronization
import Testing

/// Random worlds, and what is kept of those that broke a rule.
@Suite("Random worlds")
struct SwarmTests {
    private static let folder = ScenarioFiles.folder + "/seeds"

    private static func histories() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".yaml") }.sorted()
    }

    @Test("no rule is broken", arguments: UInt64(0)..<24)
    func noRuleIsBroken(seed: UInt64) {
        let run = SwarmRun.run(seed: seed)
        #expect(run.violation == nil, "caravan-sim run --swarm --seed \(seed)")
    }

    @Test("every history that broke a rule once breaks none")
    func historiesPass() throws {
        let names = try Self.histories()
        #expect(names.count >= 5)
        for name in names {
            let text = try String(contentsOfFile: Self.folder + "/" + name, encoding: .utf8)
            #expect(SwarmFile.isScript(text))
            let run = SwarmRun.run(try SwarmFile.script(from: text))
            #expect(run.violation == nil, "caravan-sim run Simulations/seeds/\(name)")
        }
    }

    @Test("a script is read as it was written, and does the same")
    func scriptsAreFiles() throws {
        let script = SwarmScript(drawnFrom: 11)
        let text = try SwarmFile.text(of: script, comments: ["for people"])
        let read = try SwarmFile.script(from: text)
        #expect(read == script)
        let (one, other) = (SwarmRun.run(script), SwarmRun.run(read))
        #expect(one.traceHash == other.traceHash)
        #expect(one.operations == other.operations)
        #expect(SwarmRun.run(seed: 12).traceHash != one.traceHash)
    }

    @Test("a history of a later version is refused")
    func laterVersionsAreRefused() throws {
        #expect(throws: SwarmFileError.self) { try SwarmFile.script(from: "history: 2\nseed: 1\n") }
        #expect(!SwarmFile.isScript("scenario: tiny\n"))
    }

    @Test("scripts hold faults of every class")
    func everyClassIsDrawn() {
        var faults = FaultTally()
        for seed in UInt64(100)..<140 { faults.add(SwarmRun.run(seed: seed).faults) }
        for fault in FaultClass.allCases { #expect(faults[fault] > 0, "\(fault)") }
    }

    @Test("a sweep runs each seed once, and one in twenty twice")
    func sweepsCount() async {
        var options = SwarmSweep.Options(seeds: 0..<21)
        options.jobs = 2
        let sweep = SwarmSweep(options)
        await sweep.run()
        let report = sweep.report
        #expect(report.seeds == 21)
        #expect(report.runTwice == 2)
        #expect(report.failures.isEmpty)
        #expect(report.passed == 21)
        #expect(report.deviceHours > 0 && report.deviceHours <= report.virtualDeviceHours)
    }

    @Test("a seed that does something else the second time fails the sweep")
    func differencesAreFound() async {
        let scripts = [SwarmScript(drawnFrom: 1), SwarmScript(drawnFrom: 2)]
        let turn = Turn()
        let sweep = SwarmSweep(SwarmSweep.Options(seeds: 0..<1)) { _ in
            SwarmRun.run(scripts[turn.next() % 2])
        }
        await sweep.run()
        #expect(sweep.report.failures.map(\.violation.rule) == [.determinism])
    }

    @Test("a script that breaks no rule is not shrunk")
    func nothingToShrink() {
        #expect(SwarmShrinker(SwarmScript(drawnFrom: 0)) == nil)
    }
}

/// Counts calls.
private final class Turn: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}
