import NIOCore
import Synchronization

/// What the relays of one link share; for use from any thread.
final class LinkState: Sendable {
    /// Goes on with a connection, to a port.
    typealias Proceed = @Sendable (Int) -> Void

    private struct Content {
        var isUp = true
        var target: Int?
        var traffic = LinkTraffic()
        /// Connections that lead on, to be cut with the link.
        var open: [ObjectIdentifier: any Channel] = [:]
        /// Connections that wait for the link to lead somewhere.
        var waiting: [ObjectIdentifier: Proceed] = [:]

        var openTarget: Int? { isUp ? target : nil }
    }

    private let content = Mutex(Content())

    var traffic: LinkTraffic { content.withLock { $0.traffic } }

    func count(_ change: (inout LinkTraffic) -> Void) {
        content.withLock { change(&$0.traffic) }
    }

    /// Names the port that the link leads to; nothing while nobody listens there.
    func setTarget(_ port: Int?) {
        content.withLock { $0.target = port }
        releaseWaiting()
    }

    /// Puts the link up, or takes it down and cuts what goes over it.
    func setUp(_ isUp: Bool) {
        let cut = content.withLock { content in
            content.isUp = isUp
            return isUp ? [] : Array(content.open.values)
        }
        for channel in cut { channel.close(promise: nil) }
        releaseWaiting()
    }

    /// Lets a connection proceed, at once or when the link leads somewhere.
    func admit(_ channel: any Channel, _ proceed: @escaping Proceed) {
        let port = content.withLock { content in
            if content.openTarget == nil {
                content.waiting[ObjectIdentifier(channel)] = proceed
            }
            return content.openTarget
        }
        if let port { proceed(port) }
    }

    /// Takes note of a connection that leads on.
    ///
    /// - Returns: Whether the link is up; if not, the connection has to be closed.
    func enter(_ channel: any Channel) -> Bool {
        content.withLock { content in
            guard content.isUp else { return false }
            content.open[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    /// Forgets a connection.
    func leave(_ channel: any Channel) {
        content.withLock { content in
            content.open[ObjectIdentifier(channel)] = nil
            content.waiting[ObjectIdentifier(channel)] = nil
        }
    }

    private func releaseWaiting() {
        let (port, released) = content.withLock { content -> (Int?, [Proceed]) in
            guard let port = content.openTarget else { return (nil, []) }
            defer { content.waiting = [:] }
            return (port, Array(content.waiting.values))
        }
        guard let port else { return }
        for proceed in released { proceed(port) }
    }
}
