import Caravan

/// Opening a replica of ten thousand cells that was closed cleanly.
struct Opening {
    private static let rounds = 31

    /// A folder with a closed replica of ten thousand cells.
    let fixture: String
    let workspace: Workspace

    func run() async throws -> [Finding] {
        let folder = try workspace.copy(of: fixture, named: "opening")
        var durations: [Duration] = []
        for _ in 0...Self.rounds { durations.append(try await open(folder)) }
        // The first brings the file into the system's cache.
        return [
            Finding(
                name: "opening a replica of 10,000 cells",
                measured: .seconds(median(Array(durations.dropFirst())).inSeconds),
                limit: .atMost(0.010))
        ]
    }

    private func open(_ folder: String) async throws -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        let replica = try Replica.open(at: folder)
        let duration = start.duration(to: clock.now)
        try await replica.close()
        return duration
    }
}
