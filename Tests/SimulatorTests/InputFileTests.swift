import Foundation
import Simulator
import Testing

/// How files are read that people name, before anything is made of them.
@Suite("Reading files")
struct InputFileTests {
    private static let trace = #"{"trace":"t","devices":3}"# + "\n" + #"{"sync":[0,1]}"# + "\n"

    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "crvn-input-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch {
                Issue.record("\(error)")
            }
        }
        try body(folder)
    }

    /// Makes a file of so many zeros, which takes no room.
    private func makeFile(_ path: String, bytes: Int) throws {
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: UInt64(bytes))
        try file.close()
    }

    @Test("what cannot be read is named with the reason")
    func reasons() throws {
        try inFolder { folder in
            for (path, reason) in [
                (folder, "it is a folder"), (folder + "/none", "no such file"),
                (folder + "/none/none", "no such file"), ("", "no such file"),
            ] {
                let error = #expect(throws: InputError.self) { try ReplayTrace.load(path: path) }
                #expect(error?.message == "cannot be read: \(reason)")
                #expect(error?.line == 0)
                #expect(FileCheck.check(path: path).mistakes.first == error)
            }
        }
    }

    @Test("a file beyond its limit is refused, by replay and by check alike")
    func limits() throws {
        try inFolder { folder in
            let path = folder + "/large"
            try makeFile(path, bytes: ReplayTrace.fileBytesMax + 1)
            let error = #expect(throws: InputError.self) { try ReplayTrace.load(path: path) }
            #expect(error?.message == "is larger than 64 MiB, the most that is read")
            #expect(FileCheck.check(path: path).mistakes.first == error)
            let comment = String(repeating: "#", count: Scenario.fileBytesMax + 1)
            try comment.write(toFile: path, atomically: true, encoding: .utf8)
            #expect(
                FileCheck.check(path: path).mistakes.map(\.message) == [
                    "is larger than 8 MiB, the most that is read"
                ])
            let long = Self.trace + String(repeating: " ", count: Scenario.fileBytesMax)
            try long.write(toFile: path, atomically: true, encoding: .utf8)
            #expect(FileCheck.check(path: path).mistakes == [])
            #expect(try ReplayTrace.load(path: path).lines.count == 1)
        }
    }

    @Test("a pipe is read to its end")
    func pipes() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data(Self.trace.utf8))
        try pipe.fileHandleForWriting.close()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        #expect(try ReplayTrace.load(path: path).lines.map(\.operation) == [.sync(0, 1)])
    }
}
