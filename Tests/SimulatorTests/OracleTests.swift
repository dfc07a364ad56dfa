import FleetModel
import Simulator
import Testing

/// A checker that catches nothing is worse than none: each rule is broken once on purpose.
@Suite("The oracle")
struct OracleTests {
    private static func honest() throws -> (Oracle, DeviceObservation, ICCID) {
        let iccid = try ICCID("8999999000000001014")
        var oracle = Oracle(deviceNames: ["phone", "laptop"])
        func tell(
            _ operation: FleetOperation, _ device: Int, at second: Int, reserved: UInt64? = nil
        ) {
            let time = Duration.seconds(second)
            let ticket = oracle.begin(operation, device: device, at: time)
            oracle.end(ticket, .acknowledged(reserved: reserved.map { ByteCount($0) }), at: time)
        }
        tell(.grant(ByteCount(100), valid: .seconds(9)), 0, at: 1)
        tell(.reserve(ByteCount(40)), 0, at: 2, reserved: 40)
        tell(.use(ByteCount(30), iccid: "", country: ""), 0, at: 3)
        tell(.addProfile(iccid, [.nickname: "A"]), 0, at: 4)
        tell(.edit(iccid, .nickname, "B"), 1, at: 5)
        let observation = DeviceObservation(
            digest: "1", used: [0: 30], granted: 100, reserved: [0: 40], available: [0: 60],
            profiles: [iccid.digits: ["nickname": "B"]])
        return (oracle, observation, iccid)
    }

    private static func verdict(
        _ change: (inout DeviceObservation) -> Void
    ) throws -> [Violation.Rule] {
        var (oracle, observation, _) = try honest()
        let other = observation
        change(&observation)
        oracle.judge([observation, other], at: .seconds(60))
        return oracle.violations.map(\.rule)
    }

    @Test("accepts replicas that say what was acknowledged")
    func acceptsTheTruth() throws {
        #expect(try Self.verdict { _ in } == [])
    }

    @Test("finds use that is missing")
    func findsLostUse() throws { #expect(try Self.verdict { $0.used[0] = 29 } == [.durable]) }

    @Test("finds use that is counted twice")
    func findsDoubledUse() throws { #expect(try Self.verdict { $0.used[0] = 60 } == [.durable]) }

    @Test("finds a reservation that is missing")
    func findsLostReservation() throws {
        #expect(
            try Self.verdict {
                $0.reserved[0] = 0
                $0.available[0] = 100
            } == [.durable])
    }

    @Test("finds a grant that is missing")
    func findsLostGrant() throws {
        #expect(try Self.verdict { $0.granted = 0 }.contains(.durable))
    }

    @Test("finds an earlier edit that won")
    func findsLostEdit() throws {
        #expect(
            try Self.verdict { $0.profiles["8999999000000001014"] = ["nickname": "A"] } == [
                .durable
            ])
    }

    @Test("finds a missing profile")
    func findsLostProfile() throws {
        #expect(try Self.verdict { $0.profiles = [:] } == [.durable])
    }

    @Test("finds rights made out of nothing")
    func findsMintedRights() throws {
        #expect(try Self.verdict { $0.available[0] = 61 } == [.pool])
    }

    @Test("finds different digests")
    func findsDivergence() throws {
        #expect(try Self.verdict { $0.digest = "2" } == [.convergence])
    }

    @Test("finds an overdrawn pool at the moment it happens")
    func findsOverdraft() throws {
        var (oracle, _, _) = try Self.honest()
        let ticket = oracle.begin(.reserve(ByteCount(61)), device: 1, at: .seconds(7))
        oracle.end(ticket, .acknowledged(reserved: ByteCount(61)), at: .seconds(7))
        #expect(oracle.violations.map(\.rule) == [.pool])
        #expect(oracle.violations.first?.at == 7)
    }

    @Test("accepts either outcome of an operation that was never answered")
    func acceptsUnknownOutcomes() throws {
        for (used, isAccepted) in [(UInt64(30), true), (35, true), (36, false), (29, false)] {
            var (oracle, observation, _) = try Self.honest()
            let use = FleetOperation.use(ByteCount(5), iccid: "", country: "")
            let ticket = oracle.begin(use, device: 0, at: .seconds(8))
            oracle.end(ticket, .unknown, at: .seconds(9))
            observation.used[0] = used
            oracle.judge([observation, observation], at: .seconds(60))
            #expect(oracle.violations.isEmpty == isAccepted, "\(used)")
        }
    }

    @Test("accepts either of two edits that overlapped in time")
    func acceptsConcurrentEdits() throws {
        for value in ["B", "C", "D"] {
            var (oracle, observation, iccid) = try Self.honest()
            let first = oracle.begin(.edit(iccid, .nickname, "C"), device: 0, at: .seconds(8))
            let second = oracle.begin(.edit(iccid, .nickname, "D"), device: 1, at: .seconds(9))
            oracle.end(first, .acknowledged(reserved: nil), at: .seconds(10))
            oracle.end(second, .acknowledged(reserved: nil), at: .seconds(10))
            observation.profiles[iccid.digits] = ["nickname": value]
            oracle.judge([observation, observation], at: .seconds(60))
            #expect(oracle.violations.isEmpty == (value != "B"), "\(value)")
        }
    }
}
