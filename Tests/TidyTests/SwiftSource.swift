/// A Swift file cut into code, comments and strings.
///
/// Code inside a string interpolation counts as code. Regular expression literals are not known.
struct SwiftSource {
    enum Kind { case code, comment, string }

    private let bytes: [UInt8]
    private let kinds: [Kind]

    init(_ text: String) {
        var scanner = Scanner(bytes: Array(text.utf8))
        scanner.scanCode(isInterpolation: false)
        bytes = scanner.bytes
        kinds = scanner.kinds
    }

    var code: ByteText { keeping([.code]) }
    var comments: ByteText { keeping([.comment]) }
    var strings: ByteText { keeping([.string]) }

    /// The file with a space for every byte of another kind, so that offsets and lines stay.
    func keeping(_ kept: [Kind]) -> ByteText {
        ByteText(
            zip(bytes, kinds).map { byte, kind in
                kept.contains(kind) || byte.isSpace ? byte : UInt8(ascii: " ")
            })
    }
}

private struct Scanner {
    let bytes: [UInt8]
    var kinds: [SwiftSource.Kind]
    var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        kinds = Array(repeating: .code, count: bytes.count)
    }

    /// Scans to the end of the file, or to the parenthesis that closes an interpolation.
    mutating func scanCode(isInterpolation: Bool) {
        var depth = 0
        while index < bytes.count {
            if isNext("//") {
                scanLineComment()
            } else if isNext("/*") {
                scanBlockComment()
            } else if let hashes = hashesOfString {
                scanString(hashes: hashes)
            } else if isNext("`") {
                scanQuotedIdentifier()
            } else {
                if isNext("(") { depth += 1 }
                if isNext(")") { depth -= 1 }
                if isInterpolation, depth < 0 { return }
                index += 1
            }
        }
    }

    private func isNext(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        return text.withUTF8Buffer { bytes[index..<(index + count)].elementsEqual($0) }
    }

    private mutating func take(_ count: Int, as kind: SwiftSource.Kind) {
        for _ in 0..<count where index < bytes.count {
            kinds[index] = kind
            index += 1
        }
    }

    private mutating func scanLineComment() {
        while index < bytes.count, !isNext("\n") { take(1, as: .comment) }
    }

    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            if isNext("/*") {
                depth += 1
                take(2, as: .comment)
            } else if isNext("*/") {
                depth -= 1
                take(2, as: .comment)
            } else {
                take(1, as: .comment)
            }
        } while depth > 0 && index < bytes.count
    }

    private mutating func scanQuotedIdentifier() {
        take(1, as: .string)
        while index < bytes.count, !isNext("`"), !isNext("\n") { take(1, as: .string) }
        take(1, as: .string)
    }

    /// How many `#` stand before the quote, when a string begins here.
    private var hashesOfString: Int? {
        let hashes = bytes[index...].prefix { $0 == UInt8(ascii: "#") }.count
        let quote = index + hashes
        return quote < bytes.count && bytes[quote] == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func scanString(hashes: Int) {
        take(hashes, as: .string)
        let quotes = isNext("\"\"\"") ? 3 : 1
        take(quotes, as: .string)
        while index < bytes.count {
            if isClosing(quotes: quotes, hashes: hashes) {
                take(quotes + hashes, as: .string)
                return
            }
            // A string of one line that was never closed ends with its line.
            if quotes == 1, isNext("\n") { return }
            scanStringElement(hashes: hashes)
        }
    }

    private func isClosing(quotes: Int, hashes: Int) -> Bool {
        let end = index + quotes
        guard end + hashes <= bytes.count else { return false }
        return bytes[index..<end].allSatisfy { $0 == UInt8(ascii: "\"") }
            && bytes[end..<(end + hashes)].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    /// Takes one character, one escape or one interpolation.
    private mutating func scanStringElement(hashes: Int) {
        guard isNext("\\"), bytes[(index + 1)...].prefix(hashes).allSatisfy({ $0 == 0x23 }) else {
            return take(1, as: .string)
        }
        take(1 + hashes, as: .string)
        guard isNext("(") else { return take(1, as: .string) }
        take(1, as: .string)
        scanCode(isInterpolation: true)
        take(1, as: .string)
    }
}
