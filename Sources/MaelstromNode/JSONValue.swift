import Foundation

/// Any value of JSON, such as the element of a set.
enum JSONValue: Codable, Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = Self.decoded(Bool.self, from: value) {
            self = .bool(bool)
        } else if let integer = Self.decoded(Int64.self, from: value) {
            self = .integer(integer)
        } else if let number = Self.decoded(Double.self, from: value) {
            self = .number(number)
        } else if let text = Self.decoded(String.self, from: value) {
            self = .text(text)
        } else if let list = Self.decoded([JSONValue].self, from: value) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    /// The value as this type; nothing if it is of another one, which is no mistake.
    private static func decoded<Value: Decodable>(
        _ type: Value.Type, from container: any SingleValueDecodingContainer
    ) -> Value? {
        do { return try container.decode(type) } catch { return nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let bool): try container.encode(bool)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }

    /// The value as JSON in which equal values are equal texts.
    var canonicalText: String {
        get throws {
            if case .integer(let integer) = self { return String(integer) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
