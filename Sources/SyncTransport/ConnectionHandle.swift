package import CausalTime
import NIOCore
package import ReplicaModel
import SyncEngine
import Synchronization

/// A connection as seen from any thread.
package final class ConnectionHandle: Sendable {
    /// Who opened a connection.
    package enum Direction: Hashable, Sendable {
        /// The peer.
        case accepted
        /// This device, at this address.
        case dialed(SyncAddress)
    }

    /// Tells connections of one process apart; later ones are greater.
    package let id: UInt64
    /// Who opened it.
    package let direction: Direction
    /// Where the peer is: for an accepted connection a port that the peer's system chose.
    package let address: String
    private let channel: any Channel
    private let outcome = Mutex(ConnectionOutcome())

    private static let lastID = Atomic<UInt64>(0)

    init(channel: any Channel, direction: Direction) {
        id = Self.lastID.add(1, ordering: .relaxed).newValue
        self.channel = channel
        self.direction = direction
        address =
            switch direction {
            case .dialed(let address): address.description
            case .accepted: channel.remoteAddress?.hostAndPort ?? "an unknown address"
            }
    }

    /// Tells the connection that the replica has changed.
    ///
    /// - Parameters:
    ///   - vectors: What the replica has seen now.
    ///   - relayed: Whether the change came from a peer rather than from this device.
    package func changed(to vectors: LaneVectors, relayed: Bool) {
        command(.changed(vectors, relayed: relayed))
    }

    /// Lets a connection that waits for its turn ask again.
    func askAgain() { command(.turn) }

    /// Closes the connection once what was to be sent has been sent.
    package func close() { command(.close) }

    /// Tells the peer, which has not said who it is, why it is not served, and hangs up.
    ///
    /// To be called on the connection's loop, though not by the connection: it takes effect before
    /// the peer can say anything more.
    func refuse(_ refusal: Refusal) {
        channel.pipeline.fireUserInboundEventTriggered(ConnectionCommand.refuse(refusal))
    }

    /// Waits until the connection is gone.
    package func ended() async -> ConnectionOutcome {
        do {
            try await channel.closeFuture.get()
        } catch {
            outcome.withLock { $0.end = .disconnected(describe(error)) }
        }
        return outcome.withLock { $0 }
    }

    func note(_ outcome: ConnectionOutcome) { self.outcome.withLock { $0 = outcome } }

    /// Goes through the loop's queue even if this is the loop: the connection may be what called.
    private func command(_ command: ConnectionCommand) {
        channel.eventLoop.execute { [channel] in
            channel.pipeline.fireUserInboundEventTriggered(command)
        }
    }
}

/// What became of a connection.
package struct ConnectionOutcome: Sendable {
    /// The peer, if it said who it is.
    package internal(set) var device: DeviceID?
    /// Whether both sides were level at some time.
    package internal(set) var wasSynchronized = false
    /// How many cells of the peer are durable here.
    package internal(set) var cellsReceived = 0
    /// What passed.
    package internal(set) var traffic = ConnectionTraffic()
    /// Why it ended.
    package internal(set) var end = ConnectionEnd.disconnected(nil)
}

enum ConnectionCommand: Sendable {
    case changed(LaneVectors, relayed: Bool)
    case turn
    case refuse(Refusal)
    case close
}

extension SocketAddress {
    /// `host:port`, an IPv6 host in brackets.
    var hostAndPort: String? {
        guard let ipAddress, let port else { return nil }
        return ipAddress.contains(":") ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)"
    }
}
