import Foundation

/// The folder of one run: a folder for each device's replica, and what the processes said.
struct Workspace: Sendable {
    /// Where it lies.
    let path: String
    /// Whether it stays when the run is over.
    let isKept: Bool

    /// The room that the paths of sockets leave: the kernel takes 107 bytes at most.
    private static let pathBytesMax = 107 - "/".utf8.count - 32 - "/control.sock".utf8.count

    /// Makes a folder for a run.
    ///
    /// - Parameter kept: The folder to use and to keep, empty or not there yet; without one a
    ///   temporary folder is made, which ``remove()`` removes.
    /// - Throws: `LiveError` where there can be no such folder.
    init(keeping kept: String?) throws(LiveError) {
        guard let kept else {
            path = try Self.makeTemporaryFolder()
            isKept = false
            return
        }
        path = URL(filePath: kept).standardizedFileURL.path(percentEncoded: false)
        isKept = true
        guard path.utf8.count <= Self.pathBytesMax else {
            throw LiveError(
                .mistake,
                "\(kept): the path is longer than the \(Self.pathBytesMax) bytes that "
                    + "the names of sockets leave")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            guard try FileManager.default.contentsOfDirectory(atPath: path).isEmpty else {
                throw LiveError(.mistake, "\(kept): the folder is not empty")
            }
        } catch let error as LiveError {
            throw error
        } catch {
            throw LiveError(.mistake, "\(kept): no folder can be made here")
        }
    }

    private static func makeTemporaryFolder() throws(LiveError) -> String {
        let given = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        let base = given.utf8.count > 40 ? "/tmp" : given
        let pattern = URL(filePath: base).appending(path: "caravan-XXXXXX")
        var template = Array(pattern.path(percentEncoded: false).utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LiveError(.failure, "\(base): no folder can be made here")
        }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The folder of a device's replica.
    func store(of device: String) -> String { "\(path)/\(device)" }

    /// The socket that a device takes commands on.
    func controlSocket(of device: String) -> String { "\(store(of: device))/control.sock" }

    /// What a device's process said.
    func log(of device: String) -> String { "\(path)/\(device).log" }

    /// The last line that a device's process said.
    func lastLine(of device: String) -> String? {
        guard let content = FileManager.default.contents(atPath: log(of: device)) else {
            return nil
        }
        let lines = String(decoding: content.suffix(4096), as: UTF8.self)
            .split(whereSeparator: \.isNewline)
        return lines.last.map(String.init)
    }

    /// Removes the folder, unless it is to be kept.
    func remove() throws {
        guard !isKept else { return }
        try FileManager.default.removeItem(atPath: path)
    }
}
