import Synchronization

/// What a device draws by chance, from seeded streams; it may be asked from any thread.
final class NonceSource: Sendable {
    private struct Streams {
        var writers: SeededRandom
        var connections: SeededRandom
    }

    private let streams: Mutex<Streams>

    /// Makes the streams of one device; how often one is asked does not change the other.
    init(_ random: SeededRandom) {
        streams = Mutex(
            Streams(writers: random, connections: random.fork(label: "connections")))
    }

    /// The nonce of a new writer.
    func writer() -> UInt64 { streams.withLock { $0.writers.next() } }

    /// The nonce of a new connection.
    func connection() -> UInt32 {
        streams.withLock { UInt32(truncatingIfNeeded: $0.connections.next()) }
    }
}
