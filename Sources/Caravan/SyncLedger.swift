import CausalTime
import ReplicaModel
import SyncEngine
import SyncTransport
import Synchronization

/// What is known of a service's connections; written by the transport's thread, read by any.
final class SyncLedger: Sendable {
    /// A connection that is there.
    struct Entry: Sendable {
        let handle: ConnectionHandle
        var device: DeviceID?
        /// When that was known.
        var greetedAt: MonotonicTime?
        var isSynchronized = false
        var counts = SyncEvent.Counts()
        var messagesSent: UInt64 = 0
        var messagesReceived: UInt64 = 0
        var lastSync: WallTime?
    }

    /// A peer that is dialled.
    private struct Peer: Sendable {
        var isWaiting = false
        /// Who was there the last time.
        var device: DeviceID?
        var lastSync: WallTime?
        var problem: String?
    }

    private struct State: Sendable {
        var listening: SyncAddress?
        var entries: [UInt64: Entry] = [:]
        var peers: [SyncAddress: Peer] = [:]
        /// Sums over the connections that are gone.
        var past = SyncStatus()
    }

    private let state = Mutex(State())

    // MARK: Connections

    /// Every connection that is there, in the order in which they were made.
    var handles: [ConnectionHandle] {
        state.withLock { $0.entries.values.map(\.handle) }.sorted { $0.id < $1.id }
    }

    func listen(at address: SyncAddress?) { state.withLock { $0.listening = address } }

    func add(_ handle: ConnectionHandle) {
        state.withLock { $0.entries[handle.id] = Entry(handle: handle) }
    }

    /// A peer has said who it is.
    func greeted(_ id: UInt64, _ device: DeviceID) -> Entry? {
        state.withLock { state in
            state.past.sessions += 1
            if case .dialed(let address) = state.entries[id]?.handle.direction {
                state.peers[address]?.problem = nil
                state.peers[address]?.device = device
            }
            state.entries[id]?.device = device
            state.entries[id]?.greetedAt = .now
            return state.entries[id]
        }
    }

    /// Which connections to a device are one too many, now that another has greeted.
    func crossing(_ id: UInt64, with device: DeviceID, own: DeviceID) -> [ConnectionHandle] {
        state.withLock { state in
            guard let later = state.entries[id]?.session(own: own) else { return [] }
            return state.entries.compactMap { other, entry in
                guard other != id, entry.device == device, let earlier = entry.session(own: own)
                else { return nil }
                return CrossingSessions.closesEarlier(earlier, later: later)
                    ? entry.handle : state.entries[id]?.handle
            }
        }
    }

    /// Whether a device is connected, whoever called.
    func isConnected(_ device: DeviceID) -> Bool {
        state.withLock { $0.entries.values.contains { $0.device == device } }
    }

    /// Changes the entry of a connection, and returns it as it is then.
    func update(_ id: UInt64, _ change: (inout Entry) -> Void) -> Entry? {
        state.withLock { state in
            guard var entry = state.entries[id] else { return nil }
            change(&entry)
            state.entries[id] = entry
            return entry
        }
    }

    /// Takes out a connection that is gone.
    func remove(_ id: UInt64) -> Entry? {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: id) else { return nil }
            state.past.add(entry)
            if case .dialed(let address) = entry.handle.direction {
                let earlier = state.peers[address]?.lastSync
                state.peers[address]?.lastSync = entry.lastSync ?? earlier
            }
            return entry
        }
    }

    // MARK: Peers that are dialled

    /// Who was met at an address the last time.
    func device(at address: SyncAddress) -> DeviceID? {
        state.withLock { $0.peers[address]?.device }
    }

    func dialing(_ address: SyncAddress) {
        state.withLock { $0.peers[address, default: Peer()].isWaiting = false }
    }

    func waiting(for address: SyncAddress) {
        state.withLock { $0.peers[address, default: Peer()].isWaiting = true }
    }

    /// Notes why a peer could not be reached, and says whether that is news.
    func failed(_ address: SyncAddress, _ problem: String) -> Bool {
        state.withLock { state in
            let isNew = state.peers[address]?.problem != problem
            state.peers[address, default: Peer()].problem = problem
            return isNew
        }
    }

    // MARK: Status

    func status(peers: [SyncAddress]) -> SyncStatus {
        state.withLock { state in
            var status = state.past
            status.listening = state.listening
            var entries = state.entries.values.sorted { $0.handle.id < $1.handle.id }
            for entry in entries { status.add(entry) }
            for address in peers {
                let index = entries.firstIndex { $0.handle.direction == .dialed(address) }
                let entry = index.map { entries.remove(at: $0) }
                status.connections.append(
                    Self.connection(to: address, state.peers[address] ?? Peer(), entry))
            }
            status.connections += entries.map(Self.connection)
            return status
        }
    }

    private static func connection(
        to address: SyncAddress, _ peer: Peer, _ entry: Entry?
    ) -> SyncStatus.Connection {
        guard let entry else {
            return SyncStatus.Connection(
                address: address.description, state: peer.isWaiting ? .waiting : .connecting,
                lastSync: peer.lastSync, problem: peer.problem)
        }
        var connection = connection(entry)
        connection.lastSync = entry.lastSync ?? peer.lastSync
        return connection
    }

    private static func connection(_ entry: Entry) -> SyncStatus.Connection {
        SyncStatus.Connection(
            address: entry.handle.address, device: entry.device,
            state: entry.device == nil ? .connecting : .connected, lastSync: entry.lastSync)
    }
}

extension SyncStatus {
    fileprivate mutating func add(_ entry: SyncLedger.Entry) {
        bytesSent += entry.counts.bytesSent
        bytesReceived += entry.counts.bytesReceived
        messagesSent += entry.messagesSent
        messagesReceived += entry.messagesReceived
    }
}

extension SyncLedger.Entry {
    /// The connection as a session that may cross another; nothing before the greeting.
    fileprivate func session(own: DeviceID) -> CrossingSessions.Session? {
        guard let device, let greetedAt else { return nil }
        let isCaller = if case .dialed = handle.direction { true } else { false }
        return CrossingSessions.Session(caller: isCaller ? own : device, greetedAt: greetedAt)
    }
}
