import Caravan

/// Setting one field, each time in a transaction that is on disk when it returns.
struct DurableWrite {
    private static let rounds = 9
    private static let writes = 200

    /// A folder with a closed replica of ten thousand cells.
    let fixture: String
    let settings: ConnectionSettings
    let workspace: Workspace

    func run() async throws -> [Finding] {
        let replica = try Replica.open(at: workspace.copy(of: fixture, named: "write"))
        let folder = try workspace.copy(of: fixture, named: "write-plain")
        let table = try PlainTable(at: Workspace.database(in: folder), settings)
        // The same cell, in the place where the library keeps it.
        let cell = try table.rows(
            of: .settings, Fixtures.lastEdit..<Fixtures.lastEdit + 1, by: .sequence)
        let profile = try Fixtures.editedProfile()
        let outcome = try await Contest(rounds: Self.rounds) { round in
            try await measured {
                for number in 0..<Self.writes {
                    try await replica.write {
                        try $0.setProfile(profile, .nickname, to: "edit \(round) \(number)")
                    }
                }
            } / Self.writes
        } plain: { round in
            let sequence = Fixtures.lastEdit + 1 + round * Self.writes
            return try await measured {
                try table.upsertOne(cell, from: sequence, times: Self.writes)
            } / Self.writes
        }.run()
        try await replica.close()
        return [Finding("one durable write", outcome, atLeast: 0.8)]
    }
}
