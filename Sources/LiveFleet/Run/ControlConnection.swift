import DeviceControl
import Foundation
import NIOCore
import NIOPosix

/// A lasting connection to the control socket of a device: commands are answered in order.
final class ControlConnection: Sendable {
    /// The device did not answer: its process has ended, or hangs.
    struct Broken: Error {}

    private let channel: any Channel

    /// Connects to a socket.
    ///
    /// - Throws: An error if nobody listens there.
    static func open(path: String) async throws -> ControlConnection {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ControlHandler())
                }
            }
            .connect(unixDomainSocketPath: path).get()
        return ControlConnection(channel: channel)
    }

    private init(channel: any Channel) { self.channel = channel }

    /// Sends a command and waits for the answer.
    ///
    /// - Throws: `Broken` if the connection ends before.
    func ask(_ command: DeviceCommand) async throws -> DeviceReply {
        let line = try JSONEncoder().encode(command)
        let answer = channel.eventLoop.makePromise(of: [UInt8].self)
        channel.writeAndFlush(ControlHandler.Question(line: Array(line), answer: answer))
            .whenFailure { answer.fail($0) }
        let reply: [UInt8]
        do {
            reply = try await answer.futureResult.get()
        } catch {
            throw Broken()
        }
        return try JSONDecoder().decode(DeviceReply.self, from: Data(reply))
    }

    /// Whether questions can be asked.
    var isOpen: Bool { channel.isActive }

    /// Closes the connection; whoever waits for an answer learns that there is none.
    func close() { channel.close(promise: nil) }
}

/// Writes questions as lines, and hands each line that comes back to the first that is open.
private final class ControlHandler: ChannelDuplexHandler {
    struct Question: Sendable {
        let line: [UInt8]
        let answer: EventLoopPromise<[UInt8]>
    }

    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Question
    typealias OutboundOut = ByteBuffer

    /// How long a device may take before it counts as hanging.
    private static let patience: TimeAmount = .seconds(15)

    private var open: CircularBuffer<(answer: EventLoopPromise<[UInt8]>, timer: Scheduled<Void>)> =
        []
    private var received: [UInt8] = []

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        let question = unwrapOutboundIn(data)
        let channel = context.channel
        let timer = context.eventLoop.scheduleTask(in: Self.patience) {
            channel.close(promise: nil)
        }
        open.append((question.answer, timer))
        let bytes = context.channel.allocator.buffer(bytes: question.line + [UInt8(ascii: "\n")])
        context.write(wrapOutboundOut(bytes), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(received[..<end])
            received.removeSubrange(...end)
            guard let first = open.popFirst() else { return }
            first.timer.cancel()
            first.answer.succeed(line)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        for (answer, timer) in open {
            timer.cancel()
            answer.fail(ControlConnection.Broken())
        }
        open.removeAll()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
