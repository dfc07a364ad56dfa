import Caravan
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

/// What a listener with limits of its own reports.
private struct ListenerFeed {
    let greetings: AsyncStream<DeviceID>
    let ends: AsyncStream<String>
    let setup: ConnectionSetup<EmptyReplica>

    init(_ limits: TransportLimits) {
        let (greetings, greeted) = AsyncStream.makeStream(of: DeviceID.self)
        let (ends, ended) = AsyncStream.makeStream(of: String.self)
        self.greetings = greetings
        self.ends = ends
        var setup = ConnectionSetup(identity: .of(1), replica: EmptyReplica()) { _, event in
            switch event {
            case .greeted(let device): greeted.yield(device)
            case .closed(let end): ended.yield(end.reason)
            case .opened, .applied, .synchronized, .diverged, .traffic: break
            }
        }
        setup.transportLimits = limits
        self.setup = setup
    }
}

extension Preamble {
    /// A device of the fleet of these tests.
    fileprivate static func of(_ device: UInt64) -> Preamble {
        Preamble(fleet: FleetID(high: 1, low: 1), device: DeviceID(high: device, low: 2))
    }
}

extension RawConnection {
    /// What is said on the connection until the other side hangs up.
    fileprivate func heard() -> String { String(decoding: readToEnd(), as: UTF8.self) }

    /// The answer to something that is no greeting, which only who was admitted gets.
    fileprivate func answerToNoise() -> String {
        send(Array("not a preamble".utf8))
        return heard()
    }
}

@Suite("Limits of accepted connections", .timeLimit(.minutes(2)))
struct AdmissionTests {
    /// Listens with limits while `body` runs.
    private func listening(
        _ limits: TransportLimits,
        _ body: (TransportLoop, SyncAddress, ListenerFeed) async throws -> Void
    ) async throws {
        let feed = ListenerFeed(limits)
        try await TransportLoop.with { loop in
            let listener = try await TCPListener.bind(to: .anyPort(), on: loop, setup: feed.setup)
            listener.accept()
            try await body(loop, listener.address, feed)
            listener.close()
            await listener.closed()
        }
    }

    /// Calls as another device of the fleet.
    private func call(
        _ address: SyncAddress, as device: UInt64, on loop: TransportLoop
    ) async throws {
        let setup = ConnectionSetup(identity: .of(device), replica: EmptyReplica()) { _, _ in }
        _ = try await TCPDialer(on: loop, setup: setup).dial(address)
    }

    @Test("Of too many strangers the first is told so and hung up on, and the others stay")
    func greetingLimit() async throws {
        var limits = TransportLimits()
        limits.greetingMax = 2
        try await listening(limits) { _, address, feed in
            let first = try RawConnection(to: address)
            let second = try RawConnection(to: address)
            let third = try RawConnection(to: address)
            #expect(first.heard().contains("have not said who they are"))
            first.hangUp()
            var ends = feed.ends.makeAsyncIterator()
            let end = await ends.next()
            #expect(end?.contains("have not said who they are") == true)
            #expect(third.answerToNoise().contains("not a Caravan"))
            #expect(second.answerToNoise().contains("not a Caravan"))
        }
    }

    @Test("One that leaves makes room, so that nobody has to give way")
    func leaving() async throws {
        var limits = TransportLimits()
        limits.greetingMax = 2
        try await listening(limits) { _, address, feed in
            let first = try RawConnection(to: address)
            let second = try RawConnection(to: address)
            second.hangUp()
            var ends = feed.ends.makeAsyncIterator()
            _ = await ends.next()
            let third = try RawConnection(to: address)
            #expect(third.answerToNoise().contains("not a Caravan"))
            #expect(first.answerToNoise().contains("not a Caravan"))
        }
    }

    @Test("Strangers give way to peers up to the limit of all, and peers to nobody")
    func totalLimit() async throws {
        var limits = TransportLimits()
        limits.acceptedMax = 2
        try await listening(limits) { loop, address, feed in
            var greetings = feed.greetings.makeAsyncIterator()
            try await call(address, as: 2, on: loop)
            let one = await greetings.next()
            #expect(one == Preamble.of(2).device)
            let stranger = try RawConnection(to: address)
            try await call(address, as: 3, on: loop)
            let other = await greetings.next()
            #expect(other == Preamble.of(3).device)
            #expect(stranger.heard().contains("have not said who they are"))
            stranger.hangUp()
            var ends = feed.ends.makeAsyncIterator()
            _ = await ends.next()
            let late = try RawConnection(to: address)
            #expect(late.heard().contains("too many connections; try again"))
            let end = await ends.next()
            #expect(end?.contains("too many connections; try again") == true)
        }
    }

    @Test("A hundred strangers that say nothing do not keep a peer out")
    func silentStrangers() async throws {
        let fleet = TestFleet()
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        try await phone.addProfile("8941000000000000001")
        try await serving(phone) { served in
            let strangers = try (0..<100).map { _ in try RawConnection(to: served.address) }
            _ = try await SyncService(replica: laptop).sync(with: served.address)
            withExtendedLifetime(strangers) {}
        }
        #expect(try await laptop.profiles() == ["8941000000000000001"])
    }
}
