import NIOCore
import NIOPosix
import Simulator

/// The way between two devices: a port of its own on loopback, from which connections go on to the
/// port of the second device, as late and as slowly as the link carries.
///
/// When the link goes down, every connection over it is closed at both ends, and what was under way
/// is lost. A connection that comes in while it is down, or while nobody listens at its end, waits,
/// as a call waits that is made without a signal, and goes on as soon as it can: so a device is
/// back when its link is, and not only when its next attempt is due, which is a matter of real time
/// and would be very late in a scenario whose time passes many times faster.
final class LinkProxy: Sendable {
    private let state: LinkState
    private let listener: any Channel

    /// The port that the first device dials.
    let port: Int

    /// Opens the port.
    ///
    /// The link is up and leads nowhere yet. Its latencies are drawn from `random`, and everything
    /// of it happens on `loop`.
    static func open(
        quality: Scenario.LinkQuality, timescale: Double, random: SeededRandom,
        on loop: any EventLoop
    ) async throws -> LinkProxy {
        let state = LinkState()
        @Sendable func shaper(_ label: String) -> LinkShaper {
            LinkShaper(
                quality: quality, isForward: label == "forward", timescale: timescale,
                random: random.fork(label: label))
        }
        let listener = try await ServerBootstrap(group: loop)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let near = RelayEnd(link: state, isForward: true, shaper: shaper("forward"))
                    try channel.pipeline.syncOperations.addHandler(near)
                    try channel.pipeline.syncOperations.addHandler(
                        RelayOpening(link: state, near: near, shaper: shaper("backward")))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return LinkProxy(state: state, listener: listener)
    }

    private init(state: LinkState, listener: any Channel) {
        self.state = state
        self.listener = listener
        port = listener.localAddress?.port ?? 0
    }

    /// What has passed so far.
    var traffic: LinkTraffic { state.traffic }

    /// Names the port that the second device listens on; nothing while it does not.
    func setTarget(port: Int?) { state.setTarget(port) }

    /// Puts the link up, or takes it down.
    func setUp(_ isUp: Bool) { state.setUp(isUp) }

    /// Closes the port and every connection.
    func close() async throws {
        state.setUp(false)
        try await listener.close()
    }
}
