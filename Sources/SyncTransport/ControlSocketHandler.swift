import NIOCore

/// A line that a client wants to be answered.
struct ControlRequest: Sendable {
    let line: String
    /// To be called once, from any thread.
    let reply: @Sendable (String) -> Void
}

/// One client of a ``ControlSocketServer``: hands on a line, and the next one after its reply.
final class ControlSocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let ask: (ControlRequest) -> Void
    private var lines = LineBuffer()
    private var isWaiting = false

    init(_ ask: @escaping (ControlRequest) -> Void) { self.ask = ask }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lines.feed(unwrapInboundIn(data))
        // A client that goes on without waiting is answered; one that never stops is not.
        guard lines.count <= 2 * LineBuffer.lineBytesMax else {
            context.close(promise: nil)
            return
        }
        askNext(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func askNext(_ context: ChannelHandlerContext) {
        guard !isWaiting else { return }
        do throws(SyncError) {
            guard let line = try lines.next() else { return }
            isWaiting = true
            let loop = context.eventLoop
            let client = NIOLoopBound((handler: self, context: context), eventLoop: loop)
            ask(
                ControlRequest(line: line) { reply in
                    loop.execute { client.value.handler.answer(reply, client.value.context) }
                })
        } catch {
            context.close(promise: nil)
        }
    }

    private func answer(_ reply: String, _ context: ChannelHandlerContext) {
        isWaiting = false
        let bytes = context.channel.allocator.buffer(string: reply + "\n")
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        askNext(context)
    }
}
