import Caravan

/// Compiled only: it would serve for ever.
private func readme(travel: ICCID) async throws {
    // README.md (1)
    let replica = try Replica.open(at: "phone")
    try await replica.write { fleet in
        try fleet.setProfile(travel, .nickname, to: "Japan, 10 GB")
        _ = try fleet.reserve(.megabytes(400))
    }
    var configuration = SyncService.Configuration()
    configuration.peers = [try SyncAddress(parsing: "127.0.0.1:7420")]
    try await SyncService(replica: replica, configuration: configuration).run()
    // end
}
