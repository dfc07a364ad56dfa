/// What passed over one link, as the harness saw it.
package struct LinkTraffic: Hashable, Sendable {
    /// What passed in one direction.
    package struct Direction: Hashable, Sendable {
        /// Bytes taken from the sender.
        package var sent: UInt64 = 0
        /// Bytes handed to the receiver; what a cut swallows is missing.
        package var received: UInt64 = 0
        /// Whole protocol messages taken from the sender.
        package var messages: UInt64 = 0
    }

    /// From the link's first device, which dials, to the second.
    package var forward = Direction()
    /// From the second to the first.
    package var backward = Direction()
    /// Connections on which something was said.
    package var sessions: UInt64 = 0
    /// Connections on which both ends have said something and which are open.
    package var established = 0

    /// One of the two directions.
    subscript(isForward isForward: Bool) -> Direction {
        get { isForward ? forward : backward }
        set { if isForward { forward = newValue } else { backward = newValue } }
    }
}
