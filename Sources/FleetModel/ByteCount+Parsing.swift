extension ByteCount {
    /// Why a text is not a byte count.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The reason, one line without the place where the text stood.
        public let description: String
    }

    /// Reads a count such as `20GB`, `1 MiB`, `512kB`, `1.5GB` or `1500` (bytes).
    ///
    /// Units are spelled exactly so: a lower-case `b` would be bits. At most six decimals; a
    /// fraction of a byte is rounded half up.
    ///
    /// - Throws: `ParseError` for an unknown unit, a negative amount, or 2⁶⁴ bytes and more.
    public init(parsing text: some StringProtocol) throws(ParseError) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).drop { $0 == " " }
        guard !text.hasPrefix("-") else {
            throw ParseError(description: "a byte count cannot be negative: '\(text)'")
        }
        guard !number.isEmpty else {
            throw ParseError(description: "'\(text)' is not a byte count such as 20GB or 512kB")
        }
        let size = try ByteCount.size(ofUnit: String(unit))
        guard let decimal = Decimal(number) else {
            throw ParseError(
                description: "'\(number)' is not a number of at most \(Decimal.placesMax) decimals")
        }
        guard let bytes = decimal.times(size) else {
            throw ParseError(description: "'\(text)' is more than 2^64 - 1 bytes")
        }
        self.init(bytes)
    }

    private static let units: [(name: String, size: UInt64)] = [
        ("", 1), ("B", 1),
        ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ]

    private static func size(ofUnit name: String) throws(ParseError) -> UInt64 {
        for unit in units where unit.name == name { return unit.size }
        for unit in units where unit.name.lowercased() == name.lowercased() {
            throw ParseError(description: "unknown unit '\(name)'; did you mean '\(unit.name)'?")
        }
        throw ParseError(
            description: "unknown unit '\(name)'; known: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB")
    }

    /// A non-negative decimal number, exact: `whole + fraction / scale`.
    private struct Decimal {
        static let placesMax = 6

        /// `nil` where it is 2⁶⁴ or more.
        let whole: UInt64?
        let fraction: UInt64
        let scale: UInt64

        /// Reads digits with at most one point between them; the caller lets nothing else in.
        init?(_ text: some StringProtocol) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count <= 2, !parts[0].isEmpty else { return nil }
            whole = UInt64(parts[0])
            guard parts.count == 2 else {
                fraction = 0
                scale = 1
                return
            }
            guard parts[1].count <= Decimal.placesMax, let fraction = UInt64(parts[1]) else {
                return nil
            }
            self.fraction = fraction
            scale = parts[1].reduce(1) { scale, _ in scale * 10 }
        }

        /// The product, rounded half up, or `nil` on overflow.
        ///
        /// `fraction` is below 10⁶ and every unit at most 2⁴⁰, so their product fits.
        func times(_ size: UInt64) -> UInt64? {
            guard let whole else { return nil }
            let (product, tooLarge) = whole.multipliedReportingOverflow(by: size)
            let rest = (fraction * size + scale / 2) / scale
            let (sum, overflow) = product.addingReportingOverflow(rest)
            return tooLarge || overflow ? nil : sum
        }
    }
}
