import Synchronization

/// Counts accepted connections, so that strangers cannot take all there are.
final class Admission: Sendable {
    /// Why one more is too many.
    enum Denial: String {
        case greeting = "too many connections that have not said who they are; try again later"
        case total = "too many connections; try again later"
    }

    private struct Counts {
        var greeting: Set<UInt64> = []
        var greeted: Set<UInt64> = []
    }

    private let limits: TransportLimits
    private let counts = Mutex(Counts())

    init(limits: TransportLimits) { self.limits = limits }

    /// Takes a connection in, or says why not.
    func admit(_ id: UInt64) -> Denial? {
        counts.withLock { counts in
            if counts.greeting.count + counts.greeted.count >= limits.acceptedMax { return .total }
            if counts.greeting.count >= limits.greetingMax { return .greeting }
            counts.greeting.insert(id)
            return nil
        }
    }

    /// A connection's peer has said who it is.
    func greeted(_ id: UInt64) {
        counts.withLock { counts in
            if counts.greeting.remove(id) != nil { counts.greeted.insert(id) }
        }
    }

    /// A connection is gone.
    func left(_ id: UInt64) {
        counts.withLock { counts in
            counts.greeting.remove(id)
            counts.greeted.remove(id)
        }
    }
}
