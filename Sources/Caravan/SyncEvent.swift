public import CausalTime
public import ReplicaModel
public import SyncTransport

/// What a ``SyncService`` did, for logs.
public enum SyncEvent: Hashable, Sendable {
    /// A peer, as far as it is known.
    public struct Peer: Hashable, Sendable {
        /// Where it is.
        public let address: String
        /// Its device.
        public let device: DeviceID
        /// What people call it, once its membership has arrived here.
        public let name: String?
    }

    /// What passed over a connection.
    public struct Counts: Hashable, Sendable {
        /// Bytes sent to the peer, as framed for TCP.
        public internal(set) var bytesSent: UInt64 = 0
        /// Bytes that came from it.
        public internal(set) var bytesReceived: UInt64 = 0
        /// Cells that came from it and are durable here.
        public internal(set) var cellsReceived = 0
    }

    /// Peers are accepted at this address, whose port is the one that was bound.
    case listening(SyncAddress)
    /// A peer of the same fleet is there.
    case connected(Peer)
    /// Both sides have what either had when the connection was made.
    case synchronized(Peer, Counts)
    /// A change of the peer, or one that it passed on, is durable here.
    case received(Peer, lane: Lane, cells: Int)
    /// A peer has seen the same as this device and holds other data; see also `Replica.alarms()`.
    case diverged(Peer, Divergence)
    /// A connection with a peer ended.
    case disconnected(Peer, reason: String)
    /// A connection that this device opened ended before the peer was known, or there was none.
    /// Reported once for a peer that is dialled in vain, until the reason changes.
    case failed(address: String, reason: String)
    /// A connection that somebody else opened ended before it was known who. Strangers can bring
    /// about any number of these, with reasons of their choice.
    case unknownCaller(address: String, reason: String)
}
