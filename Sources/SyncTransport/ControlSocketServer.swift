import Foundation
import NIOCore
import NIOPosix

/// A Unix-domain socket on which the owner of the process can ask for things: a line in, a line
/// out, any number of times per connection and in order.
///
/// The socket's file is readable and writable by its owner only.
package final class ControlSocketServer: Sendable {
    private typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let path: String
    private let channel: NIOAsyncChannel<Client, Never>

    private init(path: String, channel: NIOAsyncChannel<Client, Never>) {
        self.path = path
        self.channel = channel
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
        do {
            let channel = try await ServerBootstrap(group: loop.group)
                .bind(descriptor) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Client(wrappingChannelSynchronously: channel)
                    }
                }
            return ControlSocketServer(path: path, channel: channel)
        } catch {
            throw SyncError(.system, "\(path): cannot listen there (\(describe(error)))")
        }
    }

    /// Answers clients until the task is cancelled; then the socket is closed and removed.
    ///
    /// - Parameter answer: Makes the reply to a line; it must not contain a newline.
    /// - Throws: `CancellationError`.
    package func run(_ answer: @escaping @Sendable (String) async -> String) async throws {
        defer { removeOwnSocket() }
        try await channel.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients {
                    group.addTask { await Self.serve(client, answer) }
                }
                group.cancelAll()
            }
        }
    }

    /// Serves one client; its misbehaviour and its disappearance end only this.
    private static func serve(
        _ client: Client, _ answer: @Sendable (String) async -> String
    ) async {
        do {
            try await client.executeThenClose { inbound, outbound in
                var lines = LineBuffer()
                for try await buffer in inbound {
                    lines.feed(buffer)
                    while let line = try lines.next() {
                        let reply = await answer(line)
                        try await outbound.write(ByteBuffer(string: reply + "\n"))
                    }
                }
            }
        } catch {
            client.channel.close(promise: nil)
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
