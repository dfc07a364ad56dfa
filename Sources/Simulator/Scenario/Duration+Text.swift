extension Duration {
    /// The duration in milliseconds, the part below one cut off.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }

    /// The duration in seconds, to the precision of a `Double`.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// The duration as scenario files write it: `1h30m`, `38m`, `1m5s`, `250ms`, `0s`.
    ///
    /// Parts below a millisecond are cut off.
    package var scenarioText: String {
        var rest = wholeMilliseconds
        guard rest != 0 else { return "0s" }
        var text = rest < 0 ? "-" : ""
        rest = abs(rest)
        for unit in Duration.scenarioUnits where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }

    /// Reads a duration as scenario files write it: whole numbers or decimals with a unit each,
    /// the larger unit first, such as `90s`, `1h30m`, `1.5h`, `250ms` or `30d`.
    ///
    /// - Throws: `ValueError` for anything else, for parts of a millisecond, and above ten years.
    package init(scenarioText text: String) throws(ValueError) {
        guard !text.hasPrefix("-") else {
            throw ValueError("a duration cannot be negative: '\(text)'")
        }
        var total = 0
        var rest = Substring(text)
        var units = Duration.scenarioUnits[...]
        if text == "0" { rest = "0s" }
        repeat {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard !number.isEmpty, !name.isEmpty else {
                throw ValueError("'\(text)' is not a duration such as 90s, 38m, 1h30m or 250ms")
            }
            let unit = try Duration.takeUnit(String(name), from: &units, of: text)
            total += try Duration.milliseconds(number, unit: unit, of: text)
        } while !rest.isEmpty
        guard total <= Duration.scenarioMillisecondsMax else {
            throw ValueError("'\(text)' is longer than ten years")
        }
        self = .milliseconds(total)
    }

    private typealias Unit = (name: String, milliseconds: Int)

    private static let scenarioUnits: [(name: String, milliseconds: Int)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    private static let scenarioMillisecondsMax = 3653 * 86_400_000

    private static func takeUnit(
        _ name: String, from units: inout ArraySlice<Unit>, of text: String
    ) throws(ValueError) -> Int {
        if let index = units.firstIndex(where: { $0.name == name }) {
            defer { units = units[(index + 1)...] }
            return units[index].milliseconds
        }
        if scenarioUnits.contains(where: { $0.name == name }) {
            throw ValueError("'\(text)' must have each unit once, the larger first, as in 1h30m")
        }
        throw ValueError("unknown unit '\(name)' in the duration '\(text)'; known: d, h, m, s, ms")
    }

    /// One part in milliseconds: at most ten years, so that five parts cannot overflow.
    private static func milliseconds(
        _ number: Substring, unit: Int, of text: String
    ) throws(ValueError) -> Int {
        guard let value = Double(number) else {
            throw ValueError("'\(number)' is not a number in the duration '\(text)'")
        }
        let milliseconds = value * Double(unit)
        guard milliseconds <= Double(scenarioMillisecondsMax) else {
            throw ValueError("'\(text)' is longer than ten years")
        }
        let rounded = milliseconds.rounded()
        guard abs(milliseconds - rounded) < 1e-4 else {
            throw ValueError("'\(text)' is not a whole number of milliseconds")
        }
        return Int(rounded)
    }
}
