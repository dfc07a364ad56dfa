import Caravan
import SyncEngine
import SyncTransport
import Testing

/// What a service reported, to be waited for.
struct EventFeed: Sendable {
    private let events: AsyncStream<SyncEvent>
    let record: @Sendable (SyncEvent) -> Void

    init() {
        let (events, continuation) = AsyncStream.makeStream(of: SyncEvent.self)
        self.events = events
        record = { continuation.yield($0) }
    }

    /// The next event that suits; those before it are gone.
    ///
    /// Waits until then, or until the test's time limit cancels it; the error says what came.
    func next<Value>(_ match: (SyncEvent) -> Value?) async throws -> Value {
        var others: [SyncEvent] = []
        for await event in events {
            if let value = match(event) { return value }
            others.append(event)
        }
        throw NothingSuited(others: others)
    }

    func listening() async throws -> SyncAddress {
        try await next { if case .listening(let address) = $0 { address } else { nil } }
    }

    func synchronized() async throws {
        try await next { if case .synchronized = $0 { () } else { nil } }
    }

    func received() async throws {
        try await next { if case .received = $0 { () } else { nil } }
    }

    func disconnected() async throws {
        try await next { if case .disconnected = $0 { () } else { nil } }
    }

    /// Why a connection ended before the peer was known.
    func failure() async throws -> String {
        try await next { event in
            switch event {
            case .failed(_, let reason), .unknownCaller(_, let reason): reason
            default: nil
            }
        }
    }
}

/// The wait for an event has ended without it.
struct NothingSuited: Error, CustomStringConvertible {
    /// What came instead.
    let others: [SyncEvent]

    var description: String { "waited in vain; what came was \(others)" }
}

/// A service that runs as long as the body it was made for.
struct RunningService: Sendable {
    let service: SyncService
    let events: EventFeed
    let address: SyncAddress
}

/// Serves a replica on a free port while `body` runs.
func serving<Result: Sendable>(
    _ replica: Replica, peers: [SyncAddress] = [], at listening: SyncAddress? = nil,
    limits: SessionLimits = SessionLimits(),
    _ body: @Sendable (RunningService) async throws -> Result
) async throws -> Result {
    let events = EventFeed()
    var configuration = SyncService.Configuration()
    configuration.listening = try listening ?? .anyPort()
    configuration.peers = peers
    configuration.limits = limits
    configuration.onEvent = events.record
    let service = SyncService(replica: replica, configuration: configuration)
    return try await withThrowingTaskGroup(of: SyncAddress?.self) { group in
        group.addTask {
            try await service.run()
            return nil
        }
        group.addTask { try await events.listening() }
        // Whichever comes first: a service that cannot listen has failed by now.
        guard let address = try await group.next() ?? nil else {
            throw SyncError(.system, "the service ended before it listened")
        }
        let result = try await body(
            RunningService(service: service, events: events, address: address))
        group.cancelAll()
        try await group.waitForAll()
        return result
    }
}
