import NIOCore

/// One of the two connections of a relay: what it reads leaves by the other one, later.
///
/// Both are on one event loop. Nothing is read while too much is under way, so the memory that a
/// relay takes is bounded and a slow link slows its sender down.
final class RelayEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Reading stops from here on.
    private static let bytesUnderWayMax = 256 << 10

    private let link: LinkState
    private let isForward: Bool
    private var shaper: LinkShaper
    private var frames = FrameCounter()
    /// What has been read and has not left; nothing marks the end of the stream.
    private var underWay: CircularBuffer<(due: NIODeadline, bytes: ByteBuffer?)> = []
    private var bytesUnderWay = 0
    private var isWaiting = false
    private var isAtEnd = false
    /// The connection that this one's bytes leave by.
    private var way: RelayEnd?
    private var context: ChannelHandlerContext?
    private var hasSpoken = false
    private var isCountedAsEstablished = false

    init(link: LinkState, isForward: Bool, shaper: LinkShaper) {
        self.link = link
        self.isForward = isForward
        self.shaper = shaper
    }

    /// Joins two connections that are open and have not been read from, and begins to read.
    static func join(_ first: RelayEnd, _ second: RelayEnd) {
        first.way = second
        second.way = first
        first.context?.read()
        second.context?.read()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        way = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Without a way on nothing is read but at the end of a stream, which makes it worthless.
        guard way != nil else { return }
        let bytes = unwrapInboundIn(data)
        note(bytes)
        let now = NIODeadline.now()
        let sinceStart = Duration.nanoseconds(Int64(now.uptimeNanoseconds))
        let delay = shaper.arrival(of: bytes.readableBytes, at: sinceStart) - sinceStart
        underWay.append((now + TimeAmount(delay), bytes))
        bytesUnderWay += bytes.readableBytes
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        deliver()
        readIfPossible()
    }

    func channelInactive(context: ChannelHandlerContext) {
        link.leave(context.channel)
        if isCountedAsEstablished { link.count { $0.established -= 1 } }
        isAtEnd = true
        underWay.append((underWay.last?.due ?? .now(), nil))
        deliver()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Whatever broke, there is nobody to tell: the connection is over.
        context.close(promise: nil)
    }

    private func note(_ bytes: ByteBuffer) {
        let before = frames.frames
        frames.take(bytes.readableBytesView)
        let messages = frames.frames - before
        link.count { traffic in
            traffic[isForward: isForward].sent += UInt64(bytes.readableBytes)
            traffic[isForward: isForward].messages += messages
            guard messages > 0, !hasSpoken else { return }
            hasSpoken = true
            if let way, way.hasSpoken {
                traffic.established += 1
                isCountedAsEstablished = true
            } else {
                traffic.sessions += 1
            }
        }
    }

    private func readIfPossible() {
        guard bytesUnderWay < Self.bytesUnderWayMax, !isAtEnd else { return }
        context?.read()
    }

    /// Lets out what is due, and comes back for the rest when that is due.
    private func deliver() {
        guard let way, let exit = way.context else {
            underWay.removeAll()
            return
        }
        while let (due, bytes) = underWay.first, due <= .now() {
            underWay.removeFirst()
            guard let bytes else {
                exit.close(promise: nil)
                return
            }
            send(bytes, by: exit)
        }
        guard let next = underWay.first?.due, !isWaiting else { return }
        isWaiting = true
        exit.eventLoop.assumeIsolated().scheduleTask(deadline: next) {
            self.isWaiting = false
            self.deliver()
        }
    }

    private func send(_ bytes: ByteBuffer, by exit: ChannelHandlerContext) {
        let count = bytes.readableBytes
        link.count { $0[isForward: isForward].received += UInt64(count) }
        let written = exit.eventLoop.makePromise(of: Void.self)
        exit.writeAndFlush(NIOAny(bytes), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.bytesUnderWay -= count
            self.readIfPossible()
        }
    }
}
