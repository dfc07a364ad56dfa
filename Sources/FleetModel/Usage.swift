public import CausalTime
import ReplicaModel

/// What a measurement belongs to.
///
/// Never reset: a new period, or a modem counter that began anew, is a new key.
public struct UsageKey: Hashable, Sendable {
    /// The billing period, agreed by the fleet in advance.
    public let period: String
    /// The device that measured.
    public let device: DeviceID
    /// The profile that carried the traffic, or empty if that is not known.
    public let iccid: String
    /// The life of the modem's counter; see the operating system's importer.
    public let epoch: UInt64
    /// The visited country, ISO 3166 alpha-2, or empty if that is not known.
    public let country: String

    /// Makes a key.
    public init(
        period: String, device: DeviceID, iccid: String = "", epoch: UInt64 = 0,
        country: String = ""
    ) {
        self.period = period
        self.device = device
        self.iccid = iccid
        self.epoch = epoch
        self.country = country
    }

    /// The longest text in a key, in bytes.
    static let textBytesMax = 64

    var encoded: [UInt8] {
        var out = ByteWriter()
        out.counted(Array(period.utf8))
        out.raw(device.bytes)
        out.counted(Array(iccid.utf8))
        out.varint(epoch)
        out.counted(Array(country.utf8))
        return out.bytes
    }

    /// Reads a row's key; nothing if it is not one, which only a faulty peer can bring about.
    init?(encoded bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        do {
            let period = try reader.counted(atMost: Self.textBytesMax, of: "bytes of a period")
            let device = try reader.raw(16)
            let iccid = try reader.counted(atMost: Self.textBytesMax, of: "bytes of an ICCID")
            epoch = try reader.varint()
            let country = try reader.counted(atMost: Self.textBytesMax, of: "bytes of a country")
            try reader.end()
            guard let period = String(validating: period, as: UTF8.self),
                let iccid = String(validating: iccid, as: UTF8.self),
                let country = String(validating: country, as: UTF8.self),
                let device = DeviceID(bytes: device)
            else { return nil }
            self.period = period
            self.device = device
            self.iccid = iccid
            self.country = country
        } catch {
            return nil
        }
    }
}

/// Traffic in both directions.
public struct UsageAmount: Hashable, Sendable {
    /// Bytes received by the device.
    public var received: ByteCount
    /// Bytes sent by the device.
    public var sent: ByteCount

    /// Makes an amount.
    public init(received: ByteCount = .zero, sent: ByteCount = .zero) {
        self.received = received
        self.sent = sent
    }

    /// Both directions together; what does not fit counts as the largest number.
    public var total: ByteCount { received.addingClamped(sent) }
}

/// What was measured under one key, by all writers that the device has been.
public struct UsageRecord: Hashable, Sendable {
    /// What it belongs to.
    public let key: UsageKey
    /// How much.
    public let amount: UsageAmount
}

extension ByteCount {
    package func addingClamped(_ other: ByteCount) -> ByteCount {
        adding(other) ?? ByteCount(.max)
    }
}
