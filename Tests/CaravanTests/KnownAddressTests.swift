import Caravan
import Foundation
import Testing

/// What a process knows of the addresses that an earlier one called.
@Suite("Known addresses") struct KnownAddressTests {
    /// Serves a replica while `body` runs, which gets the address.
    private func serving(
        _ phone: Replica, _ body: @Sendable (SyncAddress) async throws -> Void
    ) async throws {
        let (addresses, continuation) = AsyncStream.makeStream(of: SyncAddress.self)
        var configuration = SyncService.Configuration()
        configuration.listening = try SyncAddress(host: "127.0.0.1", port: 0)
        configuration.onEvent = { event in
            if case .listening(let address) = event { continuation.yield(address) }
        }
        let service = SyncService(replica: phone, configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await service.run()
            }
            var listening = addresses.makeAsyncIterator()
            let address = try #require(await listening.next())
            try await body(address)
            group.cancelAll()
        }
    }

    /// Opens a replica, calls an address once and closes it, as `caravan sync` does.
    private func callOnce(_ folder: String, _ address: SyncAddress) async throws -> UInt64 {
        let laptop = try Replica.open(at: folder)
        let outcome = try await SyncService(replica: laptop).sync(with: address)
        try await laptop.close()
        return outcome.bytesSent + outcome.bytesReceived
    }

    private func filled(_ folder: String) async throws -> (phone: Replica, laptop: String) {
        let phone = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        let path = folder + "/laptop"
        let laptop = try await Replica.create(
            at: path, fleet: phone.fleet, name: "laptop", deviceClass: .laptop)
        try await laptop.close()
        return (phone, path)
    }

    @Test("make a greeting between replicas that are level a few bytes, also in a new process")
    func areRemembered() async throws {
        try await TemporaryFolder.with { folder in
            let (phone, laptop) = try await filled(folder)
            try await serving(phone) { address in
                _ = try await callOnce(laptop, address)
                _ = try await callOnce(laptop, address)
                let known = try await callOnce(laptop, address)
                // Two preambles of 44 bytes, and greetings within the 24 of the cost sheet.
                #expect(known <= 2 * 44 + 24, "\(known) bytes")
                try FileManager.default.removeItem(atPath: laptop + "/addresses")
                let unknown = try await callOnce(laptop, address)
                #expect(unknown > known, "\(unknown) bytes")
            }
        }
    }

    @Test("that are wrong, or cannot be read, cost a round trip and nothing else")
    func mayBeWrong() async throws {
        try await TemporaryFolder.with { folder in
            let (phone, laptop) = try await filled(folder)
            try await serving(phone) { address in
                let other = String(repeating: "ab", count: 16)
                for text in ["\(address) \(other)\n", "\u{0}\n \n\(address)\n", ""] {
                    let file = URL(fileURLWithPath: laptop + "/addresses")
                    try Data(text.utf8).write(to: file)
                    _ = try await callOnce(laptop, address)
                    #expect(
                        try String(contentsOf: file, encoding: .utf8).hasSuffix(
                            "\(address) \(phone.device)\n"))
                }
            }
        }
    }
}
