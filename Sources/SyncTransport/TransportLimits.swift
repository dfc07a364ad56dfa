/// What a device spends on connections; the limits of a session are in `SessionLimits`.
package struct TransportLimits: Hashable, Sendable {
    /// How many accepted connections may be waiting for the peer to say who it is; with one more,
    /// the oldest of them is refused.
    package var greetingMax = 64
    /// How many accepted connections there may be in all; if each peer has said who it is, one
    /// more is refused.
    package var acceptedMax = 256
    /// How many connections the system may hold ready to be accepted.
    package var backlog: Int32 = 256
    /// How long a connection may take to be established.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the other side may take to read our last words, before we hang up.
    package var lingerTimeout: Duration = .seconds(1)
    /// How many bytes may wait for a peer that does not read.
    package var unsentBytesMax = 64 << 20
    /// How long a connection sends nothing until it drops what its compressor remembers.
    package var idleTimeout: Duration = .seconds(300)

    /// The limits of a device.
    package init() {}
}
