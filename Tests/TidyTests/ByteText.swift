/// Text as bytes, in which tokens and brackets are looked up.
struct ByteText {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The lines, without their newlines.
    var lines: [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The number of the line that holds an offset, counted from 1.
    func line(at offset: Int) -> Int {
        1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
    }

    /// Where a token begins, leaving out places inside a longer word.
    ///
    /// A lower-case token after a dot is a member with the same name, and no hit, unless the dot
    /// follows `Swift`.
    func offsets(ofToken token: String) -> [Int] {
        let needle = Array(token.utf8)
        guard let first = needle.first, let last = needle.last, bytes.count >= needle.count else {
            return []
        }
        return (0...(bytes.count - needle.count)).filter { start in
            let end = start + needle.count
            return bytes[start] == first && bytes[start..<end].elementsEqual(needle)
                && (!first.isWordByte || isWordStart(start))
                && (!last.isWordByte || end == bytes.count || !bytes[end].isWordByte)
        }
    }

    private func isWordStart(_ start: Int) -> Bool {
        guard start > 0 else { return true }
        if bytes[start - 1] == UInt8(ascii: "."), bytes[start].isLowercase {
            return bytes[..<start].suffix(6).elementsEqual("Swift.".utf8)
        }
        return !bytes[start - 1].isWordByte
    }

    /// The offset of the bracket that closes the one at `opening`, or nil when nothing does.
    func closing(of opening: Int) -> Int? {
        var depth = 0
        for offset in opening..<bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: continue
            }
            if depth == 0 { return offset }
        }
        return nil
    }

    /// The offset of the first byte at or after `start` that is not white space.
    func firstSolid(from start: Int) -> Int? {
        bytes[start...].firstIndex { !$0.isSpace }
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

extension UInt8 {
    var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    var isLowercase: Bool { (0x61...0x7A).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
    /// Letters, digits, the underscore, and every byte of a character outside ASCII.
    var isWordByte: Bool {
        isLowercase || (0x41...0x5A).contains(self) || isDigit || self == 0x5F || self >= 0x80
    }
}
