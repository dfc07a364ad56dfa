import Caravan
import Foundation

/// Measures the library against SQLite through its C interface, and against fixed limits.
@main
enum CaravanBench {
    private static let usage = """
        usage: caravan-bench [--json]

        Measures Caravan against plain SQLite on the same table, with the same settings.
        Exit status: 0 if every limit is held, 1 if one is not, 2 if it could not be measured.

          --json   print the findings as JSON
          --help   print this
        """

    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard !arguments.contains("--help") else { return print(usage) }
        guard arguments.allSatisfy({ $0 == "--json" }) else { fail(usage) }
        do {
            let report = Report(findings: try await Workspace.with { try await measure(in: $0) })
            print(arguments.isEmpty ? report.table : try report.json())
            exit(report.isHeld ? 0 : 1)
        } catch {
            fail("caravan-bench: \(error)")
        }
    }

    private static func measure(in workspace: Workspace) async throws -> [Finding] {
        let fixture = workspace.path("ten-thousand")
        try await Fixtures.tenThousandCells(in: fixture)
        let settings = try await withReplica(at: fixture) { try await ConnectionSettings(of: $0) }
        note("both sides: \(settings.description)")

        // Memory first: what other workloads allocate and free would hide it.
        let many = try await ManyReplicas(fixture: fixture, workspace: workspace).run()
        note("replicas in one process: done")
        var findings = try await DurableWrite(
            fixture: fixture, settings: settings, workspace: workspace
        ).run()
        note("durable writes: done")
        findings += try await UsageRecords(
            fixture: fixture, settings: settings, workspace: workspace
        ).run()
        note("usage records: done")
        for lane in [Lane.usage, .settings] {
            findings += try await DeltaExchange(
                lane: lane, settings: settings, workspace: workspace
            ).run()
            note("exchange of the lane \(lane): done")
        }
        findings += try await Opening(fixture: fixture, workspace: workspace).run()
        return findings + many
    }

    /// Tells people how far it is, without a word on standard output.
    private static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    private static func fail(_ text: String) -> Never {
        note(text)
        exit(2)
    }
}
