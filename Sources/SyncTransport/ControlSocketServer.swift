import Foundation
import NIOCore
import NIOPosix

/// A Unix-domain socket on which the owner of the process can ask for things: a line in, a line
/// out, any number of times per connection and in order.
///
/// The socket's file is readable and writable by its owner only.
package final class ControlSocketServer: Sendable {
    private let path: String
    private let channel: any Channel
    private let requests: AsyncStream<ControlRequest>
    private let continuation: AsyncStream<ControlRequest>.Continuation

    private init(
        path: String, channel: any Channel, requests: AsyncStream<ControlRequest>,
        continuation: AsyncStream<ControlRequest>.Continuation
    ) {
        self.path = path
        self.channel = channel
        self.requests = requests
        self.continuation = continuation
    }

    /// Begins to listen; clients are answered once ``run(_:)`` has been called.
    ///
    /// A socket that a killed process left behind is replaced, so the caller must know that no
    /// other process serves here.
    package static func bind(
        to path: String, on loop: TransportLoop
    ) async throws(SyncError) -> ControlSocketServer {
        try removeSocket(path)
        let socketPath = try SocketPath(path)
        let descriptor = try socketPath.bind()
        let (requests, continuation) = AsyncStream.makeStream(of: ControlRequest.self)
        do {
            let channel = try await ServerBootstrap(group: loop.group)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            ControlSocketHandler { continuation.yield($0) })
                    }
                }
                .withBoundSocket(descriptor).get()
            return ControlSocketServer(
                path: path, channel: channel, requests: requests, continuation: continuation)
        } catch {
            throw SyncError(.system, "\(path): cannot listen there (\(describe(error)))")
        }
    }

    /// Answers clients until the task is cancelled; then the socket is closed and removed, and what
    /// has been begun is still answered.
    ///
    /// - Parameter answer: Makes the reply to a line; it must not contain a newline.
    package func run(_ answer: @escaping @Sendable (String) async -> String) async {
        await withDiscardingTaskGroup { group in
            for await request in requests {
                group.addTask { request.reply(await answer(request.line)) }
            }
            removeOwnSocket()
            channel.close(promise: nil)
        }
    }

    private func removeOwnSocket() {
        // Nobody is left to tell, and a socket that stays behind is replaced by the next server.
        unlink(path)
    }

    private static func removeSocket(_ path: String) throws(SyncError) {
        var information = stat()
        guard lstat(path, &information) == 0 else {
            if errno == ENOENT { return }
            throw SyncError.ofSystem(path)
        }
        guard information.st_mode & S_IFMT == S_IFSOCK else {
            throw SyncError(
                .system, "\(path): is in the way; it is no socket, so it was left there")
        }
        guard unlink(path) == 0 else { throw SyncError.ofSystem(path) }
    }
}
