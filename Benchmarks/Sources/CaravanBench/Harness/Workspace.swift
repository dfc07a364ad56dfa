import Foundation

/// A temporary folder of this run, on the disk that the system's temporary folder is on.
///
/// `TMPDIR` moves it: what is measured depends on how long that disk takes to synchronize.
struct Workspace: Sendable {
    let root: String

    /// Runs `body` in a new folder, and removes it however that ends.
    static func with<Result: Sendable>(
        _ body: @Sendable (Workspace) async throws -> Result
    ) async throws -> Result {
        let root = FileManager.default.temporaryDirectory
            .appendingPathComponent("caravan-bench-" + UUID().uuidString).path
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: true)
        // What replicas note outside their folders is removed with it. Runtime folders are in
        // memory on the systems that have them, and so is this one where that is possible.
        let memory = "/dev/shm"
        let runtime =
            FileManager.default.isWritableFile(atPath: memory)
            ? memory + "/" + (root as NSString).lastPathComponent : root + "/runtime"
        setenv("CARAVAN_RUNTIME_DIR", runtime, 1)
        setenv("CARAVAN_STATE_DIR", root + "/state", 1)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(Workspace(root: root))) } catch {
            result = .failure(error)
        }
        for folder in [runtime, root] where FileManager.default.fileExists(atPath: folder) {
            try FileManager.default.removeItem(atPath: folder)
        }
        return try result.get()
    }

    /// A path that nothing has yet.
    func path(_ name: String) -> String { root + "/" + name }

    /// A copy of a closed replica's folder.
    func copy(of folder: String, named name: String) throws -> String {
        let copy = path(name)
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        return copy
    }

    func remove(_ path: String) throws {
        try FileManager.default.removeItem(atPath: path)
    }

    /// The database in the folder of a replica.
    static func database(in folder: String) -> String { folder + "/replica.sqlite" }
}
