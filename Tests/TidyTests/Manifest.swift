/// The targets of a package, read from the text of `Package.swift`.
///
/// It knows the literal forms that this package uses: targets written out as `.target(…)` and the
/// like, with string literals for names.
struct Manifest {
    struct Target: Equatable {
        let kind: String
        let name: String
        /// Targets and products, as they are imported.
        let dependencies: [String]
        /// The folder, when it is not the usual one.
        let path: String?

        /// Targets for the tests, which lie below `Tests`.
        var isForTests: Bool { kind == "testTarget" || path?.hasPrefix("Tests/") == true }
    }

    let targets: [Target]

    init(_ text: String) {
        let source = SwiftSource(text)
        targets = Self.calls(in: source.code, from: 0).map { call in
            Self.target(call, in: source.keeping([.code, .string]), code: source.code)
        }
    }

    func target(_ name: String) -> Target? { targets.first { $0.name == name } }

    /// Everything a target depends on, directly or through others.
    func reach(of name: String) -> Set<String> {
        var reached: Set<String> = []
        var pending = [name]
        while let next = pending.popLast() {
            for dependency in target(next)?.dependencies ?? []
            where reached.insert(dependency).inserted {
                pending.append(dependency)
            }
        }
        return reached
    }

    private struct Call {
        let kind: String
        let arguments: Range<Int>
    }

    /// The outermost calls that declare targets.
    private static func calls(in code: ByteText, from start: Int) -> [Call] {
        let kinds = ["target", "testTarget", "executableTarget", "systemLibrary"]
        let calls = kinds.flatMap { kind in
            code.offsets(ofToken: ".\(kind)(").compactMap { offset -> Call? in
                let opening = offset + kind.utf8.count + 1
                return code.closing(of: opening).map { Call(kind: kind, arguments: opening..<$0) }
            }
        }
        return calls.filter { call in
            !calls.contains { outer in
                outer.arguments.lowerBound < call.arguments.lowerBound
                    && outer.arguments.contains(call.arguments.upperBound)
            }
        }.sorted { $0.arguments.lowerBound < $1.arguments.lowerBound }
    }

    private static func target(_ call: Call, in text: ByteText, code: ByteText) -> Target {
        let arguments = text.text(call.arguments)
        var dependencies: [String] = []
        let label = code.offsets(ofToken: "dependencies:").first(where: call.arguments.contains)
        if let label, let opening = code.bytes[label...].firstIndex(of: UInt8(ascii: "[")),
            let closing = code.closing(of: opening)
        {
            dependencies = names(in: text.text(opening..<closing))
        }
        return Target(
            kind: call.kind, name: literal(after: "name:", in: arguments) ?? "",
            dependencies: dependencies, path: literal(after: "path:", in: arguments))
    }

    /// The names in a list such as `"A", .product(name: "B", package: "C")`.
    private static func names(in list: String) -> [String] {
        var names: [String] = []
        var rest = Substring(list)
        while let quote = rest.firstIndex(of: "\"") {
            let before = rest[..<quote]
            let literal = rest[rest.index(after: quote)...].prefix { $0 != "\"" }
            rest = rest[literal.endIndex...].dropFirst()
            let isOtherArgument = before.contains(":") && !before.contains("name:")
            if !isOtherArgument { names.append(String(literal)) }
        }
        return names
    }

    private static func literal(after label: String, in text: String) -> String? {
        guard let found = text.firstRange(of: label) else { return nil }
        let value = text[found.upperBound...].drop { $0.isWhitespace }
        guard value.first == "\"" else { return nil }
        return String(value.dropFirst().prefix { $0 != "\"" })
    }
}
