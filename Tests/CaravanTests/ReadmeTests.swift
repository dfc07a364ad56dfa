import Caravan
import Foundation
import Testing

/// The README's example, compiled.
///
/// It is not run here: it would serve for ever.
private func example(travel: ICCID) async throws {
    // README begins
    let replica = try Replica.open(at: "phone")
    try await replica.write { fleet in
        try fleet.setProfile(travel, .nickname, to: "Japan, 10 GB")
        _ = try fleet.reserve(.megabytes(400))
    }
    var configuration = SyncService.Configuration()
    configuration.peers = [try SyncAddress(parsing: "127.0.0.1:7420")]
    try await SyncService(replica: replica, configuration: configuration).run()
    // README ends
}

@Suite("The README")
struct ReadmeTests {
    @Test("its example is the code that is compiled here")
    func exampleCompiles() throws {
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let compiled = lines(of: source, after: "// README begins", until: "// README ends")
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let shown = lines(of: readme, after: "```swift", until: "```")
            .filter { !$0.isEmpty && $0 != "import Caravan" }
        #expect(compiled == shown)
        #expect(!shown.isEmpty)
    }

    private func lines(of text: String, after start: String, until end: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        return Array(lines.drop { $0 != start }.dropFirst().prefix { $0 != end })
    }
}
