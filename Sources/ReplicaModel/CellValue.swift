/// What a register or a fact says, in one of the few types that every replica knows.
public enum CellValue: Hashable, Sendable {
    /// Yes or no.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// Text.
    case text(String)
    /// Bytes, for identifiers above all.
    case bytes([UInt8])

    /// The first byte of a text.
    package static let textTag: UInt8 = 3
    /// The first byte of bytes.
    package static let bytesTag: UInt8 = 4

    /// The canonical bytes: a tag, then the content.
    public var encoded: [UInt8] {
        switch self {
        case .bool(let value): return [value ? 1 : 0]
        case .integer(let value):
            var writer = ByteWriter([2])
            writer.varint(value.zigzag)
            return writer.bytes
        case .text(let value): return [Self.textTag] + Array(value.utf8)
        case .bytes(let value): return [Self.bytesTag] + value
        }
    }

    /// Reads canonical bytes; nothing if they are not canonical, or of a type unknown here.
    public init?(encoded bytes: [UInt8]) {
        guard let tag = bytes.first else { return nil }
        let content = bytes.dropFirst()
        switch (tag, content.count) {
        case (0, 0): self = .bool(false)
        case (1, 0): self = .bool(true)
        case (2, _):
            var reader = ByteReader(Array(content))
            guard let value = reader.onlyVarint() else { return nil }
            self = .integer(value.unzigzag)
        case (Self.textTag, _):
            guard let text = String(validating: content, as: UTF8.self) else { return nil }
            self = .text(text)
        case (Self.bytesTag, _): self = .bytes(Array(content))
        default: return nil
        }
    }
}

extension CellValue: CustomStringConvertible {
    /// The content, for people; bytes as hexadecimal digits.
    public var description: String {
        switch self {
        case .bool(let value): value ? "yes" : "no"
        case .integer(let value): String(value)
        case .text(let value): value
        case .bytes(let value):
            value.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
        }
    }
}
