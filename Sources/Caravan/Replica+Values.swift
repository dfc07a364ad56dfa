public import FleetModel
public import ReplicaStore

extension Replica {
    /// The value of a query now, and every newer one that is different.
    ///
    /// ```swift
    /// for try await profiles in replica.values(of: .profiles) {
    ///     print("\(profiles.count) profiles")
    /// }
    /// ```
    ///
    /// The sequence is of values, not of events: the first is the present one, and after each
    /// durable change, by this device or by a peer, the newest follows if it differs. Values in
    /// between may be skipped, so a slow reader costs no memory. It ends when the reader's task is
    /// cancelled, and throws `StoreError` when the replica is closed or cannot be read.
    public func values<Value>(
        of query: Query<StoreSnapshot, Value>
    ) -> some AsyncSequence<Value, any Error> & Sendable {
        AsyncThrowingStream(Value.self, bufferingPolicy: .bufferingNewest(1)) { continuation in
            let (changes, signal) = AsyncStream.makeStream(
                of: Void.self, bufferingPolicy: .bufferingNewest(1))
            let observer = addObserver { _, _ in signal.yield() }
            signal.yield()
            let reading = Task {
                var latest: Value?
                do {
                    for await _ in changes {
                        let value = try await read { try query.value(in: $0) }
                        if value != latest { continuation.yield(value) }
                        latest = value
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in
                self.removeObserver(observer)
                signal.finish()
                reading.cancel()
            }
        }
    }
}
