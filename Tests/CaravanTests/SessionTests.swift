import Caravan
import Foundation
import Testing

/// Exchanges over anything that carries bytes.
@Suite("A session without a transport")
struct SessionTests {
    @Test("brings two replicas level, and pushes what is written later")
    func bringsLevel() async throws {
        let (phone, laptop) = try await Self.pair()
        try await phone.write { try $0.addProfile(Self.travel, [.nickname: "Japan"]) }
        _ = try await laptop.recordUsage(UsageAmount(received: .megabytes(25)), country: "JP")

        var one = phone.session(with: laptop.device)
        var other = laptop.answeringSession()
        try Self.exchange(&one, &other)
        #expect(one.isSynchronized && other.isSynchronized)
        #expect(one.peer == laptop.device && other.peer == phone.device)
        #expect(try await phone.summary() == laptop.summary())

        try await phone.write { try $0.setProfile(Self.travel, .nickname, to: "Nippon") }
        try Self.exchange(&one, &other, first: one.changed())
        #expect(try await phone.summary().digest == laptop.summary().digest)
        #expect(one.bytesSent == other.bytesReceived)
    }

    @Test("that is cut at any byte leaves both able to meet again")
    func survivesCuts() async throws {
        let whole = try await Self.recorded()
        for cut in stride(from: 1, to: whole.count, by: 7) {
            let (phone, laptop) = try await Self.pair()
            try await phone.write { try $0.addProfile(Self.travel, [.nickname: "Japan"]) }
            var one = phone.session()
            var other = laptop.answeringSession()
            let bytes = try one.start()
            _ = try other.receive(Array(bytes.prefix(cut)))

            var again = phone.session()
            var answering = laptop.answeringSession()
            try Self.exchange(&again, &answering)
            #expect(try await phone.summary() == laptop.summary(), "cut at \(cut)")
        }
    }

    @Test("ends with an error when bytes are repeated, lost or changed, and changes nothing")
    func refusesOtherBytes() async throws {
        let (phone, laptop) = try await Self.pair()
        try await phone.write { try $0.addProfile(Self.travel) }
        for damage in 0..<3 {
            let before = try await laptop.summary()
            var one = phone.session()
            var other = laptop.answeringSession()
            var bytes = try one.start()
            switch damage {
            case 0: bytes += bytes
            case 1: bytes.remove(at: 3)
            default: bytes.swapAt(1, 4)
            }
            #expect(throws: SyncError.self) { try other.receive(bytes) }
            #expect(other.isClosed)
            #expect(try await laptop.summary() == before)
        }
    }

    @Test("refuses another fleet, another device and itself")
    func refusesStrangers() async throws {
        let phone = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        let stranger = try await Replica.inMemory(name: "stranger", deviceClass: .phone)
        var one = phone.session()
        var other = stranger.answeringSession()
        #expect(throws: SyncError(.otherFleet, "")) { try other.receive(one.start()) }
        #expect(!other.farewell.isEmpty)

        let laptop = try await Replica.inMemory(
            fleet: phone.fleet, name: "laptop", deviceClass: .laptop)
        var expecting = laptop.answeringSession(with: stranger.device)
        var calling = phone.session()
        #expect(throws: SyncError(.unexpectedDevice, "")) {
            try expecting.receive(calling.start())
        }
        var mirror = phone.answeringSession()
        var self1 = phone.session()
        #expect(throws: SyncError(.sameDevice, "")) { try mirror.receive(self1.start()) }
    }

    // MARK: Tools

    static let travel: ICCID = {
        do { return try ICCID("8999999000000001014") } catch { fatalError("\(error)") }
    }()

    static func pair() async throws -> (Replica, Replica) {
        let phone = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        return (
            phone,
            try await Replica.inMemory(fleet: phone.fleet, name: "laptop", deviceClass: .laptop)
        )
    }

    /// Carries bytes to and fro until neither side has any.
    static func exchange(
        _ one: inout ReplicaSession, _ other: inout ReplicaSession, first: [UInt8]? = nil
    ) throws {
        var toOther = try first ?? one.start()
        while !toOther.isEmpty {
            let toOne = try other.receive(toOther)
            toOther = toOne.isEmpty ? [] : try one.receive(toOne)
        }
    }

    private static func recorded() async throws -> [UInt8] {
        let (phone, _) = try await pair()
        try await phone.write { try $0.addProfile(travel, [.nickname: "Japan"]) }
        var session = phone.session()
        return try session.start()
    }
}
