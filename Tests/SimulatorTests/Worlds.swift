import FleetModel
import Simulator

/// Small scenarios for tests, written as a user would.
enum Worlds {
    /// Two devices that edit one field on both sides of a cut, and use data all the time.
    static let pair = """
        scenario: pair
        duration: 10m
        devices:
          phone: {class: phone, share: 60%}
          laptop: {class: laptop, share: 40%}
        pool: {grant: 1GB, from: phone}
        profiles: [{iccid: 8999999000000001014, nickname: Travel}]
        links: {topology: mesh, delay: 40ms, jitter: 10ms}
        usage: {every: 15s, bytes: 100kB..1MB}
        timeline:
          - {at: 2m, cut: all}
          - {at: 3m, edit: {device: phone, profile: 8999999000000001014, field: nickname, value: A}}
          - at: 4m
            edit: {device: laptop, profile: 8999999000000001014, field: nickname, value: B}
          - {at: 6m, restore: all}
        """

    /// As many devices as asked for, all alike, on one topology.
    static func fleet(of count: Int, topology: String, timeline: String = "") -> String {
        let devices = (0..<count).map { "  d\($0): {class: other}" }.joined(separator: "\n")
        return """
            scenario: fleet
            duration: 5m
            devices:
            \(devices)
            links: {topology: \(topology)}
            usage: {every: 30s, bytes: 1kB..10kB}
            \(timeline)
            """
    }

    static func run(_ text: String, seed: UInt64 = 1) throws -> RunReport {
        let scenario = try Scenario.parse(text, file: "test.yaml")
        return try SimulatedRun(scenario: scenario, seed: seed).run()
    }
}
