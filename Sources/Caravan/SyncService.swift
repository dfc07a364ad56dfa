import ReplicaModel
public import SyncEngine
public import SyncTransport

/// Exchanges a replica's changes with its peers over TCP.
///
/// ```swift
/// var configuration = SyncService.Configuration()
/// configuration.listening = try SyncAddress(parsing: "127.0.0.1:7420")
/// let service = SyncService(replica: replica, configuration: configuration)
/// try await service.run()
/// ```
///
/// Connected peers get every change within a second. A connection that breaks loses nothing: what
/// was not acknowledged is sent again over the next one. Until connections are authenticated, only
/// addresses of this machine are spoken to (see ``SyncAddress``).
public final class SyncService: Sendable {
    /// What a service listens on, and whom it calls.
    public struct Configuration: Sendable {
        /// Where peers are accepted, port 0 being any that is free; nothing means nowhere.
        public var listening: SyncAddress?
        /// Peers to stay connected with; each is called again whenever its connection is gone.
        public var peers: [SyncAddress] = []
        /// Limits of every session.
        public var limits = SessionLimits()
        /// Called for every event; on a thread that must not be kept waiting.
        public var onEvent: @Sendable (SyncEvent) -> Void = { _ in }

        /// A configuration that neither listens nor calls.
        public init() {}
    }

    let configuration: Configuration
    let gate: ReplicaGate
    let ledger = SyncLedger()
    let addresses: KnownAddresses
    let turns = SharedTurns()
    private let observer: Int

    /// Makes a service of a replica, which has to stay open while the service is used.
    public init(replica: Replica, configuration: Configuration = Configuration()) {
        gate = ReplicaGate(replica: replica)
        addresses = KnownAddresses(inFolder: replica.folder)
        self.configuration = configuration
        observer = replica.addObserver { [ledger] summary, relayed in
            for handle in ledger.handles { handle.changed(to: summary.vectors, relayed: relayed) }
        }
    }

    deinit { gate.replica.removeObserver(observer) }

    /// Accepts and calls peers until the task is cancelled, then closes all connections.
    ///
    /// It has the shape of `ServiceLifecycle.Service`. Run it once at a time.
    ///
    /// - Throws: ``SyncError`` if it cannot listen. A peer that fails is called again instead.
    public func run() async throws {
        try await TransportLoop.with { loop in
            let setup = setup { _ in }
            let listener = try await listen(on: loop, setup)
            await withTaskGroup { group in
                for peer in configuration.peers {
                    group.addTask {
                        await self.stayConnected(with: peer, TCPDialer(on: loop, setup: setup))
                    }
                }
                group.addTask { await Self.untilCancelled() }
            }
            listener?.close()
            ledger.listen(at: nil)
            await closeAll()
        }
    }

    /// Exchanges with one peer until both sides have what either had at the beginning.
    ///
    /// - Parameters:
    ///   - address: Where the peer listens.
    ///   - timeout: How long it may take.
    ///   - byteBudget: How many bytes may pass, see `SessionLimits.byteBudget`; what the
    ///     configuration says if it is not given.
    /// - Returns: With whom, and how much passed.
    /// - Throws: ``SyncError``; with the code `budgetSpent` if not everything could pass. What had
    ///   been received by then is kept.
    public func sync(
        with address: SyncAddress, timeout: Duration = .seconds(30), byteBudget: Int? = nil
    ) async throws -> SyncOutcome {
        try await TransportLoop.with { loop in
            let (levels, continuation) = AsyncStream.makeStream(of: Void.self)
            var setup = setup { event in
                switch event {
                case .synchronized, .closed: continuation.finish()
                case .opened, .greeted, .applied, .traffic, .diverged: break
                }
            }
            if let byteBudget { setup.sessionLimits.byteBudget = byteBudget }
            let handle = try await TCPDialer(on: loop, setup: setup).dial(address)
            let isLate = await Self.exceeds(timeout) { for await _ in levels {} }
            handle.close()
            let outcome = await handle.ended()
            if outcome.wasSynchronized, let peer = outcome.device {
                return SyncOutcome(
                    peer: peer, bytesSent: outcome.traffic.bytesSent,
                    bytesReceived: outcome.traffic.bytesReceived,
                    cellsReceived: outcome.cellsReceived, digest: try gate.summary().digest)
            }
            if Task.isCancelled { throw SyncError(.cancelled, "\(address): cancelled") }
            if isLate { throw SyncError(.timedOut, "\(address): not done within \(timeout)") }
            throw outcome.end.error(at: address.description)
        }
    }

    /// What the service is doing now.
    public func status() -> SyncStatus { ledger.status(peers: configuration.peers) }
}
