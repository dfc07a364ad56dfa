import Foundation

/// As much of JSON Schema 2020-12 as the published schema of scenarios uses.
///
/// A keyword that it does not know is a problem too, so that none is passed over in silence.
struct SchemaValidator {
    let root: [String: Any]

    /// What is wrong with a value, each with its path.
    func problems(of value: Any) -> [String] { problems(value, root, "") }

    private static let annotations: Set<String> = ["$schema", "$defs", "title", "description"]

    private func problems(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
        schema.flatMap { keyword, rule -> [String] in
            Self.annotations.contains(keyword)
                ? [] : problems(value, keyword, rule, schema, path)
        }
    }

    private func problems(
        _ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any], _ path: String
    ) -> [String] {
        func unless(_ holds: Bool) -> [String] { holds ? [] : ["\(path): \(keyword)"] }
        switch keyword {
        case "$ref": return problems(value, definition(rule), path)
        case "type":
            let types = rule as? [String] ?? [rule as? String ?? ""]
            return unless(types.contains { Self.isType($0, value) })
        case "enum": return unless((rule as? [String])?.contains(value as? String ?? "") ?? false)
        case "const": return unless(rule as? String == value as? String)
        case "pattern": return matches(value, rule) ? [] : ["\(path): pattern of \(value)"]
        case "minimum":
            return unless(Self.number(value).map { $0 >= Self.number(rule) ?? 0 } ?? true)
        case "maximum":
            return unless(Self.number(value).map { $0 <= Self.number(rule) ?? 0 } ?? true)
        case "anyOf": return unless(fitting(value, rule, path) > 0)
        case "oneOf": return unless(fitting(value, rule, path) == 1)
        case "required":
            let keys = (value as? [String: Any]).map { Set($0.keys) }
            return unless(keys?.isSuperset(of: rule as? [String] ?? []) ?? true)
        default: return parts(value, keyword, rule, schema, path)
        }
    }

    /// Keywords about what is inside.
    private func parts(
        _ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any], _ path: String
    ) -> [String] {
        func unless(_ holds: Bool) -> [String] { holds ? [] : ["\(path): \(keyword)"] }
        let map = value as? [String: Any] ?? [:]
        let list = value as? [Any] ?? []
        let known = schema["properties"] as? [String: Any] ?? [:]
        switch keyword {
        case "properties":
            return map.flatMap { key, element in
                (known[key] as? [String: Any]).map { problems(element, $0, "\(path)/\(key)") } ?? []
            }
        case "additionalProperties":
            return map.filter { known[$0.key] == nil }.flatMap { key, element in
                (rule as? [String: Any]).map { problems(element, $0, "\(path)/\(key)") }
                    ?? ["\(path): unknown key \(key)"]
            }
        case "propertyNames":
            return map.keys.flatMap { problems($0, rule as? [String: Any] ?? [:], path) }
        case "items":
            return list.enumerated().flatMap {
                problems($1, rule as? [String: Any] ?? [:], "\(path)/\($0)")
            }
        case "minItems": return unless(!(value is [Any]) || list.count >= rule as? Int ?? 0)
        case "maxItems": return unless(!(value is [Any]) || list.count <= rule as? Int ?? 0)
        case "minProperties": return unless(map.isEmpty || map.count >= rule as? Int ?? 0)
        case "maxProperties": return unless(map.count <= rule as? Int ?? 0)
        default: return ["\(path): this test does not know the keyword \(keyword)"]
        }
    }

    private func fitting(_ value: Any, _ rule: Any, _ path: String) -> Int {
        (rule as? [[String: Any]] ?? []).count { problems(value, $0, path).isEmpty }
    }

    /// The schema that a reference within the file names.
    private func definition(_ reference: Any) -> [String: Any] {
        let name = (reference as? String)?.split(separator: "/").last.map(String.init) ?? ""
        let all = root["$defs"] as? [String: Any]
        return all?[name] as? [String: Any] ?? ["unknown reference \(name)": true]
    }

    private func matches(_ value: Any, _ rule: Any) -> Bool {
        guard let text = value as? String, let pattern = rule as? String else { return true }
        return text.range(of: pattern, options: .regularExpression) != nil
    }

    private static func number(_ value: Any) -> Double? {
        value as? Double ?? (value as? Int).map { Double($0) }
    }

    private static func isType(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "integer": value is Int
        case "number": number(value) != nil
        case "boolean": value is Bool
        case "null": value is NSNull
        default: false
        }
    }
}
