import Foundation

/// The files of this package, as a newcomer's clone would hold them.
struct Repository: Sendable {
    let root: URL
    /// Every file, sorted, relative to the root.
    let paths: [String]
    /// Those files which hold text.
    let texts: [TextFile]

    static let current = Result { try Repository(root: packageRoot) }

    static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Packages of their own, which depend on this one or share its sources.
    static let nestedPackages = ["Benchmarks", "Examples", "Fuzz"]

    /// The folders of everything that is no test.
    static let sourceFolders = ["Sources"] + nestedPackages.map { $0 + "/Sources" }

    init(root: URL) throws {
        self.root = root
        paths = try (Self.trackedPaths(of: root) ?? Self.walkedPaths(of: root)).sorted()
        texts = try paths.compactMap { path in
            let bytes = try Data(contentsOf: root.appending(path: path))
            guard !bytes.contains(0) else { return nil }
            return TextFile(path: path, text: String(decoding: bytes, as: UTF8.self))
        }
    }

    func swiftFiles(below folder: String) -> [TextFile] {
        texts.filter { $0.isSwift && $0.isBelow(folder) }
    }

    /// The Swift files of this package and the nested ones that are no tests.
    func sourceFiles() -> [TextFile] { Self.sourceFolders.flatMap(swiftFiles(below:)) }

    /// What git tracks and the disk still has, or nil when this is no git checkout.
    private static func trackedPaths(of root: URL) throws -> [String]? {
        guard FileManager.default.fileExists(atPath: root.appending(path: ".git").path) else {
            return nil
        }
        let command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
        let listing = try Subprocess.run(command, in: root)
        guard listing.status == 0 else { return nil }
        return listing.output.split(separator: "\0").map(String.init).filter { path in
            // A link to a folder is no file.
            var isFolder = ObjCBool(false)
            let file = root.appending(path: path).path
            return FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }

    /// Every file on disk, without what is built or fetched.
    private static func walkedPaths(of root: URL) throws -> [String] {
        let ignored = [".git", ".swiftpm", "Package.resolved"]
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        return paths.filter { path in
            var isFolder = ObjCBool(false)
            let file = root.appending(path: path).path
            let isMade = path.split(separator: "/").contains {
                $0.hasPrefix(".build") || ignored.contains(String($0))
            }
            return !isMade
                && FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }
}
