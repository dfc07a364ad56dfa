import FleetModel
import Simulator
import Testing

@Suite("A device that comes back to several peers")
struct ReturnTests {
    /// Where one device edits much while another is away.
    private static func world(_ topology: String) throws -> String {
        var random = SeededRandom(seed: 1)
        let iccids = try (0..<100).map { number in
            try ICCID("8999999000000\(String(100 + number))00")
        }
        let profiles = iccids.map { "  - {iccid: \($0.digits), nickname: Old}" }
        let edits = iccids.enumerated().map { number, iccid in
            let text = (0..<4).map { _ in String(random.next(), radix: 36) }.joined()
            return "  - {at: \(20_000 + number * 20)ms, edit: {device: phone, "
                + "profile: \(iccid.digits), field: nickname, value: \(text)}}"
        }
        return """
            scenario: return
            duration: 3m
            devices: {phone: {class: phone}, laptop: {class: laptop}, tablet: {class: tablet},
              watch: {class: watch}}
            links: {topology: \(topology), delay: 30ms, jitter: 10ms, bandwidth: 64kbit/s}
            usage: none
            profiles:
            \(profiles.joined(separator: "\n"))
            timeline:
              - {at: 10s, cut: watch}
            \(edits.joined(separator: "\n"))
              - {at: 1m, restore: watch}
            """
    }

    private static func received(_ topology: String) throws -> UInt64 {
        let report = try Worlds.run(world(topology))
        #expect(report.passed)
        return try #require(report.devices.first { $0.name == "watch" }).bytesReceived
    }

    @Test("is sent what it lacks by one of them")
    func once() throws {
        let fromOne = try Self.received("star phone")
        let fromThree = try Self.received("mesh")
        #expect(fromOne > 4000)
        #expect(fromThree < fromOne * 3 / 2)
    }
}
