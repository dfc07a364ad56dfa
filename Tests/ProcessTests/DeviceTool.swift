import Foundation

/// The `caravan` command, and its siblings, as they were built along with the tests.
enum DeviceTool {
    /// What a finished run of the command said.
    struct Run: Sendable {
        let status: Int32
        let output: String
        let errors: String

        /// The standard output as one JSON object.
        func object() throws -> [String: any Sendable] {
            let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
            guard let object = value as? [String: any Sendable] else {
                throw CocoaError(.coderReadCorrupt)
            }
            return object
        }
    }

    /// A command, which lies beside the bundle that holds this test.
    static func url(of name: String = "caravan") throws -> URL {
        let places = [Bundle.main.bundleURL, URL(filePath: CommandLine.arguments[0])]
        for place in places {
            var folder = place
            for _ in 0..<5 {
                let tool = folder.appending(path: name)
                if FileManager.default.isExecutableFile(atPath: tool.path),
                    !folder.hasDirectoryPath || tool.path != folder.path
                {
                    return tool
                }
                folder = folder.deletingLastPathComponent()
            }
        }
        throw CocoaError(.fileNoSuchFile)
    }

    static func process(
        _ arguments: [String], in folder: String, of tool: String = "caravan"
    ) throws -> Process {
        let process = Process()
        process.executableURL = try url(of: tool)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.currentDirectoryURL = URL(filePath: folder)
        var environment = ProcessInfo.processInfo.environment
        environment["CARAVAN_RUNTIME_DIR"] = folder + "/runtime"
        environment["CARAVAN_STATE_DIR"] = folder + "/state"
        process.environment = environment
        return process
    }

    /// Runs a command to its end, away from the threads on which tests run.
    static func run(
        _ arguments: [String], in folder: String, of tool: String = "caravan"
    ) async throws -> Run {
        let process = try process(arguments, in: folder, of: tool)
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return try await onOwnThread {
            let text = try output.fileHandleForReading.readToEnd() ?? Data()
            let problems = try errors.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return Run(
                status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
                errors: String(decoding: problems, as: UTF8.self))
        }
    }

    static func onOwnThread<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
        }
    }
}
