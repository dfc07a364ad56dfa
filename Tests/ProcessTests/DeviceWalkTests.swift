import Foundation
import Testing

@Suite("Two devices by hand", .timeLimit(.minutes(3)))
struct DeviceWalkTests {
    private let fleet: DeviceFleet

    init() throws { fleet = try DeviceFleet() }

    @Test("What one device changes, the other one sees, while both are served and afterwards")
    func twoTerminals() async throws {
        try await fleet.make("phone", "laptop")
        let phone = try await ServingDevice("phone", in: fleet)
        let laptop = try await ServingDevice("laptop", in: fleet, peers: [phone.address])

        try await fleet.device(
            "phone", "profile", "add", "8941000000000000001", "--nickname", "Schweiz")
        try await fleet.wait(for: "laptop", "profile", "list") { nicknames($0) == ["Schweiz"] }
        try await fleet.device(
            "laptop", "profile", "set", "8941000000000000001", "nickname=Basel", "roaming=true")
        try await fleet.wait(for: "phone", "profile", "list") { nicknames($0) == ["Basel"] }

        try await fleet.device("phone", "pool", "grant", "1GB", "--valid", "12h")
        try await fleet.wait(for: "phone", "status") { $0["members"] as? Int == 2 }
        let given = try await fleet.device("phone", "pool", "allocate", "phone=60%", "laptop=40%")
        #expect(given["allocated"] as? [String: Int] == ["laptop": 400_000_000])
        try await fleet.wait(for: "laptop", "pool", "show") {
            $0["granted"] as? Int == 1_000_000_000
        }
        try await fleet.device("laptop", "usage", "record", "25MB", "--country", "CH")
        try await fleet.wait(for: "phone", "pool", "show") { $0["used"] as? Int == 25_000_000 }

        let reserved = try await fleet.device("laptop", "reserve", "1MiB")
        #expect(reserved["reserved"] as? Int == 1 << 20)
        #expect(reserved["available"] as? Int == 400_000_000 - 1 << 20)
        try await fleet.wait(for: "phone", "pool", "show") { $0["reserved"] as? Int == 1 << 20 }

        #expect(try await phone.terminate(SIGTERM) == 0)
        #expect(try await laptop.terminate(SIGINT) == 0)
        let sockets = ["phone", "laptop"].map { "\(fleet.folder)/\($0)/control.sock" }
        #expect(!sockets.contains { FileManager.default.fileExists(atPath: $0) })
        #expect(try await fleet.digest("phone") == fleet.digest("laptop"))
    }

    @Test("A device that asks gets rights from the other, and what it gives back is the other's")
    func rightsMove() async throws {
        try await fleet.make("phone", "laptop")
        let phone = try await ServingDevice("phone", in: fleet)
        try await fleet.device("laptop", "sync", phone.address)
        let granted = try await fleet.device("phone", "pool", "grant", "1GiB")
        let grant = try #require(granted["grant"] as? String)
        try await fleet.device(
            "phone", "pool", "allocate", "phone=75%", "laptop=25%", "--lease", "7d",
            "--top-up-below", "8MiB")
        try await fleet.device("laptop", "sync", phone.address)
        let asked = try await fleet.device("laptop", "pool", "request", "300MiB")
        #expect(asked["requested"] as? Int == 44 << 20)
        #expect(try await part()?["missing"] as? Int == 44 << 20)
        #expect(try await part()?["topUpBelow"] as? Int == 8 << 20)
        // The phone answers when it hears of it; the laptop hears the answer at once or next time.
        try await fleet.device("laptop", "sync", phone.address)
        try await fleet.device("laptop", "sync", phone.address)
        let reserved = try await fleet.device("laptop", "reserve", "300MiB")
        #expect(reserved["available"] as? Int == 0)

        try await fleet.device("laptop", "pool", "close", grant)
        #expect(try await part()?["isClosed"] as? Bool == true)
        let shown = try await fleet.caravan("pool", "show", "--store", "laptop")
        #expect(shown.output.contains("closed"))
        let refused = try await fleet.caravan("pool", "close", "nonsense", "--store", "laptop")
        #expect(refused.status == 2)
        withExtendedLifetime(phone) {}
    }

