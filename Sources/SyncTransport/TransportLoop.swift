import NIOCore
import NIOPosix

/// The thread on which connections live.
///
/// One thread is enough, and it calls the replica directly: a segment is not acknowledged before it
/// is durable, and one replica makes one transaction at a time, so a second thread would only wait
/// for the first one's disk. It also means that no connection needs a lock.
package final class TransportLoop: Sendable {
    let group: MultiThreadedEventLoopGroup

    private init() { group = MultiThreadedEventLoopGroup(numberOfThreads: 1) }

    /// Runs `body` with a thread that ends, and closes what is still open, when `body` ends.
    package static func with<Result: Sendable>(
        _ body: (TransportLoop) async throws -> Result
    ) async throws -> Result {
        let loop = TransportLoop()
        let result: Result
        do {
            result = try await body(loop)
        } catch {
            try await loop.group.shutdownGracefully()
            throw error
        }
        try await loop.group.shutdownGracefully()
        return result
    }
}
