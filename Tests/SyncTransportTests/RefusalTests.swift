import Caravan
import CausalTime
import FleetModel
import SyncEngine
import SyncTransport
import Testing

@Suite("Connections that are refused", .timeLimit(.minutes(2)))
struct RefusalTests {
    private let fleet = TestFleet()

    @Test("Replicas of different fleets refuse each other, and both say so")
    func otherFleet() async throws {
        let phone = try await fleet.replica("phone")
        let stranger = try await fleet.replica("stranger", fleet: FleetID(high: 1, low: 2))
        let before = try await phone.summary()
        try await serving(phone) { served in
            let error = await #expect(throws: SyncError.self) {
                try await SyncService(replica: stranger).sync(with: served.address)
            }
            #expect(error?.code == .otherFleet)
            #expect(error?.message.contains("this replica is of another fleet") == true)
            #expect(error?.message.contains("\(phone.fleet)") == false, "a stranger learns none")
            let reason = try await served.events.failure()
            #expect(reason.contains("of another fleet"))
        }
        #expect(try await phone.summary() == before)
        #expect(try await stranger.memberNames() == ["stranger"])
    }

    @Test("A replica does not talk to a copy of itself")
    func sameDevice() async throws {
        let phone = try await fleet.replica("phone")
        try await serving(phone) { served in
            let error = await #expect(throws: SyncError.self) {
                try await served.service.sync(with: served.address)
            }
            #expect(error?.code == .sameDevice)
        }
    }

    enum Garbage: String, CaseIterable {
        case noise, page, halfFrame, hugeLength, nothing

        var bytes: [UInt8] {
            switch self {
            case .noise: (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
            case .page: Array("GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
            case .halfFrame: [60, 1]
            case .hugeLength: [0xff, 0xff, 0xff, 0xff, 0x7f]
            case .nothing: []
            }
        }
    }

    @Test("Garbage ends its own connection and nothing else", arguments: Garbage.allCases)
    func garbage(_ garbage: Garbage) async throws {
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        try await phone.addProfile("8941000000000000001")
        try await serving(phone) { served in
            do {
                let connection = try RawConnection(to: served.address)
                connection.send(garbage.bytes)
                // Half a frame is not wrong yet; it becomes so when the rest does not come.
                if garbage != .halfFrame, garbage != .nothing { _ = connection.readToEnd() }
            }
            _ = try await served.events.failure()
            _ = try await SyncService(replica: laptop).sync(with: served.address)
        }
        #expect(try await laptop.profiles() == ["8941000000000000001"])
    }

    @Test("Who dials the wrong port learns what answered there, even while still sending")
    func pageIsNamed() async throws {
        let phone = try await fleet.replica("phone")
        try await serving(phone) { served in
            let connection = try RawConnection(to: served.address)
            connection.send(Garbage.page.bytes + [UInt8](repeating: 0, count: 1 << 20))
            let answer = String(decoding: connection.readToEnd(), as: UTF8.self)
            #expect(answer.contains("not a Caravan peer"))
            connection.hangUp()
            let reason = try await served.events.failure()
            #expect(reason.contains("not a Caravan peer"))
        }
    }

    @Test("A hundred strangers at once do not keep a peer out for long")
    func manyStrangers() async throws {
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        try await phone.addProfile("8941000000000000001")
        try await serving(phone) { served in
            do {
                var strangers: [RawConnection] = []
                for number in 0..<100 {
                    let stranger = try RawConnection(to: served.address)
                    stranger.send([UInt8](repeating: UInt8(number), count: 100))
                    strangers.append(stranger)
                }
            }
            for await _ in attempts() {
                do {
                    _ = try await SyncService(replica: laptop).sync(with: served.address)
                    break
                } catch let error as SyncError where error.code == .refusedByPeer {
                    continue
                }
            }
        }
        #expect(try await laptop.profiles() == ["8941000000000000001"])
    }

    private func attempts() -> AsyncStream<Int> {
        AsyncStream { continuation in
            for number in 0..<1000 { continuation.yield(number) }
            continuation.finish()
        }
    }

    @Test("A peer that says nothing is hung up on")
    func silence() async throws {
        let phone = try await fleet.replica("phone")
        var limits = SessionLimits()
        limits.greetingTimeout = .milliseconds(50)
        try await serving(phone, limits: limits) { served in
            let connection = try RawConnection(to: served.address)
            let reason = try await served.events.failure()
            #expect(reason.contains("no greeting"))
            #expect(connection.readToEnd().isEmpty)
        }
    }

    @Test("A port that is taken is an error")
    func portInUse() async throws {
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        try await serving(phone) { served in
            var configuration = SyncService.Configuration()
            configuration.listening = served.address
            let service = SyncService(replica: laptop, configuration: configuration)
            let error = await #expect(throws: SyncError.self) { try await service.run() }
            #expect(error?.code == .addressInUse)
            #expect(error?.message.contains("\(served.address)") == true)
        }
    }

    @Test("Where nobody listens, nobody answers")
    func nobody() async throws {
        let phone = try await fleet.replica("phone")
        let address = try await serving(phone) { $0.address }
        let error = await #expect(throws: SyncError.self) {
            try await SyncService(replica: phone).sync(with: address)
        }
        #expect(error?.code == .unreachable)
    }

    @Test("A peer that does not answer is given up in time")
    func timeout() async throws {
        let phone = try await fleet.replica("phone")
        let silent = try SilentListener()
        let error = await #expect(throws: SyncError.self) {
            try await SyncService(replica: phone).sync(
                with: silent.address, timeout: .milliseconds(50))
        }
        #expect(error?.code == .timedOut)
    }
}
