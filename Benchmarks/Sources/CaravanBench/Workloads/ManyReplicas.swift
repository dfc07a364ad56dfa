import Caravan

/// Many replicas open in one process, each in a folder of its own and in use: it has been written
/// to and read.
struct ManyReplicas {
    private static let smallOnes = 1000
    private static let largeOnes = 50
    /// Database, log, index of the log, lock and continuity mark.
    private static let filesPerReplica = 5
    private static let bytesMax = 512.0 * 1024

    /// A folder with a closed replica of ten thousand cells.
    let fixture: String
    let workspace: Workspace

    func run() async throws -> [Finding] {
        try ProcessResources.raiseFileLimit(to: Self.smallOnes * Self.filesPerReplica + 256)
        let small = workspace.path("small")
        try await Fixtures.small(in: small)
        var findings: [Finding] = []
        let many = try await open(Self.smallOnes, copiesOf: small, named: "many")
        findings.append(
            Finding(
                name: "replicas open in one process", measured: .count(many.count),
                limit: .atLeast(Double(Self.smallOnes))))
        findings += memory("memory of an open replica of few cells", many.bytesEach)
        let large = try await open(Self.largeOnes, copiesOf: fixture, named: "large")
        findings += memory("memory of an open replica of 10,000 cells", large.bytesEach)
        return findings
    }

    private func memory(_ name: String, _ bytes: Double?) -> [Finding] {
        bytes.map { [Finding(name: name, measured: .bytes($0), limit: .atMost(Self.bytesMax))] }
            ?? []
    }

    /// Opens copies of a replica and uses each; then says how much memory one takes.
    private func open(
        _ count: Int, copiesOf folder: String, named name: String
    ) async throws -> (count: Int, bytesEach: Double?) {
        let folders = try (0...count).map { try workspace.copy(of: folder, named: "\(name)-\($0)") }
        // What the first one brings with it is not a replica's but the process's.
        let first = try await openAndUse(folders[0])
        ProcessResources.releaseFreedMemory()
        let before = try ProcessResources.residentBytes()
        var replicas: [Replica] = []
        for folder in folders.dropFirst() { replicas.append(try await openAndUse(folder)) }
        let after = try ProcessResources.residentBytes()
        for replica in replicas + [first] {
            try await replica.close()
            try workspace.remove(replica.folder)
        }
        let bytes = before.flatMap { before in after.map { $0 - before } }
        return (replicas.count, bytes.map { $0 / Double(count) })
    }

    private func openAndUse(_ folder: String) async throws -> Replica {
        let replica = try Replica.open(at: folder)
        try await replica.write {
            try $0.recordUsage(UsageAmount(received: .megabytes(1)), country: "CH")
        }
        _ = try await replica.read { try $0.profiles() }
        return replica
    }
}
