import Foundation
import SyncTransport
import Testing

@Suite("Control socket", .timeLimit(.minutes(2)))
struct ControlSocketTests {
    private let fleet = TestFleet()

    /// Answers every line with itself in capitals while `body` runs.
    private func serving<Result: Sendable>(
        at path: String, _ body: @Sendable (ControlSocketClient) async throws -> Result
    ) async throws -> Result {
        try await TransportLoop.with { loop in
            let server = try await ControlSocketServer.bind(to: path, on: loop)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run { $0.uppercased() } }
                let client = try await ControlSocketClient.connect(to: path)
                let result = try await body(client)
                await client.close()
                group.cancelAll()
                try await group.waitForAll()
                return result
            }
        }
    }

    @Test("Requests are answered in order, any number of them")
    func requests() async throws {
        let path = try fleet.emptyFolder("a") + "/control.sock"
        try await serving(at: path) { client in
            for number in 0..<200 {
                let reply = try await client.request("line \(number)")
                #expect(reply == "LINE \(number)")
            }
            async let first = client.request("first")
            async let second = client.request("second")
            let replies = try await [first, second]
            #expect(replies == ["FIRST", "SECOND"])
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("Only the owner may connect")
    func permissions() async throws {
        let path = try fleet.emptyFolder("a") + "/control.sock"
        try await serving(at: path) { _ in
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    #if os(Linux)
        @Test("A folder may be deeper than a socket's address is long")
        func longPath() async throws {
            let deep = Array(repeating: String(repeating: "d", count: 60), count: 4)
            let path = try fleet.emptyFolder(deep.joined(separator: "/")) + "/control.sock"
            try await serving(at: path) { client in
                #expect(FileManager.default.fileExists(atPath: path))
                let reply = try await client.request("x")
                #expect(reply == "X")
            }
        }
    #endif

    @Test("A socket that a killed process left behind is replaced; another file is not")
    func leftovers() async throws {
        let path = try fleet.emptyFolder("a") + "/control.sock"
        try await TransportLoop.with { loop in
            _ = try await ControlSocketServer.bind(to: path, on: loop)
        }
        #expect(FileManager.default.fileExists(atPath: path))
        let reply = try await serving(at: path) { try await $0.request("x") }
        #expect(reply == "X")

        try Data("mine".utf8).write(to: URL(filePath: path))
        await #expect(throws: SyncError(.system, "")) { try await self.serving(at: path) { _ in } }
        #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
    }

    @Test("A line that is too long is not even sent, and others go on")
    func tooLong() async throws {
        let path = try fleet.emptyFolder("a") + "/control.sock"
        try await serving(at: path) { client in
            let line = String(repeating: "x", count: 1 << 20)
            let longest = try await client.request(line)
            #expect(longest.utf8.count == 1 << 20)
            await #expect(throws: SyncError(.refused, "")) {
                try await client.request(line + "x")
            }
            let next = try await client.request("x")
            #expect(next == "X")
        }
    }

    @Test("Without an answer in time, the request fails")
    func timeout() async throws {
        let path = try fleet.emptyFolder("a") + "/control.sock"
        try await TransportLoop.with { loop in
            _ = try await ControlSocketServer.bind(to: path, on: loop)
            let client = try await ControlSocketClient.connect(to: path)
            await #expect(throws: SyncError(.timedOut, "")) {
                try await client.request("x", timeout: .milliseconds(50))
            }
        }
    }

    @Test("Where no socket is, nobody answers")
    func nobody() async throws {
        let path = try fleet.emptyFolder("a") + "/control.sock"
        await #expect(throws: SyncError(.unreachable, "")) {
            try await ControlSocketClient.connect(to: path)
        }
    }
}
