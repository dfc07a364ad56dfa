import NIOCore
import NIOPosix

/// Opens the way on for a connection that came in, as soon as there is one.
final class RelayOpening: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Before a port is tried again which nobody listened on, although somebody did a moment ago.
    private static let pause: TimeAmount = .milliseconds(20)

    private let link: LinkState
    private let near: RelayEnd
    private let shaper: LinkShaper

    /// Prepares to lead on what comes in at `near`; `shaper` is of the direction towards it.
    init(link: LinkState, near: RelayEnd, shaper: LinkShaper) {
        self.link = link
        self.near = near
        self.shaper = shaper
    }

    func channelActive(context: ChannelHandlerContext) { admit(context.channel) }

    private func admit(_ channel: any Channel) {
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        link.admit(channel) { port in
            channel.eventLoop.execute { bound.value.connect(channel, to: port) }
        }
    }

    private func connect(_ channel: any Channel, to port: Int) {
        guard channel.isActive else { return }
        let far = RelayEnd(link: link, isForward: false, shaper: shaper)
        let bound = NIOLoopBound(far, eventLoop: channel.eventLoop)
        let connected = ClientBootstrap(group: channel.eventLoop)
            .channelOption(.autoRead, value: false)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .connect(host: "127.0.0.1", port: port)
        connected.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let onward): self.join(channel, onward, far)
            case .failure:
                channel.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
                    if channel.isActive { self.admit(channel) }
                }
            }
        }
    }

    private func join(_ channel: any Channel, _ onward: any Channel, _ far: RelayEnd) {
        guard channel.isActive, link.enter(channel), link.enter(onward) else {
            onward.close(promise: nil)
            channel.close(promise: nil)
            return
        }
        RelayEnd.join(near, far)
    }
}
