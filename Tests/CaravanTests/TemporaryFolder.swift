import Foundation

/// A folder of one test.
enum TemporaryFolder {
    /// Runs `body` with the path of a new folder, and removes it however that ends.
    static func with<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = NSTemporaryDirectory() + "caravan-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { print(error) }
        }
        return try await body(folder)
    }
}
