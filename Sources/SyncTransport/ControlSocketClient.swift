import NIOCore
import NIOPosix

/// Talks to a ``ControlSocketServer``: any number of requests, answered in their order.
package final class ControlSocketClient: Sendable {
    private let path: String
    private let channel: any Channel
    private let handler: NIOLoopBound<RequestHandler>

    private init(path: String, channel: any Channel, handler: NIOLoopBound<RequestHandler>) {
        self.path = path
        self.channel = channel
        self.handler = handler
    }

    /// Connects to the socket at a path.
    ///
    /// - Throws: ``SyncError/Code/unreachable`` if there is no socket or nobody listens on it.
    package static func connect(
        to path: String
    ) async throws(SyncError) -> ControlSocketClient {
        let socketPath = try SocketPath(path)
        // The short path may lead through it until the connection is there.
        defer { withExtendedLifetime(socketPath) {} }
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: socketPath.short) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = RequestHandler(path: path)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return ControlSocketClient(
                            path: path, channel: channel,
                            handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
                    }
                }
        } catch {
            throw SyncError(.unreachable, "\(path): nobody answers (\(describe(error)))")
        }
    }

    /// Sends a line and waits for the line that answers it.
    ///
    /// - Parameters:
    ///   - line: Without a newline.
    ///   - timeout: After that the connection is closed, because the answer may still come.
    /// - Returns: The answer, without its newline.
    /// - Throws: ``SyncError/Code/timedOut`` or ``SyncError/Code/disconnected``: the request may
    ///   or may not have been carried out; ``SyncError/Code/refused`` if the line is too long.
    package func request(
        _ line: String, timeout: Duration = .seconds(60)
    ) async throws(SyncError) -> String {
        guard line.utf8.count <= LineBuffer.lineBytesMax, !line.utf8.contains(UInt8(ascii: "\n"))
        else {
            throw SyncError(.refused, "a request is one line of at most 1 MiB")
        }
        let reply = channel.eventLoop.makePromise(of: String.self)
        channel.eventLoop.execute { [handler, channel] in
            handler.value.expect(reply, within: timeout, on: channel)
            channel.writeAndFlush(ByteBuffer(string: line + "\n"), promise: nil)
        }
        do {
            return try await reply.futureResult.get()
        } catch {
            if let error = error as? SyncError { throw error }
            throw SyncError(.disconnected, "\(path): \(describe(error))")
        }
    }

    /// Closes the connection.
    package func close() async {
        do { try await channel.close() } catch { channel.close(promise: nil) }
    }
}

/// Matches replies to requests, first come, first served.
private final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let path: String
    private var lines = LineBuffer()
    private var waiting: [(reply: EventLoopPromise<String>, timeout: Scheduled<Void>)] = []
    private var end: SyncError?

    init(path: String) { self.path = path }

    func expect(
        _ reply: EventLoopPromise<String>, within timeout: Duration, on channel: any Channel
    ) {
        if let end {
            reply.fail(end)
            return
        }
        let task = channel.eventLoop.assumeIsolated().scheduleTask(
            in: TimeAmount(clamping: timeout)
        ) {
            self.fail(SyncError(.timedOut, "\(self.path): no answer within \(timeout)"))
            channel.close(promise: nil)
        }
        waiting.append((reply, task))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lines.feed(unwrapInboundIn(data))
        do throws(SyncError) {
            while let line = try lines.next() {
                guard !waiting.isEmpty else { continue }
                let (reply, timeout) = waiting.removeFirst()
                timeout.cancel()
                reply.succeed(line)
            }
        } catch {
            fail(error)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(SyncError(.disconnected, "\(path): \(describe(error))"))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(SyncError(.disconnected, "\(path): closed before it answered"))
    }

    private func fail(_ error: SyncError) {
        end = end ?? error
        let failed = waiting
        waiting = []
        for (reply, timeout) in failed {
            timeout.cancel()
            reply.fail(error)
        }
    }
}
