/// Writes a use and its limit in one unit: `1.24 of 8.00 GB`.
enum AmountText {
    private static let units: [(name: String, bytes: Double)] = [
        ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1),
    ]

    static func text(used: UInt64, granted: UInt64) -> String {
        let (used, granted) = (Double(used), Double(granted))
        let unit = units.first { max(used, granted) >= $0.bytes } ?? ("B", 1)
        return "\(digits(used / unit.bytes)) of \(digits(granted / unit.bytes)) \(unit.name)"
    }

    /// At most four digits in all, and two of them behind the point.
    private static func digits(_ value: Double) -> String {
        let scale = value < 100 ? 100 : 10
        let rounded = Int((value * Double(scale)).rounded())
        let fraction = String(rounded % scale)
        let zeros = String(repeating: "0", count: (scale == 100 ? 2 : 1) - fraction.count)
        return "\(rounded / scale).\(zeros)\(fraction)"
    }
}
