import SyncEngine
import SyncWire
import Synchronization
import ZstdStream

/// Counts accepted connections, so that strangers cannot take all there are.
///
/// Who says nothing must not keep out who would: if too many have not said who they are, the oldest
/// of them gives way to the newest. A peer needs one round trip to say it, so strangers keep it out
/// only if they open as many connections as there may be within that time, again and again. Who has
/// said it is never hung up on for another.
final class Admission: Sendable {
    /// What becomes of one more connection.
    enum Answer {
        /// It is taken in, and another one, if there is one, is to be refused for it.
        case admitted(insteadOf: ConnectionHandle?)
        /// It is to be refused.
        case denied(Refusal)
    }

    /// What a connection is told that gives way.
    static let givingWay = Refusal(
        .failed, "too many connections that have not said who they are; try again later")
    /// What a connection is told for which no other gives way.
    private static let full = Refusal(.failed, "too many connections; try again later")

    private struct Connections {
        /// Those that have not said who they are, in the order in which they came.
        var greeting: [ConnectionHandle] = []
        var greeted: Set<UInt64> = []
    }

    private let limits: TransportLimits
    private let connections = Mutex(Connections())

    init(limits: TransportLimits) { self.limits = limits }

    /// Takes a connection in, or says why not.
    func admit(_ handle: ConnectionHandle) -> Answer {
        connections.withLock { connections in
            let room = min(limits.greetingMax, limits.acceptedMax - connections.greeted.count)
            guard room > 0 else { return .denied(Self.full) }
            // At once, not when it is gone: what it still takes to hang up must keep nobody out.
            let oldest =
                connections.greeting.count < room ? nil : connections.greeting.removeFirst()
            connections.greeting.append(handle)
            return .admitted(insteadOf: oldest)
        }
    }

    /// A connection's peer has said who it is.
    func greeted(_ id: UInt64) {
        connections.withLock { connections in
            guard let index = connections.greeting.firstIndex(where: { $0.id == id }) else {
                return
            }
            connections.greeting.remove(at: index)
            connections.greeted.insert(id)
        }
    }

    /// A connection is gone.
    func left(_ id: UInt64) {
        connections.withLock { connections in
            connections.greeting.removeAll { $0.id == id }
            connections.greeted.remove(id)
        }
    }
}

extension Refusal {
    /// The frame of a refusal that is all that a responder ever says.
    func onlyFrame() throws -> [UInt8] {
        var encoder = WireEncoder(role: .responder, compressor: ZstdCompressor())
        return try encoder.frame(for: .refusal(self))
    }
}