    @Test("An exchange with a budget keeps to it, and the next ones go on")
    func budget() async throws {
        try await fleet.make("phone", "laptop")
        let phone = try await ServingDevice("phone", in: fleet)
        for number in 0..<60 {
            try await fleet.device(
                "phone", "profile", "add", "\(8_941_000_000_000_000_000 + number)", "--nickname",
                "Schweiz \(number) \(number * 7919 % 1000)")
        }
        var rounds = 0
        var said = ""
        while rounds < 20 {
            let exchange = try await fleet.caravan(
                "sync", phone.address, "--budget", "2kB", "--store", "laptop")
            rounds += 1
            guard exchange.status != 0 else { break }
            said = exchange.errors
        }
        #expect(said.contains("no more bytes may pass"))
        #expect(rounds > 1 && rounds < 20)
        #expect(try await fleet.digest("phone") == fleet.digest("laptop"))
    }

    /// What is said about the laptop's part of the grant.
    private func part() async throws -> [String: any Sendable]? {
        let pool = try await fleet.device("laptop", "pool", "show")
        return (pool["parts"] as? [[String: any Sendable]])?
            .first { $0["name"] as? String == "laptop" }
    }

    private func nicknames(_ reply: [String: any Sendable]) -> [String?] {
        let profiles = reply["profiles"] as? [[String: any Sendable]] ?? []
        return profiles.map { ($0["fields"] as? [String: String])?["nickname"] }
    }

    @Test("One exchange is enough, whether the device is served meanwhile or not")
    func syncVerb() async throws {
        try await fleet.make("phone", "laptop")
        let phone = try await ServingDevice("phone", in: fleet)
        let alone = try await fleet.device("laptop", "sync", phone.address)
        #expect(alone["name"] as? String == "phone")
        #expect(alone["cellsReceived"] as? Int ?? 0 > 0)
        #expect(try await fleet.digest("phone") == fleet.digest("laptop"))

        let laptop = try await ServingDevice("laptop", in: fleet)
        try await fleet.device("laptop", "profile", "add", "8941000000000000001")
        let served = try await fleet.device("laptop", "sync", phone.address)
        #expect(served["digest"] as? String == (try await fleet.digest("phone")))
        withExtendedLifetime((phone, laptop)) {}
    }

    @Test("The status of a served device names its peers")
    func status() async throws {
        try await fleet.make("phone", "laptop")
        let phone = try await ServingDevice("phone", in: fleet)
        let laptop = try await ServingDevice("laptop", in: fleet, peers: [phone.address])
        _ = try await laptop.line { $0.hasPrefix("synced with phone") }
        let status = try await fleet.device("laptop", "status")
        let service = try #require(status["service"] as? [String: any Sendable])
        #expect(service["listening"] as? String == laptop.address)
        let peers = service["connections"] as? [[String: any Sendable]]
        #expect(peers?.map { $0["name"] as? String } == ["phone"])
        #expect(peers?.map { $0["state"] as? String } == ["connected"])
        try await phone.crash()
        try await fleet.wait(for: "laptop", "status") { status in
            let service = status["service"] as? [String: any Sendable]
            let peers = service?["connections"] as? [[String: any Sendable]]
            return peers?.first?["state"] as? String == "waiting"
                && peers?.first?["problem"] != nil
        }
    }

    @Test("With --json the log of serve is one object per event")
    func jsonLog() async throws {
        try await fleet.make("phone", "laptop")
        let phone = try await ServingDevice("phone", in: fleet)
        let served = try DeviceTool.process(
            ["serve", "--json", "--store", "laptop", "--listen", "127.0.0.1:0", "--peer"]
                + [phone.address], in: fleet.folder)
        let output = Pipe()
        served.standardOutput = output
        try served.run()
        _ = try await phone.line { $0.hasPrefix("synced with") }
        served.terminate()
        let text = try await DeviceTool.onOwnThread {
            try output.fileHandleForReading.readToEnd() ?? Data()
        }
        let events = try text.split(separator: UInt8(ascii: "\n")).map { line in
            try JSONSerialization.jsonObject(with: line) as? [String: any Sendable]
        }
        let names = events.map { $0?["event"] as? String }
        #expect(names.starts(with: ["listening", "connected", "synced"]))
        #expect(events.allSatisfy { $0?["message"] is String && $0?["address"] is String })
    }
}
