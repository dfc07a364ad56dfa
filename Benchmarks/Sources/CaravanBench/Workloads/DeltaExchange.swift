import Caravan
import Foundation

/// Exporting a hundred thousand cells that a peer lacks, and applying them where nothing is yet.
struct DeltaExchange {
    private static let rounds = 3
    private static let cells = 100_000

    let lane: Lane
    let settings: ConnectionSettings
    let workspace: Workspace

    func run() async throws -> [Finding] {
        let path = workspace.path("delta-\(lane)")
        try Fixtures.store(of: Self.cells, in: lane, at: path)
        let copy = try workspace.copy(of: path, named: "delta-\(lane)-plain")
        let source = try ReplicaStore.open(at: path)
        let table = try PlainTable(at: copy, settings)
        let findings = [
            try await apply(from: source, table), try await export(from: source, table),
        ]
        try source.close()
        return findings
    }

    /// C scans the index over the writes in their order, and reads all columns.
    private func export(from source: ReplicaStore, _ table: PlainTable) async throws -> Finding {
        let outcome = try await Contest(rounds: Self.rounds) { _ in
            var count = 0
            let duration = try await measured {
                count = try source.segment(of: lane, since: VersionVector()).cells.count
            }
            try expectAll(count)
            return duration
        } plain: { _ in
            var count = 0
            let duration = try await measured { count = try table.scan(lane) }
            try expectAll(count)
            return duration
        }.run()
        return Finding("exporting 100,000 cells of the lane \(lane)", outcome, atLeast: 0.5)
    }

    /// C selects and upserts the same rows in the same order, in one transaction.
    private func apply(from source: ReplicaStore, _ table: PlainTable) async throws -> Finding {
        let segment = try source.segment(of: lane, since: VersionVector())
        let rows = try table.rows(of: lane, 1..<1 + Self.cells, by: .key)
        let empty = workspace.path("empty-\(lane)")
        try Fixtures.emptyStore(at: empty)
        let outcome = try await Contest(rounds: Self.rounds) { _ in
            let path = try workspace.copy(of: empty, named: "applied")
            let store = try ReplicaStore.open(at: path)
            let duration = try await measured { _ = try store.apply(segment) }
            let count = try store.query("SELECT count(*) FROM cell").rows.first?.first
            try store.close()
            try workspace.remove(path)
            guard case .integer(let count) = count else { throw Self.incomplete(0) }
            try expectAll(Int(count))
            return duration
        } plain: { _ in
            let path = try workspace.copy(of: empty, named: "applied")
            let duration: Duration
            do {
                let table = try PlainTable(at: path, settings.applying(cells: Self.cells))
                duration = try await measured { try table.readAndUpsert(rows) }
            }
            try workspace.remove(path)
            return duration
        }.run()
        return Finding("applying 100,000 cells of the lane \(lane)", outcome, atLeast: 0.5)
    }

    private func expectAll(_ count: Int) throws {
        guard count == Self.cells else { throw Self.incomplete(count) }
    }

    private static func incomplete(_ count: Int) -> PlainTable.Failure {
        PlainTable.Failure(description: "\(count) cells instead of \(cells)")
    }
}
