import Caravan
import Testing

/// The pool as an app uses it: requests that peers answer by themselves, and views of it.
@Suite("A shared pool")
struct SharedPoolTests {
    private let end = WallTime(milliseconds: 4_000_000_000_000)

    private func granted() async throws -> (phone: Replica, laptop: Replica, Grant) {
        let (phone, laptop) = try await SessionTests.pair()
        let grant = try await phone.write { [end] in
            try $0.grant(.gigabytes(1), from: WallTime(milliseconds: 0), until: end)
        }
        try Self.meet(phone, laptop)
        return (phone, laptop, grant)
    }

    private static func meet(_ phone: Replica, _ laptop: Replica) throws {
        var one = phone.session()
        var other = laptop.answeringSession()
        try SessionTests.exchange(&one, &other)
        // What was written as an answer travels on the same connection.
        for _ in 0..<3 {
            try SessionTests.exchange(&one, &other, first: one.changed())
            try SessionTests.exchange(&other, &one, first: other.changed())
        }
    }

    @Test("gives a device what it asks for when it meets one that has more")
    func requestsAreAnswered() async throws {
        let (phone, laptop, _) = try await granted()
        let asked = try await laptop.requestRights(.megabytes(100))
        #expect(asked >= .megabytes(100))
        await #expect(throws: FleetError.self) { try await laptop.reserve(.megabytes(100)) }
        try Self.meet(phone, laptop)
        #expect(try await laptop.requestRights(.megabytes(100)) == .zero)
        #expect(try await laptop.reserve(.megabytes(100)) >= .megabytes(100))
        try Self.meet(phone, laptop)
        #expect(try await phone.summary() == laptop.summary())
        let before = try await phone.summary()
        try Self.meet(phone, laptop)
        #expect(try await phone.summary() == before, "the answer has come to an end")
    }

    @Test("tops a device up by itself when its lease says so")
    func topsUp() async throws {
        let (phone, laptop, grant) = try await granted()
        try await phone.write { [end, device = laptop.device] in
            try $0.transfer(
                .megabytes(50), of: grant, to: device,
                lease: Lease(until: end, topUpBelow: .megabytes(20)))
        }
        try Self.meet(phone, laptop)
        try await laptop.reserve(.megabytes(40))
        try Self.meet(phone, laptop)
        #expect(try await laptop.reserve(.megabytes(30)) >= .megabytes(30))
    }

    @Test("looks the same to SQL as to the library, closed parts and leases included")
    func viewsAgree() async throws {
        let (phone, laptop, grant) = try await granted()
        let other = try await laptop.write { [end] in
            try $0.grant(.megabytes(300), from: WallTime(milliseconds: 0), until: end)
        }
        try await phone.write { [end, device = laptop.device] in
            try $0.transfer(
                .megabytes(200), of: grant, to: device,
                lease: Lease(until: end, topUpBelow: .megabytes(9)))
        }
        try Self.meet(phone, laptop)
        try await laptop.write { [device = phone.device] in
            try $0.transfer(.megabytes(100), of: other, to: device)
            _ = try $0.reserve(.megabytes(310))
            _ = try $0.requestRights(.megabytes(150))
        }
        try Self.meet(phone, laptop)
        try await laptop.write { try $0.closePart(of: grant) }
        // The phone has not heard of that.
        try await phone.write { [device = laptop.device] in
            try $0.transfer(.megabytes(70), of: grant, to: device)
        }
        for step in 0..<2 {
            if step == 1 { try Self.meet(phone, laptop) }
            for replica in [phone, laptop] { try await Self.check(replica) }
        }
        let leases = try await laptop.query(
            "SELECT lease_until, top_up_below FROM transfers WHERE lease_until IS NOT NULL")
        #expect(leases.rows == [[.integer(end.milliseconds), .integer(9_000_000)]])
        let wanted = try await laptop.query(
            "SELECT count(*) FROM transfers WHERE wanted > 0")
        #expect(wanted.rows.first?.first != .integer(0))
        let closings = try await phone.query(
            """
            SELECT c.grant_id, c.device, h.returned > 0, c.outflow - h.handed_on - h.reserved
            FROM closings AS c JOIN holdings AS h
              ON h.grant_id = c.grant_id AND h.device = c.device AND h.closed
            """)
        #expect(
            closings.rows == [
                [
                    .text(grant.id.description), .text(laptop.device.description), .integer(1),
                    .integer(0),
                ]
            ])
    }

    private static func check(_ replica: Replica) async throws {
        let rows = try await replica.query(
            "SELECT device, granted, reserved FROM allocations ORDER BY device")
        let pool = try await replica.read { try $0.pool(at: WallTime(milliseconds: 0)) }
        let expected = pool.devices.map { allowance -> [SQLValue] in
            [
                .text(allowance.device.description), .integer(Int64(allowance.granted.bytes)),
                .integer(Int64(allowance.reserved.bytes)),
            ]
        }
        #expect(rows.rows == expected)
    }
}
