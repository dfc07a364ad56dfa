package import CausalTime
package import SyncEngine

/// What every connection of a device needs.
package struct ConnectionSetup<Replica: ReplicaPort & Sendable>: Sendable {
    /// Fleet and device of the replica.
    package var identity: Preamble
    /// The replica; called on the transport's thread.
    package var replica: Replica
    /// Which device was met at an address before, so that it is greeted with what is remembered
    /// of it.
    package var deviceAt: @Sendable (SyncAddress) -> DeviceID? = { _ in nil }
    /// The turns of the replica's connections.
    package var turns = SharedTurns()
    /// Limits of sessions.
    package var sessionLimits = SessionLimits()
    /// Limits of connections.
    package var transportLimits = TransportLimits()
    /// Called on the transport's thread, with the number of the connection.
    package var onEvent: @Sendable (UInt64, ConnectionEvent) -> Void

    /// Makes a setup with the limits of version 1.
    package init(
        identity: Preamble, replica: Replica,
        onEvent: @escaping @Sendable (UInt64, ConnectionEvent) -> Void
    ) {
        self.identity = identity
        self.replica = replica
        self.onEvent = onEvent
    }
}
