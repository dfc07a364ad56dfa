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
/// open ⇄ waiting
/// open, waiting → closing → gone
/// ```
///
/// Before it greets, a connection may have to wait for its turn (see `CatchUpTurns`): one that was
/// dialed says nothing until then, and of one that was accepted the first bytes are not looked at.
///
/// While closing, the last bytes go out and the sending side is shut, but what the peer still sends
/// is read and dropped: to close a socket with unread bytes would reset the connection, and the
/// peer might never see why it was refused.
final class ConnectionHandler<Replica: ReplicaPort & Sendable>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case open
        /// With what has arrived meanwhile.
        case waiting([UInt8])
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
    private let role: SyncSession.Role
    private let admission: Admission?
    private var connection: SyncConnection<ZstdCompressor, ZstdDecompressor>
    private var phase = Phase.open
    private var hasTurn = false
    private var timer: (due: MonotonicTime, task: Scheduled<Void>)?
    private var idleTimer: Scheduled<Void>?
    private var lingerTimer: Scheduled<Void>?
    private var news: News?
    private var outcome = ConnectionOutcome()
    private var problem: String?

    init(
        role: SyncSession.Role, expecting device: DeviceID? = nil, handle: ConnectionHandle,
        setup: ConnectionSetup<Replica>, admission: Admission?
    ) {
        self.setup = setup
        self.handle = handle
        self.role = role
        self.admission = admission
        connection = SyncConnection(
            role: role, identity: setup.identity, nonce: .random(in: 0 ... .max), expecting: device,
            limits: setup.sessionLimits, isPaced: true, compressor: ZstdCompressor(),
            decompressor: ZstdDecompressor())
    }

    // MARK: Events of the channel

    func channelActive(context: ChannelHandlerContext) {
        setup.onEvent(handle.id, .opened(handle))
        switch role {
        case .initiator:
            phase = .waiting([])
            takeTurn(context)
        case .responder: connected(context)
        }
        watchIdleness(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(buffer: unwrapInboundIn(data))
        switch phase {
        case .open where hasTurn: receive(bytes, context)
        case .open:
            phase = .waiting(bytes)
            takeTurn(context)
        case .waiting(let before): phase = .waiting(before + bytes)
        case .closing, .gone: return
        }
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
        case .turn: takeTurn(context)
        case .refuse(let refusal): refuse(refusal, context)
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
        case .waiting, .open:
            connection.disconnected(at: now(context), replica: setup.replica)
            end = .disconnected(problem)
        case .closing(let reason): end = reason
        case .gone: return
        }
        phase = .gone
        setup.turns.leave(handle)
        timer?.task.cancel()
        timer = nil
        idleTimer?.cancel()
        // It would keep all of this connection until it is due.
        lingerTimer?.cancel()
        outcome.end = end
        handle.note(outcome)
        setup.onEvent(handle.id, .closed(end))
    }

    // MARK: Driving the session

    /// Goes on if it is this connection's turn to greet; otherwise comes back.
    private func takeTurn(_ context: ChannelHandlerContext) {
        guard case .waiting(let before) = phase else { return }
        if let due = setup.turns.take(handle, as: role, at: now(context)) {
            setReading(false, context)
            return comeBack(at: due, context) { self.takeTurn(context) }
        }
        hasTurn = true
        phase = .open
        setReading(true, context)
        if role == .initiator { connected(context) }
        if !before.isEmpty { receive(before, context) }
        tellNews(context)
    }

    private func connected(_ context: ChannelHandlerContext) {
        perform(connection.connected(at: now(context), replica: setup.replica), context)
    }

    private func receive(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        perform(connection.received(bytes, at: now(context), replica: setup.replica), context)
        setup.turns.note(handle, isBehind: connection.isBehind, at: now(context))
    }

    /// Says whether the socket is read; if not, the peer waits.
    ///
    /// It fails only once the socket is closed, when nothing is read anyway.
    private func setReading(_ isReading: Bool, _ context: ChannelHandlerContext) {
        _ = context.channel.setOption(.autoRead, value: isReading)
    }

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
        comeBack(at: due, context) {
            guard case .open = self.phase else { return }
            self.perform(
                self.connection.timeReached(at: self.now(context), replica: self.setup.replica),
                context)
        }
    }

    /// Does something at a time, unless that is planned already.
    private func comeBack(
        at due: MonotonicTime, _ context: ChannelHandlerContext, _ body: @escaping () -> Void
    ) {
        guard timer?.due != due else { return }
        timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: due.deadline) {
            self.timer = nil
            body()
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

    /// Refuses a peer to which nothing has been said yet.
    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        switch phase {
        case .waiting, .open: break
        case .closing, .gone: return
        }
        do {
            let bytes = try refusal.onlyFrame()
            context.writeAndFlush(
                wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
        } catch {
            problem = "\(error)"
            return context.close(promise: nil)
        }
        beginClosing(.session(.refused(refusal)), context)
    }

    private func beginClosing(_ end: ConnectionEnd, _ context: ChannelHandlerContext) {
        switch phase {
        case .waiting, .open: phase = .closing(end)
        case .closing, .gone: return
        }
        connection.disconnected(at: now(context), replica: setup.replica)
        setup.turns.leave(handle)
        setReading(true, context)
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
        lingerTimer = loop.scheduleTask(in: linger) { context.close(promise: nil) }
    }
}
