import NIOCore
import NIOPosix
package import SyncEngine

/// Opens connections to peers.
package struct TCPDialer<Replica: ReplicaPort & Sendable>: Sendable {
    private let loop: TransportLoop
    private let setup: ConnectionSetup<Replica>

    /// Makes a dialer.
    package init(on loop: TransportLoop, setup: ConnectionSetup<Replica>) {
        self.loop = loop
        self.setup = setup
    }

    /// Opens a connection; the session begins by itself.
    ///
    /// - Throws: ``SyncError/Code/unreachable``, ``SyncError/Code/timedOut``,
    ///   ``SyncError/Code/invalidAddress``.
    package func dial(_ address: SyncAddress) async throws(SyncError) -> ConnectionHandle {
        guard address.port != 0 else {
            throw SyncError(.invalidAddress, "\(address): no peer can listen on port 0")
        }
        let target = try address.resolved()
        let setup = setup
        do {
            return try await ClientBootstrap(group: loop.group)
                .connectTimeout(TimeAmount(clamping: setup.transportLimits.connectTimeout))
                .connectionOptions()
                .connect(to: target) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handle = ConnectionHandle(
                            channel: channel, direction: .dialed(address))
                        try channel.pipeline.syncOperations.addHandler(
                            ConnectionHandler(
                                role: .initiator, expecting: setup.deviceAt(address),
                                handle: handle, setup: setup, admission: nil))
                        return handle
                    }
                }
        } catch {
            throw Self.dialError(error, address)
        }
    }

    private static func dialError(_ error: any Error, _ address: SyncAddress) -> SyncError {
        if case ChannelError.connectTimeout = error {
            return SyncError(.timedOut, "\(address): no connection in time")
        }
        let reason = describe(error)
        return SyncError(
            .unreachable, "\(address): nobody answers (\(reason)); is the peer being served there?")
    }
}
