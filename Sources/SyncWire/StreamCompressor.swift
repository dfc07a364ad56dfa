/// Compresses the bodies of one direction of one connection, one after another.
///
/// Each body may refer to all that went before since the last restart, so every compressed body
/// has to reach the peer, in order.
package protocol StreamCompressor: Sendable {
    /// Compresses a body so that the peer can inflate all of it once it has these bytes.
    mutating func compress(_ bytes: [UInt8]) throws(WireError) -> [UInt8]

    /// Forgets all that went before.
    mutating func restart()
}
