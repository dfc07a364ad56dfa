import Foundation
import Testing

/// A `caravan serve` that runs; it is killed with the value at the latest.
final class ServingDevice: Sendable {
    /// `host:port`, as it said.
    let address: String
    private let process: Process
    private let lines: AsyncStream<String>

    /// Starts it and waits until it accepts peers.
    init(
        _ device: String, in fleet: DeviceFleet, listen: String = "127.0.0.1:0",
        peers: [String] = [], more: [String] = []
    ) async throws {
        let arguments =
            ["serve", "--store", device, "--listen", listen] + peers.flatMap { ["--peer", $0] }
        process = try DeviceTool.process(arguments + more, in: fleet.folder)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        lines = Self.lines(of: output)
        try process.run()
        let process = process
        var first: String?
        for await line in lines {
            first = line
            break
        }
        let line = try #require(first, "serve ended: \(process.isRunning)")
        address = String(line.split(separator: " ").last ?? "")
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Ends it without any warning.
    func crash() async throws { _ = try await end(SIGKILL) }

    /// Asks it to end; its exit status.
    func terminate(_ signal: Int32 = SIGTERM) async throws -> Int32 { try await end(signal) }

    /// The next line of its log that suits.
    func line(_ suits: (String) -> Bool) async throws -> String {
        for await line in lines where suits(line) { return line }
        throw CancellationError()
    }

    private func end(_ signal: Int32) async throws -> Int32 {
        let process = process
        kill(process.processIdentifier, signal)
        return try await DeviceTool.onOwnThread {
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    /// Reads on and on, so that the process never waits for us.
    private static func lines(of pipe: Pipe) -> AsyncStream<String> {
        AsyncStream { continuation in
            let reader = pipe.fileHandleForReading
            Thread {
                var rest = Data()
                while true {
                    let data = reader.availableData
                    if data.isEmpty { break }
                    rest += data
                    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                        continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                        rest = Data(rest[(end + 1)...])
                    }
                }
                continuation.finish()
            }.start()
        }
    }
}
