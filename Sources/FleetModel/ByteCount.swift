/// A number of bytes, as counted by a modem or granted by a plan.
///
/// Arithmetic never traps: `adding` and `subtracting` return `nil` where the result is not a
/// byte count. Text uses decimal units (`kB`, `MB`, `GB`, `TB`, powers of 1000) or binary units
/// (`KiB`, `MiB`, `GiB`, `TiB`, powers of 1024), because providers mean either by "MB" and only
/// the spelling can tell them apart.
public struct ByteCount: Hashable, Sendable {
    /// The number of bytes.
    public let bytes: UInt64

    /// Creates a count of exactly this many bytes.
    public init(_ bytes: UInt64) {
        self.bytes = bytes
    }

    /// No bytes.
    public static let zero = ByteCount(0)

    /// Creates a count in units of 1,000,000 bytes.
    public static func megabytes(_ count: UInt32) -> ByteCount {
        ByteCount(UInt64(count) * 1_000_000)
    }

    /// Creates a count in units of 1,000,000,000 bytes.
    public static func gigabytes(_ count: UInt32) -> ByteCount {
        ByteCount(UInt64(count) * 1_000_000_000)
    }

    /// Returns the sum, or `nil` where it is more than 2⁶⁴ − 1 bytes.
    public func adding(_ other: ByteCount) -> ByteCount? {
        let (sum, overflow) = bytes.addingReportingOverflow(other.bytes)
        return overflow ? nil : ByteCount(sum)
    }

    /// Returns the difference, or `nil` where `other` is the larger.
    public func subtracting(_ other: ByteCount) -> ByteCount? {
        bytes >= other.bytes ? ByteCount(bytes - other.bytes) : nil
    }
}

extension ByteCount: Comparable {
    /// Returns whether the left count is the smaller.
    public static func < (left: ByteCount, right: ByteCount) -> Bool {
        left.bytes < right.bytes
    }
}

extension ByteCount: CustomStringConvertible {
    /// The count for people: one decimal in the largest decimal unit that leaves it at 1 or more.
    ///
    /// Rounded half up, so `999_950` reads "1.0 MB". Below 1000 it is exact: "512 B".
    public var description: String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var unit: UInt64 = 1000
        for name in ["kB", "MB", "GB", "TB", "PB"] {
            let (whole, tenth) = ByteCount.rounded(bytes, toTenthsOf: unit)
            if whole < 1000 { return "\(whole).\(tenth) \(name)" }
            unit *= 1000
        }
        let (whole, tenth) = ByteCount.rounded(bytes, toTenthsOf: unit)
        return "\(whole).\(tenth) EB"
    }

    /// `bytes / unit` rounded half up to tenths; `unit` is at most 10¹⁸, so nothing overflows.
    private static func rounded(
        _ bytes: UInt64, toTenthsOf unit: UInt64
    ) -> (whole: UInt64, tenth: UInt64) {
        let (whole, rest) = bytes.quotientAndRemainder(dividingBy: unit)
        let tenth = (rest * 10 + unit / 2) / unit
        return tenth == 10 ? (whole + 1, 0) : (whole, tenth)
    }
}
