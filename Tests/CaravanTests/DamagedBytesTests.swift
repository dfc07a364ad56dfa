import Caravan
import Testing

/// A carrier may do anything to what it is given: what it changes has no effect but an error.
@Suite("A session whose bytes are lost, repeated, reordered or changed")
struct DamagedBytesTests {
    enum Damage: CaseIterable { case lost, repeated, swapped, shortened, flipped }

    @Test(
        "takes in what was intact before, ends, and another one brings both level", arguments: 0..<3
    )
    func pushes(position: Int) async throws {
        for damage in Damage.allCases where damage != .swapped || position < 2 {
            let (phone, laptop) = try await SessionTests.pair()
            var one = phone.session()
            var other = laptop.answeringSession()
            try await phone.write { try $0.addProfile(SessionTests.travel, [.nickname: "Japan"]) }
            try SessionTests.exchange(&one, &other)
            let pieces = try await Self.pushes(of: &one, from: phone)

            for piece in pieces[..<position] { _ = try other.receive(piece) }
            var before = try await laptop.summary()
            let rest: [[UInt8]]
            switch damage {
            case .lost: rest = Array(pieces[(position + 1)...])
            case .repeated:
                _ = try other.receive(pieces[position])
                before = try await laptop.summary()
                rest = Array(pieces[position...])
            case .swapped:
                rest = [pieces[position + 1], pieces[position]] + pieces[(position + 2)...]
            case .shortened:
                rest = [pieces[position].dropLast()] + pieces[(position + 1)...]
            case .flipped:
                var flipped = pieces[position]
                flipped[flipped.count / 2] ^= 4
                rest = [flipped] + pieces[(position + 1)...]
            }
            Self.expectDamage(rest, &other, "\(damage) at \(position)")
            #expect(try await laptop.summary() == before, "\(damage) at \(position)")

            var again = phone.session()
            var answering = laptop.answeringSession()
            try SessionTests.exchange(&again, &answering)
            #expect(try await phone.summary() == laptop.summary(), "\(damage) at \(position)")
        }
    }

    @Test("misses any frame of a long transfer")
    func frames() async throws {
        let (phone, _) = try await SessionTests.pair()
        try await phone.write { fleet in
            for number in 0..<600 {
                let card = try ICCID("89410000000000\(100_000 + number)")
                try fleet.addProfile(card, [.nickname: "plan \(number * number)"])
            }
        }
        var lost = 0
        var count: Int
        repeat {
            // Another device each time: one that has kept a part would be sent less.
            let laptop = try await Replica.inMemory(
                fleet: phone.fleet, name: "laptop", deviceClass: .laptop)
            var one = phone.session()
            var other = laptop.answeringSession()
            var frames = Self.frames(of: try one.receive(other.receive(one.start())))
            count = frames.count
            frames.remove(at: lost)
            Self.expectDamage([Array(frames.joined())], &other, "frame \(lost) lost")
            #expect(try await laptop.read { try $0.profiles().isEmpty }, "frame \(lost) lost")
            var again = phone.session()
            var answering = laptop.answeringSession()
            try SessionTests.exchange(&again, &answering)
            #expect(try await phone.summary() == laptop.summary())
            lost += 1
        } while lost < count - 1
        #expect(lost >= 4)
    }

    @Test("notices an acknowledgement that comes again")
    func acknowledgements() async throws {
        let (phone, laptop) = try await SessionTests.pair()
        var one = phone.session()
        var other = laptop.answeringSession()
        try SessionTests.exchange(&one, &other)
        try await phone.write { try $0.addProfile(SessionTests.travel) }
        let answer = try other.receive(one.changed())
        #expect(!answer.isEmpty)
        _ = try one.receive(answer)
        #expect(throws: SyncError(.damaged, "")) { try one.receive(answer) }
        #expect(one.isClosed && !one.farewell.isEmpty)
        // The other side hears of it.
        #expect(throws: SyncError(.damaged, "")) { try other.receive(one.farewell) }
    }

