import Foundation
import Testing

/// The examples of the README and of the guides, which are the code that is compiled here.
///
/// The first example of a document `Guide.md` stands in a file of this folder, word for word but
/// for its indentation:
///
/// ```
/// // Guide.md (1)
/// let replica = try Replica.open(at: folder)
/// // end
/// ```
@Suite("The README and the guides")
struct DocumentTests {
    @Test("show the code that is compiled here")
    func examplesAreCompiled() throws {
        var shown: [String: [String]] = [:]
        for document in try Self.documents() {
            let examples = Self.examples(of: try String(contentsOf: document, encoding: .utf8))
            for (index, lines) in examples.enumerated() {
                shown["\(document.lastPathComponent) (\(index + 1))"] = lines
            }
        }
        var compiled: [String: [String]] = [:]
        for source in try Self.files(of: Self.folder, "swift") {
            let text = try String(contentsOf: source, encoding: .utf8)
            for (name, lines) in Self.snippets(of: text) {
                #expect(compiled[name] == nil, "\(name) stands here twice")
                compiled[name] = lines
            }
        }
        for (name, lines) in shown { #expect(compiled[name] == lines, "\(name)") }
        #expect(Set(compiled.keys) == Set(shown.keys))
        #expect(shown.count > 20)
    }

    @Test("are read with their imports left out and their indentation taken away")
    func documentsAreRead() {
        let text =
            "# T\n```swift\nimport A\n\nlet a = {\n    1\n}\n```\n"
            + "```sh\nls\n```\n```swift\nb()\n```"
        #expect(Self.examples(of: text) == [["let a = {", "    1", "}"], ["b()"]])
        let source =
            "func f() {\n    // A.md (1)\n    if a {\n\n        b()\n    }\n    // end\n}\n"
        #expect(Self.snippets(of: source).map(\.name) == ["A.md (1)"])
        #expect(Self.snippets(of: source).map(\.lines) == [["if a {", "", "    b()", "}"]])
    }

    // MARK: Tools

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    private static func documents() throws -> [URL] {
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let guides = root.appending(path: "Sources/Caravan/Documentation.docc")
        return [root.appending(path: "README.md")] + (try files(of: guides, "md"))
    }

    private static func files(of folder: URL, _ ending: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == ending }
    }

    /// The Swift blocks of a document, without the imports that they begin with.
    static func examples(of document: String) -> [[String]] {
        var examples: [[String]] = []
        var rest = lines(of: document)[...]
        while let start = rest.firstIndex(of: "```swift") {
            let block = rest[(start + 1)...].prefix { $0 != "```" }
            rest = rest[block.endIndex...].dropFirst()
            examples.append(
                Array(block.drop { $0.hasPrefix("import ") || $0.isEmpty }))
        }
        return examples
    }

    /// What stands between the marks of a source file, moved to the left.
    static func snippets(of source: String) -> [(name: String, lines: [String])] {
        var snippets: [(name: String, lines: [String])] = []
        var rest = lines(of: source)[...]
        while let start = rest.firstIndex(where: { $0.contains(#/^ *// \w+\.md \(\d+\)$/#) }) {
            let mark = rest[start]
            let margin = mark.prefix { $0 == " " }
            let body = rest[(start + 1)...].prefix { $0 != margin + "// end" }
            rest = rest[body.endIndex...].dropFirst()
            snippets.append(
                (
                    name: String(mark.dropFirst(margin.count + 3)),
                    lines: body.map { String($0.dropFirst(margin.count)) }
                ))
        }
        return snippets
    }

    private static func lines(of text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
