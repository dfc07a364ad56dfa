import NIOCore
import NIOPosix
package import Simulator

/// The proxies of all links of a scenario, on one thread.
package final class LinkProxies: Sendable {
    private let scenario: Scenario
    private let proxies: [LinkProxy]

    /// Opens a port for each link.
    ///
    /// All links are up and lead nowhere yet.
    package static func open(
        for scenario: Scenario, random: SeededRandom
    ) async throws -> LinkProxies {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        var proxies: [LinkProxy] = []
        do {
            for (index, link) in scenario.links.enumerated() {
                proxies.append(
                    try await LinkProxy.open(
                        quality: link.quality, timescale: scenario.timescale,
                        random: random.fork(label: "link/\(index)"), on: loop))
            }
        } catch {
            for proxy in proxies { try await proxy.close() }
            throw LiveError(.failure, "no port for a link can be opened: \(error)")
        }
        return LinkProxies(scenario: scenario, proxies: proxies)
    }

    private init(scenario: Scenario, proxies: [LinkProxy]) {
        self.scenario = scenario
        self.proxies = proxies
    }

    /// The port that the first device of a link dials.
    package func port(ofLink index: Int) -> Int { proxies[index].port }

    /// Names the port that a device listens on, for every link that leads to it; nothing while it
    /// does not listen.
    package func setPort(_ port: Int?, ofDevice device: Int) {
        for (index, link) in scenario.links.enumerated() where link.b == device {
            proxies[index].setTarget(port: port)
        }
    }

    /// Puts a link up or takes it down.
    package func setUp(_ isUp: Bool, link index: Int) { proxies[index].setUp(isUp) }

    /// What has passed over each link so far.
    package var traffic: [LinkTraffic] { proxies.map(\.traffic) }

    /// Closes everything.
    package func close() async throws {
        for proxy in proxies { try await proxy.close() }
    }
}
