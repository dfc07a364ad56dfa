import Foundation
import Testing

@Suite struct RepositoryTests {
    @Test("The files of this package are found")
    func filesOfThisPackageAreFound() throws {
        let repository = try Repository.current.get()
        #expect(repository.paths.contains("Package.swift"))
        #expect(repository.texts.contains { $0.path == "Tests/TidyTests/RepositoryTests.swift" })
        #expect(!repository.paths.contains { $0.hasPrefix(".build") })
    }

    @Test("A folder that is no checkout is walked")
    func folderThatIsNoCheckoutIsWalked() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: root) }
        let made = [".build/release/made.swift", "B/.build/made.swift", "B/Package.resolved"]
        for path in made + ["Sources/A/a.swift", "README.md"] {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("text".utf8).write(to: file)
        }
        try Data([0, 1]).write(to: root.appending(path: "picture"))
        let repository = try Repository(root: root)
        #expect(repository.paths == ["README.md", "Sources/A/a.swift", "picture"])
        #expect(repository.texts.map(\.path) == ["README.md", "Sources/A/a.swift"])
    }
}
