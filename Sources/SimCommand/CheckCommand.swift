import ArgumentParser
import Foundation
import Simulator

/// The verb `check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for mistakes in scenarios, histories and traces, and run nothing.",
        discussion: """
            Each mistake is a line FILE:LINE:COLUMN: MESSAGE with the place below it. What a file \
            is follows from how it begins. Simulations/scenario.schema.json tells editors the \
            same about the keys of a scenario.

            The exit status is 0 if there is no mistake and 2 if there is one.
            """)

    @Argument(help: "The files.")
    var files: [String]

    @Flag(help: "Print one JSON object and nothing else.")
    var json = false

    private static let mistaken: Int32 = 2

    func run() throws {
        let checks = files.map { FileCheck.check(path: $0) }
        print(json ? try Report(checks).text : Self.text(of: checks))
        guard checks.allSatisfy(\.mistakes.isEmpty) else { throw ExitCode(Self.mistaken) }
    }

    private static func text(of checks: [FileCheck]) -> String {
        var lines: [String] = []
        for check in checks {
            for mistake in check.mistakes {
                lines.append(mistake.description)
                if let excerpt = check.excerpt(of: mistake) { lines.append(excerpt) }
            }
            if check.mistakes.isEmpty, let kind = check.kind {
                lines.append("\(check.file): no mistakes in this \(kind.rawValue)")
            }
        }
        return lines.joined(separator: "\n")
    }

    private struct Report: Encodable {
        struct File: Encodable {
            let file: String
            let kind: String?
            let mistakes: [Mistake]
        }

        struct Mistake: Encodable {
            let line: Int
            let column: Int
            let message: String
        }

        let passed: Bool
        let files: [File]

        init(_ checks: [FileCheck]) {
            passed = checks.allSatisfy(\.mistakes.isEmpty)
            files = checks.map { check in
                File(
                    file: check.file, kind: check.kind?.rawValue,
                    mistakes: check.mistakes.map {
                        Mistake(line: $0.line, column: $0.column, message: $0.message)
                    })
            }
        }

        var text: String {
            get throws {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                return String(decoding: try encoder.encode(self), as: UTF8.self)
            }
        }
    }
}
