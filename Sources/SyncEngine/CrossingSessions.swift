public import CausalTime

/// Which of two sessions between the same devices goes on: one is enough, and two would carry
/// everything twice.
///
/// Two devices that call each other at the same moment both have to close the same of the two
/// connections, without a word about it. A session that comes long after another takes its place:
/// the older one may have been dead for as long without either side knowing.
public enum CrossingSessions {
    /// One of the sessions, as either side knows it.
    public struct Session: Hashable, Sendable {
        /// Who called.
        public let caller: DeviceID
        /// When it was known who is on the other side.
        public let greetedAt: MonotonicTime

        /// Describes a session.
        public init(caller: DeviceID, greetedAt: MonotonicTime) {
            self.caller = caller
            self.greetedAt = greetedAt
        }
    }

    /// Up to how far apart two sessions count as begun at the same moment.
    public static let window: Duration = .seconds(5)

    /// Whether of two sessions the earlier is to be closed, and not the later.
    ///
    /// Of two that crossed, the one that the lesser device called goes on.
    public static func closesEarlier(_ earlier: Session, later: Session) -> Bool {
        guard earlier.caller != later.caller, later.greetedAt < earlier.greetedAt + window else {
            return true
        }
        return later.caller < earlier.caller
    }
}
