/// A 128-bit identifier of one subject: a fleet, a device, a writer, a grant.
///
/// Subjects are told apart by the type parameter, so an identifier of one kind cannot be passed
/// where another is meant. Order is by the 16 bytes, big-endian; it carries no meaning beyond
/// being total and the same everywhere.
public struct Identifier<Subject>: Hashable, Sendable {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// Makes an identifier of its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes an identifier of exactly 16 bytes, or nothing of any other number.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        // Names are read by the thousand, mostly from arrays.
        let read = bytes.withContiguousStorageIfAvailable { bytes in
            (Self.half(of: bytes[0..<8]), Self.half(of: bytes[8..<16]))
        }
        if let read {
            self.init(high: read.0, low: read.1)
            return
        }
        var halves: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            if index < 8 {
                halves.0 = halves.0 << 8 | UInt64(byte)
            } else {
                halves.1 = halves.1 << 8 | UInt64(byte)
            }
        }
        self.init(high: halves.0, low: halves.1)
    }

    private static func half(of bytes: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Draws an identifier from a source of randomness.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Self(high: generator.next(), low: generator.next())
    }

    /// The 16 bytes, big-endian, as they are stored and sent.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { bytes, count in
            for index in 0..<8 {
                let shift = 56 - 8 * UInt64(index)
                bytes[index] = UInt8(truncatingIfNeeded: high >> shift)
                bytes[8 + index] = UInt8(truncatingIfNeeded: low >> shift)
            }
            count = 16
        }
    }
}

extension Identifier: Comparable {
    /// Whether the bytes of the left side come first.
    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier: LosslessStringConvertible {
    /// The 32 lowercase hexadecimal digits.
    public var description: String { Self.digits(of: high) + Self.digits(of: low) }

    /// The first eight digits, for tables that people read.
    public var abbreviated: String { String(description.prefix(8)) }

    /// Reads 32 hexadecimal digits, or nothing if the text is anything else.
    public init?(_ description: String) {
        let digits = Array(description.utf8)
        guard digits.count == 32, let high = Self.value(of: digits[0..<16]),
            let low = Self.value(of: digits[16..<32])
        else { return nil }
        self.init(high: high, low: low)
    }

    private static func digits(of half: UInt64) -> String {
        let digits = String(half, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func value(of digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard let nibble = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
            value = value << 4 | UInt64(nibble)
        }
        return value
    }
}

/// The subject of a ``FleetID``.
public enum FleetSubject: Sendable {}
/// The subject of a ``DeviceID``.
public enum DeviceSubject: Sendable {}
/// The subject of a ``WriterID``.
public enum WriterSubject: Sendable {}

/// Names one fleet; replicas of different fleets refuse each other.
public typealias FleetID = Identifier<FleetSubject>

/// Names one device.
///
/// Until connections are authenticated it is 128 random bits.
public typealias DeviceID = Identifier<DeviceSubject>

/// Names one unbroken stream of writes of one device; see `init(device:nonce:)`.
public typealias WriterID = Identifier<WriterSubject>

extension Identifier where Subject == WriterSubject {
    /// The writer that a device is after it has drawn `nonce`: `H(device ‖ nonce)`.
    ///
    /// A device draws a fresh nonce with its first write after opening unless it can prove that
    /// its storage continues where it left off. A restored, rewound or copied replica therefore
    /// becomes another writer, and cannot name two different writes with one ``Dot``.
    public init(device: DeviceID, nonce: UInt64) {
        let nonceBytes = (0..<8).map { UInt8(truncatingIfNeeded: nonce >> (56 - 8 * UInt64($0))) }
        let (high, low) = StableHash.hash128(device.bytes + nonceBytes)
        self.init(high: high, low: low)
    }
}
