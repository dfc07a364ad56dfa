import Caravan
import Foundation

/// Measures the library against SQLite through its C interface, and against fixed limits.
@main
enum CaravanBench {
    private static let usage = """
        usage: caravan-bench [--json] [WORKLOAD...]

        Measures Caravan against plain SQLite on the same table, with the same settings.
        Exit status: 0 if every limit is held, 1 if one is not, 2 if it could not be measured.

          WORKLOAD   \(Workload.allCases.map(\.rawValue).joined(separator: ", ")); all by default
          --json     print the findings as JSON
          --help     print this
        """

    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard !arguments.contains("--help") else { return print(usage) }
        let names = arguments.filter { $0 != "--json" }
        let workloads = names.compactMap(Workload.init)
        guard workloads.count == names.count else { fail(usage) }
        do {
            let report = Report(
                findings: try await Workspace.with {
                    try await measure(workloads.isEmpty ? Workload.allCases : workloads, in: $0)
                })
            print(arguments.contains("--json") ? try report.json() : report.table)
            exit(report.isHeld ? 0 : 1)
        } catch {
            fail("caravan-bench: \(error)")
        }
    }

    /// What can be measured; memory first, because what others allocate and free would hide it.
    private enum Workload: String, CaseIterable {
        case memory, write, usage, exchange, tcp, opening
    }

    private static func measure(
        _ workloads: [Workload], in workspace: Workspace
    ) async throws -> [Finding] {
        let fixture = workspace.path("ten-thousand")
        try await Fixtures.tenThousandCells(in: fixture)
        let settings = try await withReplica(at: fixture) { try await ConnectionSettings(of: $0) }
        note("both sides: \(settings.description)")
        var findings: [Finding] = []
        for workload in Workload.allCases where workloads.contains(workload) {
            switch workload {
            case .memory:
                findings += try await ManyReplicas(fixture: fixture, workspace: workspace).run()
            case .write:
                findings += try await DurableWrite(
                    fixture: fixture, settings: settings, workspace: workspace
                ).run()
            case .usage:
                findings += try await UsageRecords(
                    fixture: fixture, settings: settings, workspace: workspace
                ).run()
            case .exchange:
                for lane in [Lane.usage, .settings] {
                    findings += try await DeltaExchange(
                        lane: lane, settings: settings, workspace: workspace
                    ).run()
                }
            case .tcp: findings += try await SyncOverTCP(workspace: workspace).run()
            case .opening:
                findings += try await Opening(fixture: fixture, workspace: workspace).run()
            }
            note("\(workload.rawValue): done")
        }
        return findings
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
