import NIOCore
import NIOPosix
package import SyncEngine

/// A port on which peers are accepted.
package final class TCPListener: Sendable {
    /// Where it listens, with the port that was bound.
    package let address: SyncAddress
    private let channel: any Channel

    private init(address: SyncAddress, channel: any Channel) {
        self.address = address
        self.channel = channel
    }

    /// Begins to listen; whoever calls is accepted once ``accept()`` has been called.
    ///
    /// - Throws: ``SyncError/Code/addressInUse``, or ``SyncError/Code/system``.
    package static func bind(
        to address: SyncAddress, on loop: TransportLoop,
        setup: ConnectionSetup<some ReplicaPort & Sendable>
    ) async throws(SyncError) -> TCPListener {
        let target = try address.resolved()
        let admission = Admission(limits: setup.transportLimits)
        do {
            let channel = try await ServerBootstrap(group: loop.group)
                .serverChannelOption(.backlog, value: setup.transportLimits.backlog)
                // A restart must not wait for the last connections of the former process to fade.
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.autoRead, value: false)
                .connectionOptions()
                .childChannelInitializer { channel in
                    accept(channel, setup, admission)
                }
                .bind(to: target).get()
            let port = channel.localAddress?.port.flatMap(UInt16.init(exactly:)) ?? address.port
            return TCPListener(
                address: try SyncAddress(host: address.host, port: port), channel: channel)
        } catch {
            throw bindError(error, address)
        }
    }

    /// Begins to accept: those who have called meanwhile first.
    package func accept() { _ = channel.setOption(.autoRead, value: true) }

    /// Stops accepting; connections stay.
    package func close() { channel.close(promise: nil) }

    /// Waits until the listener has stopped.
    package func closed() async {
        do { try await channel.closeFuture.get() } catch { channel.close(promise: nil) }
    }

    private static func accept(
        _ channel: any Channel, _ setup: ConnectionSetup<some ReplicaPort & Sendable>,
        _ admission: Admission
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let handle = ConnectionHandle(channel: channel, direction: .accepted)
            switch admission.admit(handle) {
            case .admitted(let oldest): oldest?.refuse(Admission.givingWay)
            case .denied(let refusal):
                try channel.pipeline.syncOperations.addHandler(
                    RefusingHandler(refusal, linger: setup.transportLimits.lingerTimeout))
                // Nothing else will happen to it, and whoever reads the log should know of it.
                setup.onEvent(handle.id, .opened(handle))
                setup.onEvent(handle.id, .closed(.session(.refused(refusal))))
                return
            }
            channel.closeFuture.whenComplete { _ in admission.left(handle.id) }
            try channel.pipeline.syncOperations.addHandler(
                ConnectionHandler(
                    role: .responder, handle: handle, setup: setup, admission: admission))
        }
    }

    private static func bindError(_ error: any Error, _ address: SyncAddress) -> SyncError {
        if let error = error as? SyncError { return error }
        guard let error = error as? IOError, error.errnoCode == EADDRINUSE else {
            return SyncError(.system, "\(address): cannot listen there (\(describe(error)))")
        }
        return SyncError(
            .addressInUse,
            "\(address): the port is in use by another process; choose another, or 0 for any")
    }
}

/// Tells a peer why it is not served, and hangs up.
private final class RefusingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let refusal: Refusal
    private let linger: Duration

    init(_ refusal: Refusal, linger: Duration) {
        self.refusal = refusal
        self.linger = linger
    }

    func channelActive(context: ChannelHandlerContext) {
        do {
            let bytes = try refusal.onlyFrame()
            let loop = context.eventLoop.assumeIsolated()
            let flushed = context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(
                wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)),
                promise: flushed)
            flushed.futureResult.assumeIsolated().whenComplete { _ in
                context.close(mode: .output, promise: nil)
            }
            loop.scheduleTask(in: TimeAmount(clamping: linger)) { context.close(promise: nil) }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Read, so that closing does not reset the connection before the refusal has arrived.
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
