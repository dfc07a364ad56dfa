/// Reads what ``ByteWriter`` wrote.
///
/// Bounds are checked at every step; nothing here traps.
package struct ByteReader {
    /// The bytes are not what they should be.
    package struct Fault: Error, Equatable {
        /// What was expected, in a few words.
        package let expected: String
        /// How many bytes had been read.
        package let offset: Int
    }

    private let bytes: [UInt8]
    package private(set) var offset = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes are left.
    package var remaining: Int { bytes.count - offset }

    package func fault(_ expected: String) -> Fault { Fault(expected: expected, offset: offset) }

    package mutating func byte() throws(Fault) -> UInt8 {
        guard offset < bytes.count else { throw fault("a byte") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// A varint in its shortest form; any other form is refused, so that bytes are canonical.
    package mutating func varint() throws(Fault) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < bytes.count else { throw fault("more of a varint") }
            let byte = bytes[offset]
            if shift == 63, byte > 1 { throw fault("a varint of at most 64 bits") }
            if byte == 0, shift > 0 { throw fault("a varint in its shortest form") }
            offset += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A varint that is a count, an index or a length, and at most `limit`.
    package mutating func count(atMost limit: Int, of what: String) throws(Fault) -> Int {
        let value = try varint()
        guard value <= UInt64(limit) else { throw fault("at most \(limit) \(what)") }
        return Int(value)
    }

    package mutating func fixed64() throws(Fault) -> UInt64 {
        guard remaining >= 8 else { throw fault("eight bytes") }
        var value: UInt64 = 0
        for _ in 0..<8 {
            value = value << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return value
    }

    package mutating func raw(_ count: Int) throws(Fault) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw fault("\(count) bytes") }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// A length of at most `limit`, then so many bytes.
    package mutating func counted(atMost limit: Int, of what: String) throws(Fault) -> [UInt8] {
        let count = try count(atMost: limit, of: what)
        return try raw(count)
    }

    package func end() throws(Fault) {
        guard remaining == 0 else { throw fault("the end, not \(remaining) more bytes") }
    }

    /// The varint that is all there is; nothing if there is anything else.
    package mutating func onlyVarint() -> UInt64? {
        do {
            let value = try varint()
            try end()
            return value
        } catch {
            return nil
        }
    }
}
