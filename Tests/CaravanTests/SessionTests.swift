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

    @Test(
        "brings two devices together that had given each other up, whoever begins",
        arguments: [false, true])
    func bringsBackTogether(laptopBegins: Bool) async throws {
        let (phone, laptop) = try await Self.pair()
        var (one, other) = (phone.session(), laptop.answeringSession())
        try Self.exchange(&one, &other)
        for (replica, given) in [(phone, laptop.device), (laptop, phone.device)] {
            try await replica.write { fleet in
                try fleet.cells.retire(given)
                try fleet.addProfile(Self.travel, [.nickname: "by \(fleet.device)"])
                try fleet.recordUsage(UsageAmount(received: .megabytes(5)))
            }
            // Alone, each forgets what the other has never seen.
            try await replica.write { fleet in
                for lane in Lane.all { try fleet.cells.proposeCut(of: lane) }
                try fleet.cells.acknowledgeCuts()
            }
            #expect(try await replica.summary().frontier[.settings].isEmpty == false)
        }
        (one, other) =
            laptopBegins
            ? (laptop.session(), phone.answeringSession())
            : (phone.session(), laptop.answeringSession())
        try Self.exchange(&one, &other)
        #expect(one.isSynchronized && other.isSynchronized)
        #expect(try await phone.summary().vectors == laptop.summary().vectors)
        #expect(try await phone.summary().digest == laptop.summary().digest)
        let used = try await phone.read { try $0.pool(at: WallTime(milliseconds: 0)).used }
        #expect(used == .megabytes(10))
        let members = try await laptop.read { try Membership($0.cells).members.count }
        #expect(members == 2, "each is a member again as soon as it learns that it was none")
    }

    @Test("goes on when it is told of changes while the peer still owes an answer")
    func isToldMeanwhile() async throws {
        let (phone, laptop) = try await Self.pair()
        var (one, other) = (phone.session(), laptop.answeringSession())
        // Nothing has come back yet, and there is nothing new to send either.
        var toOther = try one.start() + one.changed()
        var toOne = try other.receive(toOther) + other.changed()
        toOther = try one.receive(toOne) + one.changed()
        toOne = try other.receive(toOther) + other.changed()
        _ = try one.receive(toOne)
        #expect(try await phone.summary() == laptop.summary())
        #expect(one.isSynchronized && !one.isClosed && !other.isClosed)
    }

    @Test("sends what taking something in has brought about, such as an acknowledgement")
    func answersWithAcknowledgements() async throws {
        let (phone, laptop) = try await Self.pair()
        try await phone.write { try $0.addProfile(Self.travel) }
        var (one, other) = (phone.session(), laptop.answeringSession())
        try Self.exchange(&one, &other)
        try await phone.write { fleet in
            for lane in Lane.all { try fleet.cells.proposeCut(of: lane) }
        }
        (one, other) = (phone.session(), laptop.answeringSession())
        try Self.exchange(&one, &other)
        #expect(one.isSynchronized && other.isSynchronized)
        #expect(try await phone.summary() == laptop.summary())
        #expect(try await !phone.summary().frontier[.settings].isEmpty, "both have said so")
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

    @Test("takes nothing in from a device that was not expected")
    func takesNothingFromOthers() async throws {
        let (phone, laptop) = try await Self.pair()
        let tablet = try await Replica.inMemory(name: "tablet", deviceClass: .tablet)
        try await laptop.write { try $0.addProfile(Self.travel) }
        let before = try await phone.summary()
        var expecting = phone.session(with: tablet.device)
        var answering = laptop.answeringSession()
        // The greeting, and with it all that the phone lacks.
        let greeting = try answering.receive(expecting.start())
        #expect(throws: SyncError(.unexpectedDevice, "")) { try expecting.receive(greeting) }
        #expect(expecting.isClosed && expecting.cellsReceived == 0)
        #expect(try await phone.summary() == before)
        // Without an expectation the same bytes bring something.
        var open = phone.session()
        answering = laptop.answeringSession()
        _ = try open.receive(answering.receive(open.start()))
        #expect(open.cellsReceived > 0)
        #expect(try await phone.summary() != before)
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
