import Caravan
import Synchronization
import Testing

@Suite("Exchanging")
struct ExchangeSnippets {
    @Test("over TCP works as it is written", .timeLimit(.minutes(1)))
    func overTCP() async throws {
        let (phone, laptop) = try await SessionTests.pair()
        try await phone.write { try $0.addProfile(SessionTests.travel) }
        let (addresses, found) = AsyncStream.makeStream(of: SyncAddress.self)
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await serve(phone) { found.yield($0) }
            }
            for await address in addresses {
                try await meet(laptop, at: address)
                break
            }
            group.cancelAll()
        }
        #expect(try await phone.summary().digest == laptop.summary().digest)
    }

    private func serve(
        _ phone: Replica, found: @escaping @Sendable (SyncAddress) -> Void
    ) async throws {
        // Exchange.md (1)
        var configuration = SyncService.Configuration()
        configuration.listening = try SyncAddress(parsing: "127.0.0.1:0")
        configuration.onEvent = { event in
            if case .listening(let address) = event { found(address) }
        }
        let service = SyncService(replica: phone, configuration: configuration)
        try await service.run()
        // end
    }

    private func meet(_ laptop: Replica, at address: SyncAddress) async throws {
        // Exchange.md (2)
        let service = SyncService(replica: laptop)
        let outcome = try await service.sync(with: address, timeout: .seconds(10))
        print("\(outcome.cellsReceived) cells from \(outcome.peer.abbreviated)")
        // end
    }

    // Exchange.md (3)
    protocol Carrier: Sendable {
        func send(_ bytes: [UInt8]) async throws
        func receive() async throws -> [UInt8]?
    }

    func exchange(_ session: consuming ReplicaSession, over carrier: some Carrier) async throws {
        do {
            try await carrier.send(session.start())
            while !session.isSynchronized, let bytes = try await carrier.receive() {
                try await carrier.send(session.receive(bytes))
            }
        } catch {
            // Tells the other side why, if it can still be told.
            try await carrier.send(session.farewell)
            throw error
        }
    }
    // end

    @Test("over something else works as it is written", .timeLimit(.minutes(1)))
    func overSomethingElse() async throws {
        let (phone, laptop) = try await SessionTests.pair()
        try await laptop.write { try $0.addProfile(SessionTests.travel) }
        let (one, other) = Pipe.ends()
        try await withThrowingTaskGroup { group in
            group.addTask { try await exchange(phone.session(with: laptop.device), over: one) }
            group.addTask { try await exchange(laptop.answeringSession(), over: other) }
            try await group.waitForAll()
        }
        #expect(try await phone.summary().digest == laptop.summary().digest)
    }

    /// One end of a pipe in memory.
    private struct Pipe: Carrier {
        private let incoming: AsyncStream<[UInt8]>
        private let outgoing: AsyncStream<[UInt8]>.Continuation

        static func ends() -> (Pipe, Pipe) {
            let there = AsyncStream.makeStream(of: [UInt8].self)
            let back = AsyncStream.makeStream(of: [UInt8].self)
            return (
                Pipe(incoming: back.stream, outgoing: there.continuation),
                Pipe(incoming: there.stream, outgoing: back.continuation)
            )
        }

        func send(_ bytes: [UInt8]) { if !bytes.isEmpty { outgoing.yield(bytes) } }

        func receive() async -> [UInt8]? {
            for await bytes in incoming { return bytes }
            return nil
        }
    }
}
