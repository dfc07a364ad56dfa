import Foundation

/// The outcome of a finished command.
struct Subprocess {
    let status: Int32
    /// What it printed, standard output and standard error together.
    let output: String

    /// Runs a command found on the path, without input, and waits for its end.
    static func run(_ command: [String], in folder: URL) throws -> Subprocess {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Subprocess(
            status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
    }
}
