import TerminalText

/// Why devices could not exchange.
///
/// Both replicas are as they were, or further on: an exchange that ends early loses nothing. Two
/// errors are equal if their codes are; texts are for people.
public struct SyncError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of error.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The text is no address.
        public static let invalidAddress = Code("invalidAddress")
        /// The address is not one of this machine's loopback.
        public static let notLoopback = Code("notLoopback")
        /// Another process listens there already.
        public static let addressInUse = Code("addressInUse")
        /// Nobody answers there.
        public static let unreachable = Code("unreachable")
        /// What answers does not speak this protocol.
        public static let notCaravan = Code("notCaravan")
        /// The peer's replica belongs to another fleet.
        public static let otherFleet = Code("otherFleet")
        /// The peer says it is this device: one of the two replicas is a copy.
        public static let sameDevice = Code("sameDevice")
        /// The peer is not the device that was to be spoken with.
        public static let unexpectedDevice = Code("unexpectedDevice")
        /// The peer speaks another major version of the protocol.
        public static let unsupportedVersion = Code("unsupportedVersion")
        /// The peer broke a rule of the protocol.
        public static let refused = Code("refused")
        /// The peer refused us.
        public static let refusedByPeer = Code("refusedByPeer")
        /// Bytes were lost, repeated or changed on the way; another exchange sends again what is
        /// missing.
        public static let damaged = Code("damaged")
        /// No more bytes may pass in this exchange; another one goes on where it ended.
        public static let budgetSpent = Code("budgetSpent")
        /// It took too long.
        public static let timedOut = Code("timedOut")
        /// The connection was lost before the exchange was complete.
        public static let disconnected = Code("disconnected")
        /// The replica here failed.
        public static let replicaFailed = Code("replicaFailed")
        /// The task was cancelled.
        public static let cancelled = Code("cancelled")
        /// The operating system refused.
        public static let system = Code("system")
    }

    /// The kind.
    public let code: Code
    /// What happened, where, and what to do about it, on one line.
    public let message: String

    /// Makes an error; what would break the line or steer a terminal is replaced.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message.printable
    }

    /// The message.
    public var description: String { message }

    /// Compares the codes only.
    public static func == (left: SyncError, right: SyncError) -> Bool { left.code == right.code }
}
