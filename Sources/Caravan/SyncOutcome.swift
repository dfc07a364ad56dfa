public import CausalTime
public import ReplicaModel

/// How an exchange went.
public struct SyncOutcome: Hashable, Sendable {
    /// The device on the other side.
    public let peer: DeviceID
    /// Bytes sent to it, as framed for TCP.
    public let bytesSent: UInt64
    /// Bytes that came from it.
    public let bytesReceived: UInt64
    /// Cells that came from it and are durable here.
    public let cellsReceived: Int
    /// The digest of this replica afterwards.
    public let digest: Digest
}
