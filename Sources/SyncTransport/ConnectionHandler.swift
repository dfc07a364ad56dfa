import CausalTime
import NIOCore
import ReplicaModel
import SyncEngine
import SyncWire
import ZstdStream

/// Carries one ``SyncConnection`` over a channel; lives on the channel's event loop.
///
/// It decides nothing: bytes, time and changes go in, and what comes out is written, reported and
/// scheduled. The replica is called in between, on this thread (see ``TransportLoop``).
///
/// ```
/// open → closing → gone
/// ```
///
/// While closing, the last bytes go out and the sending side is shut, but what the peer still sends
/// is read and dropped: to close a socket with unread bytes would reset the connection, and the
/// peer might never see why it was refused.
final class ConnectionHandler<Replica: ReplicaPort & Sendable>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case open
        case closing(ConnectionEnd)
        case gone
    }

    /// A change of the replica that the session has not heard of.
    private struct News {
        var vectors: LaneVectors
        var relayed: Bool
    }

    private let setup: ConnectionSetup<Replica>
    private let handle: ConnectionHandle
    private let admission: Admission?
    private var connection: SyncConnection<ZstdCompressor, ZstdDecompressor>
    private var phase = Phase.open
    private var timer: (due: MonotonicTime, task: Scheduled<Void>)?
    private var idleTimer: Scheduled<Void>?
    private var news: News?
    private var outcome = ConnectionOutcome()
    private var problem: String?

    init(
        role: SyncSession.Role, expecting device: DeviceID? = nil, handle: ConnectionHandle,
        setup: ConnectionSetup<Replica>, admission: Admission?
    ) {
        self.setup = setup
        self.handle = handle
        self.admission = admission
        connection = SyncConnection(
            role: role, identity: setup.identity, expecting: device,
            limits: setup.sessionLimits, isPaced: true, compressor: ZstdCompressor(),
            decompressor: ZstdDecompressor())
    }

    // MARK: Events of the channel

    func channelActive(context: ChannelHandlerContext) {
        setup.onEvent(handle.id, .opened(handle))
        perform(connection.connected(at: now(context), replica: setup.replica), context)
        watchIdleness(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open = phase else { return }
        let bytes = Array(buffer: unwrapInboundIn(data))
        perform(connection.received(bytes, at: now(context), replica: setup.replica), context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        sendOn(context)
        tellNews(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? ConnectionCommand {
        case .changed(let vectors, let relayed):
            // Merged: what two threads report may come in either order.
            var news = self.news ?? News(vectors: vectors, relayed: relayed)
            news.vectors.merge(vectors)
            news.relayed = news.relayed && relayed
            self.news = news
            tellNews(context)
        case .close: beginClosing(.closedHere, context)
        case nil: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        problem = describe(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let end: ConnectionEnd
        switch phase {
        case .open:
            connection.disconnected(at: now(context), replica: setup.replica)
            end = .disconnected(problem)
        case .closing(let reason): end = reason
        case .gone: return
        }
        phase = .gone
        timer?.task.cancel()
        timer = nil
        idleTimer?.cancel()
        outcome.end = end
        handle.note(outcome)
        setup.onEvent(handle.id, .closed(end))
    }

    // MARK: Driving the session

    /// Tells the session that the replica has changed, but not while bytes wait to be sent: what
    /// waits for a slow peer stays bounded.
    private func tellNews(_ context: ChannelHandlerContext) {
        guard case .open = phase, let news, context.channel.isWritable else { return }
        self.news = nil
        perform(
            connection.changed(
                to: news.vectors, relayed: news.relayed, at: now(context), replica: setup.replica),
            context)
    }

    /// Hands out what waits of long segments, as long as the socket takes it.
    private func sendOn(_ context: ChannelHandlerContext) {
        while case .open = phase, connection.hasMoreToSend, context.channel.isWritable {
            take(connection.hasRoom(at: now(context), replica: setup.replica), context)
        }
    }

    private func perform(
        _ output: SyncConnection<ZstdCompressor, ZstdDecompressor>.Output,
        _ context: ChannelHandlerContext
    ) {
        take(output, context)
        sendOn(context)
    }

    private func take(
        _ output: SyncConnection<ZstdCompressor, ZstdDecompressor>.Output,
        _ context: ChannelHandlerContext
    ) {
        if !output.bytes.isEmpty {
            context.writeAndFlush(
                wrapOutboundOut(context.channel.allocator.buffer(bytes: output.bytes)),
                promise: nil)
        }
        report(output.progress)
        if let reason = output.close {
            beginClosing(.session(reason), context)
        } else if unsentBytes(context) > setup.transportLimits.unsentBytesMax {
            problem = "the peer does not read what it is sent"
            context.close(promise: nil)
        } else {
            schedule(context)
        }
    }

    private func report(_ progress: [SyncSession.Progress]) {
        let traffic = ConnectionTraffic(connection.traffic)
        if traffic != outcome.traffic {
            outcome.traffic = traffic
            setup.onEvent(handle.id, .traffic(outcome.traffic))
        }
        for step in progress {
            switch step {
            case .greeted(let device):
                outcome.device = device
                admission?.greeted(handle.id)
                setup.onEvent(handle.id, .greeted(device))
            case .applied(let lane, let cells):
                outcome.cellsReceived += cells
                setup.onEvent(handle.id, .applied(lane: lane, cells: cells))
            case .diverged(let step): setup.onEvent(handle.id, .diverged(step))
            case .synchronized:
                outcome.wasSynchronized = true
                setup.onEvent(handle.id, .synchronized)
            }
        }
    }

    /// Comes back when the session wants to, unless that is planned already.
    private func schedule(_ context: ChannelHandlerContext) {
        guard case .open = phase, let due = connection.deadline else {
            timer?.task.cancel()
            timer = nil
            return
        }
        guard timer?.due != due else { return }
        timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: due.deadline) {
            self.timer = nil
            guard case .open = self.phase else { return }
            self.perform(
                self.connection.timeReached(at: self.now(context), replica: self.setup.replica),
                context)
        }
        timer = (due, task)
    }

    /// Lets the connection rest whenever it has sent nothing for some time.
    private func watchIdleness(_ context: ChannelHandlerContext) {
        let sent = connection.traffic.bytesSent
        let timeout = TimeAmount(clamping: setup.transportLimits.idleTimeout)
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            guard case .open = self.phase else { return }
            if self.connection.traffic.bytesSent == sent { self.connection.rest() }
            self.watchIdleness(context)
        }
    }

    private func now(_ context: ChannelHandlerContext) -> MonotonicTime {
        MonotonicTime(context.eventLoop.now)
    }

    private func unsentBytes(_ context: ChannelHandlerContext) -> Int {
        do {
            return try context.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
        } catch {
            // Only a channel that is closing does not know.
            return 0
        }
    }

    // MARK: Closing

    private func beginClosing(_ end: ConnectionEnd, _ context: ChannelHandlerContext) {
        guard case .open = phase else { return }
        connection.disconnected(at: now(context), replica: setup.replica)
        phase = .closing(end)
        timer?.task.cancel()
        timer = nil
        let loop = context.eventLoop.assumeIsolated()
        let flushed = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(
            wrapOutboundOut(context.channel.allocator.buffer(capacity: 0)),
            promise: flushed)
        flushed.futureResult.assumeIsolated().whenComplete { _ in
            context.close(mode: .output, promise: nil)
        }
        let linger = TimeAmount(clamping: setup.transportLimits.lingerTimeout)
        loop.scheduleTask(in: linger) { context.close(promise: nil) }
    }
}
