public import CausalTime
public import SyncTransport

/// What a ``SyncService`` is doing.
public struct SyncStatus: Hashable, Sendable {
    /// A connection with a peer, or an attempt at one.
    public struct Connection: Hashable, Sendable {
        /// How far it is.
        public enum State: String, Hashable, Sendable {
            /// Being established.
            case connecting
            /// The peer has said who it is.
            case connected
            /// Waiting until the peer is tried again.
            case waiting
        }

        /// Where the peer is.
        public internal(set) var address: String
        /// The peer, once it has said who it is.
        public internal(set) var device: DeviceID?
        /// How far it is.
        public internal(set) var state: State
        /// When something of the peer arrived last, be it that it had received what was sent.
        public internal(set) var lastSync: WallTime?
        /// Why the last attempt ended, if it failed.
        public internal(set) var problem: String?
    }

    /// Where peers are accepted; nothing if they are not.
    public internal(set) var listening: SyncAddress?
    /// The peers that are dialled, in the order of the configuration, then those that called.
    public internal(set) var connections: [Connection] = []
    /// Bytes sent since the service was made, as framed for TCP.
    public internal(set) var bytesSent: UInt64 = 0
    /// Bytes received.
    public internal(set) var bytesReceived: UInt64 = 0
    /// Messages sent.
    public internal(set) var messagesSent: UInt64 = 0
    /// Messages received.
    public internal(set) var messagesReceived: UInt64 = 0
    /// Connections on which the peer said that it is of the same fleet.
    public internal(set) var sessions: UInt64 = 0
}
