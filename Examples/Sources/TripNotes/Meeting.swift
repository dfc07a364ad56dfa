import Caravan

/// An exchange between two devices over a pipe in memory.
///
/// Bluetooth, a local network or a file would take the place of the pipe: all that a session needs
/// is that bytes arrive in the order in which they were sent.
enum Meeting {
    /// What passed.
    struct Outcome: Sendable {
        let bytes: UInt64
        let cells: Int
    }

    /// Brings two replicas level, each in a task of its own.
    static func between(_ one: Replica, and other: Replica) async throws -> Outcome {
        let (near, far) = Pipe.ends()
        async let calling = exchange(one.session(with: other.device), over: near)
        async let answering = exchange(other.answeringSession(with: one.device), over: far)
        let sessions = try await [calling, answering]
        return Outcome(
            bytes: sessions.map(\.bytesSent).reduce(0, +),
            cells: sessions.map(\.cellsReceived).reduce(0, +))
    }

    /// Sends and receives until both sides have what either had.
    private static func exchange(
        _ session: consuming ReplicaSession, over pipe: Pipe
    ) async throws -> ReplicaSession {
        do {
            pipe.send(try session.start())
            while !session.isSynchronized, let bytes = await pipe.receive() {
                pipe.send(try session.receive(bytes))
            }
        } catch {
            pipe.send(session.farewell)
            pipe.close()
            throw error
        }
        return session
    }
}

/// One end of a pipe.
private struct Pipe: Sendable {
    private let incoming: AsyncStream<[UInt8]>
    private let outgoing: AsyncStream<[UInt8]>.Continuation

    /// A pipe has two.
    static func ends() -> (Pipe, Pipe) {
        let there = AsyncStream.makeStream(of: [UInt8].self)
        let back = AsyncStream.makeStream(of: [UInt8].self)
        return (
            Pipe(incoming: back.stream, outgoing: there.continuation),
            Pipe(incoming: there.stream, outgoing: back.continuation)
        )
    }

    func send(_ bytes: [UInt8]) {
        if !bytes.isEmpty { outgoing.yield(bytes) }
    }

    func receive() async -> [UInt8]? {
        var bytes = incoming.makeAsyncIterator()
        return await bytes.next()
    }

    func close() { outgoing.finish() }
}
