/// How many bits a link carries in a second.
package struct Bandwidth: Hashable, Sendable {
    /// Bits in a second, at least 1.
    package let bitsPerSecond: UInt64

    package init(bitsPerSecond: UInt64) {
        self.bitsPerSecond = bitsPerSecond
    }

    /// How long it takes to put this many bytes on the link, in whole microseconds rounded up.
    package func time(toSend byteCount: Int) -> Duration {
        let micros = (Double(byteCount) * 8_000_000 / Double(bitsPerSecond)).rounded(.up)
        return .microseconds(Int64(min(micros, Double(1 << 53))))
    }

    /// Reads `5Mbit/s`, `64kbit/s`, `1.5 Mbit/s`, `1Gbit/s` or `9600bit/s`; units are decimal.
    package init(scenarioText text: String) throws(ValueError) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).drop { $0 == " " }
        guard !number.isEmpty, let value = Double(number) else {
            throw ValueError("'\(text)' is not a bandwidth such as 5Mbit/s, or unlimited")
        }
        guard let size = Bandwidth.units[String(unit)] else {
            let known = "bit/s, kbit/s, Mbit/s, Gbit/s"
            throw ValueError("unknown unit '\(unit)' in the bandwidth '\(text)'; known: \(known)")
        }
        let bits = (value * size).rounded()
        guard bits >= 1, bits <= 1e15 else {
            throw ValueError("the bandwidth '\(text)' is not between 1bit/s and 1000000Gbit/s")
        }
        bitsPerSecond = UInt64(bits)
    }

    private static let units = ["bit/s": 1.0, "kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9]
}
