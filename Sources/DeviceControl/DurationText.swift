/// Lengths of time as people write them: `30d`, `12h`, `90m`, `45s`.
package enum DurationText {
    /// A hundred years, in seconds.
    static let longest = 36_525.0 * 86_400

    private static let units: [(name: String, seconds: Double)] = [
        ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1), ("w", 604_800),
    ]

    /// Reads a whole number and a unit, in seconds.
    package static func seconds(parsing text: String) throws(DeviceFailure) -> Double {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let number = UInt32(digits), let factor = units.first(where: { $0.name == unit })
        else {
            throw .mistake("'\(text)' is no length of time such as 30d, 12h, 90m or 45s")
        }
        let seconds = Double(number) * factor.seconds
        guard seconds > 0, seconds <= longest else {
            throw .mistake("'\(text)' is not within 1s and 100 years")
        }
        return seconds
    }
}
