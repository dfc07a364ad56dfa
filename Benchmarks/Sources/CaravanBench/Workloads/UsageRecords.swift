import Caravan

/// A thousand usage records of keys that are new, in one write.
///
/// A record of one direction is one cell, one of both directions is two. C reads and writes the
/// very rows that the library writes, in the same order: those of a rehearsal.
struct UsageRecords {
    private static let rounds = 15
    private static let records = 1000

    /// A folder with a closed replica of ten thousand cells.
    let fixture: String
    let settings: ConnectionSettings
    let workspace: Workspace

    func run() async throws -> [Finding] {
        [
            try await run(onlyReceived: true, "1,000 usage records in one write, one direction"),
            try await run(onlyReceived: false, "1,000 usage records in one write, both directions"),
        ]
    }

    private func run(onlyReceived: Bool, _ name: String) async throws -> Finding {
        let rounds = try await rehearse(onlyReceived: onlyReceived)
        let replica = try Replica.open(at: workspace.copy(of: fixture, named: "usage"))
        let folder = try workspace.copy(of: fixture, named: "usage-plain")
        let table = try PlainTable(at: Workspace.database(in: folder), settings)
        let outcome = try await Contest(rounds: Self.rounds) { round in
            try await measured { try await write(round, onlyReceived, to: replica) }
        } plain: { round in
            try await measured { try table.readAndUpsert(rounds[round]) }
        }.run()
        try await replica.close()
        try workspace.remove(replica.folder)
        try workspace.remove(folder)
        return Finding(name, outcome, atLeast: 0.5)
    }

    private func write(_ round: Int, _ onlyReceived: Bool, to replica: Replica) async throws {
        let first = Fixtures.records + round * Self.records
        try await replica.write {
            try Fixtures.recordUsage(
                first..<first + Self.records, onlyReceived: onlyReceived, to: $0)
        }
    }

    /// The rows that the library writes in each round.
    private func rehearse(onlyReceived: Bool) async throws -> [PlainTable.Rows] {
        let folder = try workspace.copy(of: fixture, named: "rehearsal")
        try await withReplica(at: folder) { replica in
            for round in 0...Self.rounds { try await write(round, onlyReceived, to: replica) }
        }
        let table = try PlainTable(at: Workspace.database(in: folder), settings)
        let cells = Self.records * (onlyReceived ? 1 : 2)
        // In a copy the library goes on as a new writer, who counts from 1.
        let rounds = try (0...Self.rounds).map { round in
            try table.rows(
                of: .usage, 1 + round * cells..<1 + (round + 1) * cells, by: .sequence)
        }
        try workspace.remove(folder)
        return rounds
    }
}
