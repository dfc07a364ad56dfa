import CausalTime
import ReplicaModel
import SyncEngine
import SyncTransport
import Testing

/// A replica that holds nothing.
private struct EmptyReplica: ReplicaPort, Sendable {
    func summary() -> ReplicaSummary {
        ReplicaSummary(vectors: LaneVectors(), digest: Digest(), clock: .zero)
    }

    func segment(of lane: Lane, since base: VersionVector) -> Segment {
        Segment(lane: lane, base: base, claim: base, clock: .zero, cells: [])
    }

    func apply(_ segment: Segment) -> ReplicaSummary { summary() }
}

@Suite("Limits of accepted connections", .timeLimit(.minutes(2)))
struct AdmissionTests {
    @Test("One stranger too many is told so and hung up on, until another one leaves")
    func greetingLimit() async throws {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        var setup = ConnectionSetup(
            identity: Preamble(
                fleet: FleetID(high: 1, low: 1), device: DeviceID(high: 2, low: 2)),
            replica: EmptyReplica()
        ) { _, event in
            if case .closed = event { continuation.yield() }
        }
        setup.transportLimits.greetingMax = 2
        let final = setup
        try await TransportLoop.with { loop in
            let listener = try await TCPListener.bind(to: .anyPort(), on: loop, setup: final)
            listener.accept()
            let first = try RawConnection(to: listener.address)
            var second: RawConnection? = try RawConnection(to: listener.address)
            let third = try RawConnection(to: listener.address)
            #expect(String(decoding: third.readToEnd(), as: UTF8.self).contains("too many"))
            withExtendedLifetime(second) {}
            second = nil
            var iterator = ends.makeAsyncIterator()
            await iterator.next()
            let fourth = try RawConnection(to: listener.address)
            fourth.send(Array("not a preamble".utf8))
            #expect(String(decoding: fourth.readToEnd(), as: UTF8.self).contains("not a Caravan"))
            withExtendedLifetime(first) {}
            listener.close()
            await listener.closed()
        }
    }
}
