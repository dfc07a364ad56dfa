import Foundation
import Testing

/// Devices in a temporary folder that is gone when the value is.
final class DeviceFleet: Sendable {
    let folder = NSTemporaryDirectory() + "caravan-process-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch { print("\(error)") }
    }

    /// Runs the command in the fleet's folder, where devices are folders.
    func caravan(_ arguments: String...) async throws -> DeviceTool.Run {
        try await DeviceTool.run(arguments, in: folder)
    }

    /// Runs a verb on a device, which has to succeed, and returns what it printed.
    @discardableResult
    func device(
        _ name: String, _ verb: String..., location: SourceLocation = #_sourceLocation
    ) async throws -> [String: any Sendable] {
        let run = try await DeviceTool.run(verb + ["--store", name, "--json"], in: folder)
        try #require(run.status == 0, "\(verb): \(run.errors)", sourceLocation: location)
        return try run.object()
    }

    /// Makes devices of one fleet.
    func make(_ names: String...) async throws {
        var fleet: [String] = []
        for name in names {
            let verb = ["init", "--name", name, "--class", "other", "--store", name, "--json"]
            let run = try await DeviceTool.run(verb + fleet, in: folder)
            try #require(run.status == 0, "\(run.errors)")
            let made = try #require(try run.object()["fleet"] as? String)
            fleet = ["--fleet", made]
        }
    }

    /// Polls a device until what it prints suits; the test's time limit ends it otherwise.
    func wait(
        for device: String, _ verb: String..., until suits: ([String: any Sendable]) -> Bool
    ) async throws {
        while true {
            let run = try await DeviceTool.run(verb + ["--store", device, "--json"], in: folder)
            if run.status == 0, suits(try run.object()) { return }
            try Task.checkCancellation()
        }
    }

    func digest(_ name: String) async throws -> String {
        try #require(try await device(name, "status")["digest"] as? String)
    }
}
