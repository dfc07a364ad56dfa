/// Looks for tokens that a part of the sources may not contain.
enum TokenCheck {
    struct Rule {
        let token: String
        let reason: String
    }

    /// Clocks, randomness and output, which the pure targets take as arguments or return as values.
    static let pure: [Rule] = [
        Rule(token: "Date(", reason: "time is an argument"),
        Rule(token: "ContinuousClock", reason: "time is an argument"),
        Rule(token: "SuspendingClock", reason: "time is an argument"),
        Rule(token: "Task.sleep", reason: "waiting is an action for the shell"),
        Rule(token: "SystemRandomNumberGenerator", reason: "the generator is an argument"),
        Rule(token: ".random(", reason: "pass a generator with `using:`"),
        Rule(token: ".randomElement(", reason: "pass a generator with `using:`"),
        Rule(token: ".shuffle(", reason: "pass a generator with `using:`"),
        Rule(token: ".shuffled(", reason: "pass a generator with `using:`"),
        Rule(token: ".hashValue", reason: "it differs in every process"),
        Rule(token: "Hasher(", reason: "it differs in every process"),
        Rule(token: "print(", reason: "output belongs to the executables"),
        Rule(token: "debugPrint(", reason: "output belongs to the executables"),
        Rule(token: "dump(", reason: "output belongs to the executables"),
        Rule(token: "readLine(", reason: "input belongs to the executables"),
    ]

    static let concurrency: [Rule] = [
        Rule(token: "Task.detached", reason: "every task hangs off the task that started it")
    ]

    static let unchecked: [Rule] = [
        Rule(token: "@unchecked Sendable", reason: "only ZstdStream, which owns C pointers, may")
    ]

    static let errors: [Rule] = [
        Rule(token: "try?", reason: "handle the error, or pass it on"),
        Rule(token: "try!", reason: "handle the error, or pass it on"),
        Rule(token: "as!", reason: "cast with `as?` and say what happens otherwise"),
        Rule(token: "fatalError(", reason: "environment errors are values, bugs are invariants"),
    ]

    /// The rules that hold for a source file.
    static func rules(for file: TextFile) -> [Rule] {
        guard file.isBelow("Sources") else { return [] }
        return concurrency + errors + (Layers.isPure(file) ? pure : [])
            + (file.isBelow("Sources/ZstdStream") ? [] : unchecked)
    }

    static func violations(in file: TextFile, of rules: [Rule]) -> [Violation] {
        let code = SwiftSource(file.text).code
        return rules.flatMap { rule in
            code.offsets(ofToken: rule.token).filter { !takesGenerator($0, rule, in: code) }.map {
                file.violation(line: code.line(at: $0), "\(rule.token): \(rule.reason)")
            }
        }
    }

    /// A call that is handed its generator draws nothing by itself.
    private static func takesGenerator(_ offset: Int, _ rule: Rule, in code: ByteText) -> Bool {
        let opening = offset + rule.token.utf8.count - 1
        guard rule.reason.contains("using:"), let closing = code.closing(of: opening) else {
            return false
        }
        return code.text(opening..<closing).contains("using:")
    }

    /// Empty `catch` blocks; one that holds only a comment is empty too.
    static func emptyCatches(in file: TextFile) -> [Violation] {
        let code = SwiftSource(file.text).code
        return code.offsets(ofToken: "catch").compactMap { offset in
            guard let opening = code.bytes[offset...].firstIndex(of: UInt8(ascii: "{")),
                let closing = code.closing(of: opening),
                code.bytes[(opening + 1)..<closing].allSatisfy(\.isSpace)
            else { return nil }
            return file.violation(line: code.line(at: offset), "an empty catch swallows the error")
        }
    }
}