    @Test("does not take in what was meant for another device")
    func otherDevice() async throws {
        let (phone, laptop) = try await SessionTests.pair()
        let tablet = try await Replica.inMemory(
            fleet: phone.fleet, name: "tablet", deviceClass: .tablet)
        try await phone.write { try $0.addProfile(SessionTests.travel, [.nickname: "Japan"]) }
        var one = phone.session()
        var other = laptop.answeringSession()
        try SessionTests.exchange(&one, &other)
        try await phone.write { try $0.setProfile(SessionTests.travel, .apn, to: "internet") }

        // The laptop lacks the last write alone, the tablet everything.
        var calling = laptop.session(with: phone.device)
        var strange = tablet.session(with: phone.device)
        var answering = phone.answeringSession()
        _ = try strange.start()
        let forLaptop = try answering.receive(calling.start())
        let before = try await tablet.summary()
        #expect(throws: SyncError(.damaged, "")) { try strange.receive(forLaptop) }
        #expect(try await tablet.summary() == before)
        _ = try calling.receive(forLaptop)
        #expect(try await laptop.summary().digest == phone.summary().digest)
    }

    // A replica that is put back between two sessions greets the second time as it did the first.
    @Test("does not take in what answered an earlier session, though both greet alike")
    func earlierSession() async throws {
        let (phone, laptop) = try await SessionTests.pair()
        try await phone.write { try $0.addProfile(SessionTests.travel, [.nickname: "Japan"]) }
        var calling = phone.session(with: laptop.device)
        var answering = laptop.answeringSession()
        var again = laptop.answeringSession()
        let greeting = try calling.start()
        let answer = try answering.receive(greeting)
        #expect(try again.receive(greeting).count == answer.count)

        let recorded = try calling.receive(answer)
        let before = try await laptop.summary()
        #expect(throws: SyncError(.damaged, "")) { try again.receive(recorded) }
        #expect(try await laptop.summary() == before)
        _ = try answering.receive(recorded)
        #expect(try await laptop.summary().digest == phone.summary().digest)
    }

    @Test("says what happened and that nothing is lost")
    func message() async throws {
        let (phone, laptop) = try await SessionTests.pair()
        var one = phone.session()
        var other = laptop.answeringSession()
        var bytes = try one.start()
        bytes[bytes.count - 1] ^= 1
        let error = #expect(throws: SyncError.self) { try other.receive(bytes) }
        #expect(error?.code == .damaged)
        #expect(
            error?.message.hasSuffix(
                "bytes were lost or changed on the way; another session sends again what is missing"
            ) == true)
    }

    /// Three changes, each with what a session hands out for it.
    private static func pushes(
        of session: inout ReplicaSession, from replica: Replica
    ) async throws -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        for name in ["Nippon", "Osaka", "Kyoto"] {
            try await replica.write {
                try $0.setProfile(SessionTests.travel, .nickname, to: name)
                try $0.setProfile(SessionTests.travel, .apn, to: "\(name.count)")
            }
            pieces.append(try session.changed())
        }
        return pieces
    }

    /// Cuts bytes into frames: a length, seven bits a byte, and what follows it.
    private static func frames(of bytes: [UInt8]) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var rest = bytes[...]
        while let last = rest.firstIndex(where: { $0 < 0x80 }) {
            let length = rest[...last].reversed().reduce(0) { $0 << 7 | Int($1 & 0x7f) }
            let end = min(rest.endIndex, last + 1 + length)
            frames.append(Array(rest[..<end]))
            rest = rest[end...]
        }
        return frames
    }

    /// Hands over what arrives; if that is enough to notice the damage, it has to be noticed.
    private static func expectDamage(
        _ pieces: [[UInt8]], _ session: inout ReplicaSession, _ name: String
    ) {
        do {
            for piece in pieces { _ = try session.receive(piece) }
            #expect(pieces.isEmpty || name.contains("shortened"), "\(name)")
        } catch {
            #expect(error.code == .damaged, "\(name): \(error)")
            #expect(session.isClosed)
        }
    }
}
