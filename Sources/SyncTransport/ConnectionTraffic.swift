import SyncWire

/// What has passed over a connection since it was opened, as framed for TCP.
package struct ConnectionTraffic: Hashable, Sendable {
    /// Bytes handed to the system.
    package internal(set) var bytesSent: UInt64 = 0
    /// Bytes that came from it.
    package internal(set) var bytesReceived: UInt64 = 0
    /// Messages among the bytes sent.
    package internal(set) var messagesSent: UInt64 = 0
    /// Messages among the bytes received.
    package internal(set) var messagesReceived: UInt64 = 0

    init() {}

    init(_ count: TrafficCount) {
        bytesSent = count.bytesSent
        bytesReceived = count.bytesReceived
        messagesSent = count.messagesSent
        messagesReceived = count.messagesReceived
    }
}
