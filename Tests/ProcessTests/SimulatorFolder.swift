import Foundation

/// A temporary folder in which `caravan-sim` is run; it is gone when the value is.
final class SimulatorFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "crvn-sim-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            // What is left lies in the system's temporary folder.
            print("\(path): \(error)")
        }
    }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
    }

    func run(_ arguments: String...) async throws -> DeviceTool.Run { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> DeviceTool.Run {
        try await DeviceTool.run(arguments, in: path, of: "caravan-sim")
    }
}
