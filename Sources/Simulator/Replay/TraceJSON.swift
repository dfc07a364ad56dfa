/// A value of JSON that knows where it stands in its line.
struct TraceJSON: Equatable {
    indirect enum Content: Equatable {
        case object([Member])
        case array([TraceJSON])
        case string(String)
        case integer(Int64)
        /// A number that is not whole, or needs more than 64 bits.
        case number
        case bool(Bool)
        case null
    }

    struct Member: Equatable {
        let key: String
        let keyOffset: Int
        let value: TraceJSON
    }

    let content: Content
    /// In bytes from the beginning of the line.
    let offset: Int

    /// What it is, for messages.
    var noun: String {
        switch content {
        case .object: "an object"
        case .array: "a list"
        case .string: "a text"
        case .integer: "a whole number"
        case .number: "a number that is not whole or too large"
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        }
    }
}

/// Reads one line of JSON, strictly as RFC 8259 has it, and refuses repeated keys.
///
/// The platform's decoder does not say where a value stands, which is what a person needs who has
/// written a trace by hand.
struct TraceJSONParser {
    /// Lines of a trace nest four deep.
    static let depthMax = 16

    private let bytes: ArraySlice<UInt8>
    private var index: Int
    private var depth = 0

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    static func parse(_ line: ArraySlice<UInt8>) throws(TraceMistake) -> TraceJSON {
        var parser = Self(line)
        let value = try parser.value()
        parser.skipSpace()
        guard parser.index == line.endIndex else {
            throw parser.mistake("something follows the object; a line holds one")
        }
        return value
    }

    private var offset: Int { index - bytes.startIndex }
    private var current: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    private func mistake(_ message: String) -> TraceMistake {
        TraceMistake(at: offset, "not JSON: \(message)")
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0d { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func value() throws(TraceMistake) -> TraceJSON {
        skipSpace()
        let start = offset
        guard depth < Self.depthMax else { throw mistake("nested too deeply") }
        depth += 1
        defer { depth -= 1 }
        guard let first = current else { throw mistake("the line ends where a value is expected") }
        let content: TraceJSON.Content
        switch first {
        case UInt8(ascii: "{"): content = .object(try members())
        case UInt8(ascii: "["): content = .array(try elements())
        case UInt8(ascii: "\""): content = .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): content = try number()
        default: content = try word()
        }
        return TraceJSON(content: content, offset: start)
    }

    private mutating func members() throws(TraceMistake) -> [TraceJSON.Member] {
        index += 1
        var members: [TraceJSON.Member] = []
        var keys: Set<String> = []
        skipSpace()
        if take("}") { return [] }
        repeat {
            skipSpace()
            let start = offset
            guard current == UInt8(ascii: "\"") else { throw mistake("a key in quotes expected") }
            let key = try string()
            guard keys.insert(key).inserted else {
                throw TraceMistake(at: start, "the key '\(key)' stands here twice")
            }
            skipSpace()
            guard take(":") else { throw mistake("':' expected after the key '\(key)'") }
            members.append(TraceJSON.Member(key: key, keyOffset: start, value: try value()))
            skipSpace()
        } while take(",")
        guard take("}") else { throw mistake("',' or '}' expected") }
        return members
    }

    private mutating func elements() throws(TraceMistake) -> [TraceJSON] {
        index += 1
        var elements: [TraceJSON] = []
        skipSpace()
        if take("]") { return [] }
        repeat {
            elements.append(try value())
            skipSpace()
        } while take(",")
        guard take("]") else { throw mistake("',' or ']' expected") }
        return elements
    }

    private mutating func word() throws(TraceMistake) -> TraceJSON.Content {
        let words: [(String, TraceJSON.Content)] = [
            ("true", .bool(true)), ("false", .bool(false)), ("null", .null),
        ]
        for (word, content) in words where bytes[index...].starts(with: word.utf8) {
            index += word.utf8.count
            return content
        }
        throw mistake("a value expected")
    }

    private mutating func digits() -> Int {
        let start = index
        while let byte = current, (0x30...0x39).contains(byte) { index += 1 }
        return index - start
    }

    private mutating func number() throws(TraceMistake) -> TraceJSON.Content {
        let start = index
        _ = take("-")
        let leadsWithZero = current == 0x30
        let count = digits()
        guard count == 1 || (count > 1 && !leadsWithZero) else {
            throw mistake("a number expected")
        }
        var isWhole = true
        if take(".") {
            isWhole = false
            guard digits() > 0 else { throw mistake("a digit expected after '.'") }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard digits() > 0 else { throw mistake("a digit expected in the exponent") }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard isWhole, let value = Int64(text) else { return .number }
        return .integer(value)
    }

    private mutating func string() throws(TraceMistake) -> String {
        index += 1
        var out: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: out, as: UTF8.self)
            case UInt8(ascii: "\\"): out += Array(String(try escape()).utf8)
            case 0..<0x20: throw mistake("a control character in a text; write it as \\u00..")
            default:
                out.append(byte)
                index += 1
            }
        }
        throw mistake("the line ends inside a text")
    }

    private mutating func escape() throws(TraceMistake) -> Unicode.Scalar {
        index += 1
        guard let byte = current else { throw mistake("the line ends inside a text") }
        let simple: [UInt8: Unicode.Scalar] = [
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
            UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n",
            UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
        ]
        if let scalar = simple[byte] {
            index += 1
            return scalar
        }
        guard byte == UInt8(ascii: "u") else { throw mistake("an unknown escape in a text") }
        index += 1
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // The first half of a pair of UTF-16; the second has to follow.
        guard (0xd800..<0xdc00).contains(unit), take("\\"), take("u") else {
            throw mistake("half a surrogate pair in a text")
        }
        let second = try hexadecimal()
        guard (0xdc00..<0xe000).contains(second) else {
            throw mistake("half a surrogate pair in a text")
        }
        let joined = 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00)
        return Unicode.Scalar(joined) ?? "\u{fffd}"
    }

    private mutating func hexadecimal() throws(TraceMistake) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current,
                let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw mistake("four hexadecimal digits expected after \\u") }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
