import CausalTime
import ReplicaModel
import SyncEngine
import SyncTransport
import Synchronization
import Testing

/// A replica of empty segments, which says when it is asked how far it is and when it is changed.
private final class NotedReplica: ReplicaPort, Sendable {
    let vectors = Mutex(LaneVectors())
    let onSummary: @Sendable () -> Void
    let onApply: @Sendable (Segment) -> Void

    init(
        onSummary: @escaping @Sendable () -> Void = {},
        onApply: @escaping @Sendable (Segment) -> Void = { _ in }
    ) {
        self.onSummary = onSummary
        self.onApply = onApply
    }

    private var current: ReplicaSummary {
        ReplicaSummary(vectors: vectors.withLock { $0 }, digest: Digest(), clock: .zero)
    }

    func summary() -> ReplicaSummary {
        let summary = current
        onSummary()
        return summary
    }

    func segment(of lane: Lane, since base: VersionVector) -> Segment {
        Segment(
            lane: lane, base: base, claim: vectors.withLock { $0[lane] }, clock: .zero, cells: [])
    }

    func apply(_ segment: Segment) -> ReplicaSummary {
        vectors.withLock { $0[segment.lane].merge(segment.claim) }
        onApply(segment)
        return current
    }
}

@Suite("Greetings", .timeLimit(.minutes(2)))
struct GreetingTests {
    private func identity(_ device: UInt64) -> Preamble {
        Preamble(fleet: FleetID(high: 1, low: 1), device: DeviceID(high: device, low: 0))
    }

    @Test("A write made while the greetings are under way reaches the peer")
    func writeDuringGreeting() async throws {
        let (applied, continuation) = AsyncStream.makeStream(of: Segment.self)
        let receiver = NotedReplica(onApply: { continuation.yield($0) })
        let written: LaneVectors = {
            var vectors = LaneVectors()
            vectors[.settings].raise(WriterID(high: 9, low: 9), to: 1)
            return vectors
        }()
        let own = Mutex<ConnectionHandle?>(nil)
        let writer = Mutex<NotedReplica?>(nil)
        // Right after this side has said how far it is, it writes.
        let sender = NotedReplica(onSummary: {
            writer.withLock { $0 }?.vectors.withLock { $0 = written }
            own.withLock { $0 }?.changed(to: written, relayed: false)
        })
        writer.withLock { $0 = sender }
        try await TransportLoop.with { loop in
            let listener = try await TCPListener.bind(
                to: .anyPort(), on: loop,
                setup: ConnectionSetup(identity: identity(1), replica: receiver) { _, _ in })
            listener.accept()
            let setup = ConnectionSetup(identity: identity(2), replica: sender) { _, event in
                if case .opened(let handle) = event { own.withLock { $0 = handle } }
            }
            _ = try await TCPDialer(on: loop, setup: setup).dial(listener.address)
            var segments = applied.makeAsyncIterator()
            let segment = await segments.next()
            #expect(segment?.lane == .settings)
            #expect(segment?.claim == written[.settings])
        }
        writer.withLock { $0 = nil }
    }
}
