/// What a device answers to a ``DeviceCommand``: one JSON object on one line.
///
/// An answer other than `failed` is an acknowledgement: what was asked for is durable.
package enum DeviceReply: Codable, Hashable, Sendable {
    case status(DeviceStatus)
    case done
    case profiles([ProfileDescription])
    case granted(grant: String, bytes: UInt64)
    /// What was handed to each device, by name.
    case allocated([String: UInt64])
    case pool(PoolDescription)
    /// How much is missing of what was asked for.
    case requested(bytes: UInt64)
    case usage([UsageDescription])
    case reserved(bytes: UInt64, available: UInt64)
    case synchronized(SyncDescription)
    case created(DeviceCreation)
    case failed(DeviceFailure)
}

/// Why a command had no effect.
package struct DeviceFailure: Codable, Hashable, Sendable, Error {
    /// Whether the caller asked for something that cannot be (exit status 2) rather than that
    /// something broke (exit status 1).
    package let isMistake: Bool
    /// One line.
    package let message: String

    package init(isMistake: Bool, message: String) {
        self.isMistake = isMistake
        self.message = message
    }
}

/// A device that was made.
package struct DeviceCreation: Codable, Hashable, Sendable {
    package var fleet: String
    package var device: String
    package var name: String
    package var deviceClass: String
}

/// How a device is.
package struct DeviceStatus: Codable, Hashable, Sendable {
    package var fleet: String
    package var device: String
    package var name: String
    package var deviceClass: String
    /// 16 hexadecimal digits; equal on devices with equal state.
    package var digest: String
    /// By lane name, then by writer: what this replica has seen.
    package var vectors: [String: [String: UInt64]]
    package var members: Int
    package var profiles: Int
    package var pool: PoolDescription
    /// Present while the replica is being served.
    package var service: ServiceDescription?
}

/// What a serving process does.
package struct ServiceDescription: Codable, Hashable, Sendable {
    /// `host:port`, the port as it was bound.
    package var listening: String
    package var connections: [ConnectionDescription]
    /// Since the process began, as framed for TCP.
    package var bytesSent: UInt64
    package var bytesReceived: UInt64
    package var messagesSent: UInt64
    package var messagesReceived: UInt64
    /// Connections on which greetings were exchanged.
    package var sessions: UInt64
}

/// One connection with a peer, or an attempt at one.
package struct ConnectionDescription: Codable, Hashable, Sendable {
    package var address: String
    /// The peer's device, once it has said so.
    package var device: String?
    /// What people call it, once that is known here.
    package var name: String?
    /// `connecting`, `connected` or `waiting`.
    package var state: String
    /// Milliseconds since 1970 of the last exchange, if there was one.
    package var lastSync: Int64?
    /// Why the last attempt ended, if it failed.
    package var problem: String?
}

/// A profile.
package struct ProfileDescription: Codable, Hashable, Sendable {
    package var iccid: String
    /// By field name.
    package var fields: [String: String]
}

/// The pool as one replica knows it.
package struct PoolDescription: Codable, Hashable, Sendable {
    package var period: String
    package var granted: UInt64
    package var reserved: UInt64
    package var used: UInt64
    package var overrun: UInt64
    package var grants: [GrantDescription]
    package var devices: [AllowanceDescription]
    /// Leases, closed parts and requests.
    package var parts: [PartDescription]
}

/// A device's part of a grant, where there is more to say than how many bytes it is.
package struct PartDescription: Codable, Hashable, Sendable {
    package var grant: String
    package var device: String
    package var name: String
    /// Milliseconds since 1970; nothing without a lease.
    package var leaseUntil: Int64?
    /// The device asks for more once it has less; nothing without a lease.
    package var topUpBelow: UInt64?
    /// Bytes that it has asked for and not received.
    package var missing: UInt64
    /// Whether the device has closed it for good.
    package var isClosed: Bool
}

/// A grant.
package struct GrantDescription: Codable, Hashable, Sendable {
    package var grant: String
    package var bytes: UInt64
    package var validFrom: Int64
    package var validUntil: Int64
}

/// One device's part of the pool.
package struct AllowanceDescription: Codable, Hashable, Sendable {
    package var device: String
    package var name: String
    package var granted: UInt64
    package var reserved: UInt64
    package var available: UInt64
    package var used: UInt64
}

/// What was measured under one key.
package struct UsageDescription: Codable, Hashable, Sendable {
    package var period: String
    package var device: String
    package var name: String
    package var iccid: String
    package var epoch: UInt64
    package var country: String
    package var received: UInt64
    package var sent: UInt64
}

/// How an exchange went.
package struct SyncDescription: Codable, Hashable, Sendable {
    package var peer: String
    /// What people call the peer; its identifier if that is not known.
    package var name: String
    package var bytesSent: UInt64
    package var bytesReceived: UInt64
    package var cellsReceived: Int
    package var digest: String
}
