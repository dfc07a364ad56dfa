import CausalTime
import ReplicaModel
import SyncEngine
import SyncTransport
import TerminalText

extension SyncService {
    typealias Setup = ConnectionSetup<ReplicaGate>

    // MARK: Events

    /// What connections need; `tap` sees every event once it has been noted.
    func setup(_ tap: @escaping @Sendable (ConnectionEvent) -> Void) -> Setup {
        let replica = gate.replica
        var setup = Setup(
            identity: Preamble(capabilities: .own, fleet: replica.fleet, device: replica.device),
            replica: gate
        ) { id, event in
            self.note(event, of: id)
            tap(event)
        }
        setup.turns = turns
        setup.sessionLimits = configuration.limits
        setup.deviceAt = { self.addresses.device(at: $0) }
        return setup
    }

    private func note(_ event: ConnectionEvent, of id: UInt64) {
        switch event {
        case .opened(let handle): ledger.add(handle)
        case .greeted(let device):
            if let entry = ledger.greeted(id, device), let peer = peer(entry) {
                configuration.onEvent(.connected(peer))
            }
            for handle in ledger.crossing(id, with: device, own: gate.replica.device) {
                handle.close()
            }
        case .traffic(let traffic): note(traffic, of: id)
        case .applied(let lane, let cells):
            let entry = ledger.update(id) { $0.counts.cellsReceived += cells }
            if let entry, entry.isSynchronized, cells > 0, let peer = peer(entry) {
                configuration.onEvent(.received(peer, lane: lane, cells: cells))
            }
        case .synchronized:
            gate.replica.store.hearPeer()
            guard let entry = ledger.update(id, { $0.isSynchronized = true }) else { return }
            if case .dialed(let address) = entry.handle.direction, let device = entry.device {
                addresses.note(device, at: address)
            }
            if let peer = peer(entry) { configuration.onEvent(.synchronized(peer, entry.counts)) }
        case .diverged(let step):
            if let entry = ledger.update(id, { _ in }), let peer = peer(entry) {
                configuration.onEvent(.diverged(peer, step))
            }
        case .closed(let end): noteEnd(end, of: id)
        }
    }

    private func note(_ traffic: ConnectionTraffic, of id: UInt64) {
        _ = ledger.update(id) { entry in
            if entry.device != nil, traffic.messagesReceived > entry.messagesReceived {
                entry.lastSync = .now
            }
            entry.counts.bytesSent = traffic.bytesSent
            entry.counts.bytesReceived = traffic.bytesReceived
            entry.messagesSent = traffic.messagesSent
            entry.messagesReceived = traffic.messagesReceived
        }
    }

    private func noteEnd(_ end: ConnectionEnd, of id: UInt64) {
        let reason = end.reason.printable
        // A peer that is dialled is tried again, and what keeps failing alike is reported once.
        var isNews = true
        if let entry = ledger.update(id, { _ in }),
            case .dialed(let address) = entry.handle.direction,
            configuration.peers.contains(address)
        {
            isNews = ledger.failed(address, reason)
        }
        guard let entry = ledger.remove(id) else { return }
        if let peer = peer(entry) {
            configuration.onEvent(.disconnected(peer, reason: reason))
        } else if case .accepted = entry.handle.direction {
            configuration.onEvent(.unknownCaller(address: entry.handle.address, reason: reason))
        } else if isNews {
            configuration.onEvent(.failed(address: entry.handle.address, reason: reason))
        }
    }

    private func peer(_ entry: SyncLedger.Entry) -> SyncEvent.Peer? {
        entry.device.map {
            SyncEvent.Peer(address: entry.handle.address, device: $0, name: gate.name(of: $0))
        }
    }

    // MARK: Listening and calling

    func listen(on loop: TransportLoop, _ setup: Setup) async throws -> TCPListener? {
        guard let address = configuration.listening else { return nil }
        let listener = try await TCPListener.bind(to: address, on: loop, setup: setup)
        ledger.listen(at: listener.address)
        configuration.onEvent(.listening(listener.address))
        // Nothing else is reported before that.
        listener.accept()
        return listener
    }

    /// Calls a peer, and calls again whenever the connection is gone.
    func stayConnected(with address: SyncAddress, _ dialer: TCPDialer<ReplicaGate>) async {
        var backoff = DialBackoff()
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            // Who is connected already, by its own call or at another address, is not called.
            if let device = ledger.device(at: address), ledger.isConnected(device) {
                await Self.pause(.seconds(1))
                continue
            }
            ledger.dialing(address)
            do throws(SyncError) {
                let handle = try await dialer.dial(address)
                let outcome = await withTaskCancellationHandler {
                    await handle.ended()
                } onCancel: {
                    handle.close()
                }
                // Greeting alone is not enough: a peer that fails right after it would be called
                // ten times a second.
                if outcome.wasSynchronized { backoff.succeeded() }
                if outcome.end.isBudgetSpent { await Self.pause(Self.budgetPause) }
            } catch {
                let reason = error.message(at: address)
                if ledger.failed(address, reason) {
                    configuration.onEvent(.failed(address: address.description, reason: reason))
                }
            }
            ledger.waiting(for: address)
            await Self.pause(backoff.nextDelay(using: &random))
        }
    }

    func closeAll() async {
        let handles = ledger.handles
        for handle in handles { handle.close() }
        for handle in handles { _ = await handle.ended() }
    }

    // MARK: Time

    /// After how long a peer is called again whose session had no more bytes to spend.
    private static let budgetPause: Duration = .seconds(60)

    /// Waits for `duration`, or less if the task is cancelled; says whether it was all of it.
    @discardableResult
    private static func pause(_ duration: Duration) async -> Bool {
        do { try await Task.sleep(for: duration) } catch { return false }
        return true
    }

    static func untilCancelled() async {
        while await pause(.seconds(3600)) {}
    }

    /// Runs `body`, which has to end when it is cancelled, and says whether it was cancelled for
    /// taking longer than `timeout`.
    static func exceeds(
        _ timeout: Duration, _ body: @escaping @Sendable () async -> Void
    ) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await body()
                return false
            }
            group.addTask { await pause(timeout) }
            let isLate = await group.next() ?? false
            group.cancelAll()
            return isLate
        }
    }
}

extension SyncError {
    /// The message without the address that it begins with, for where that stands already.
    fileprivate func message(at address: SyncAddress) -> String {
        let start = "\(address): "
        return message.hasPrefix(start) ? String(message.dropFirst(start.count)) : message
    }
}
