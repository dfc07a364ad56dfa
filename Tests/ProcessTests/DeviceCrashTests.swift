import Foundation
import Testing

@Suite("A device that is killed", .timeLimit(.minutes(5)))
struct DeviceCrashTests {
    private let fleet: DeviceFleet

    init() throws { fleet = try DeviceFleet() }

    @Test("Nothing that was acknowledged is lost, however often the process is killed")
    func nothingIsLost() async throws {
        try await fleet.make("phone")
        var acknowledged = 0
        var unknown = 0
        for round in 0..<20 {
            let phone = try await ServingDevice("phone", in: fleet)
            try await fleet.device("phone", "usage", "record", "1MB")
            acknowledged += 1
            let profile = "89410000000000000\(10 + round)"
            try await fleet.device("phone", "profile", "add", profile)
            if round.isMultiple(of: 2) {
                try await phone.crash()
            } else {
                // This one is under way while the process dies.
                async let last = fleet.caravan("usage", "record", "1MB", "--store", "phone")
                try await phone.crash()
                if try await last.status == 0 { acknowledged += 1 } else { unknown += 1 }
            }

            let status = try await fleet.device("phone", "status")
            #expect(status["profiles"] as? Int == round + 1)
            let pool = try #require(status["pool"] as? [String: any Sendable])
            let used = try #require(pool["used"] as? Int) / 1_000_000
            #expect((acknowledged...acknowledged + unknown).contains(used), "round \(round)")
        }
    }

    @Test("What a peer had received stays with it, and the killed device goes on from there")
    func peersStayLevel() async throws {
        try await fleet.make("phone", "laptop")
        let laptop = try await ServingDevice("laptop", in: fleet)
        for round in 0..<5 {
            let phone = try await ServingDevice("phone", in: fleet, peers: [laptop.address])
            try await fleet.device("phone", "usage", "record", "1MB")
            try await fleet.device("laptop", "usage", "record", "1MB")
            if round.isMultiple(of: 2) { _ = try await phone.line { $0.hasPrefix("synced") } }
            try await phone.crash()
        }
        try await fleet.device("phone", "sync", laptop.address)
        #expect(try await fleet.digest("phone") == fleet.digest("laptop"))
        let pool = try await fleet.device("phone", "pool", "show")
        #expect(pool["used"] as? Int == 10_000_000)
    }
}
