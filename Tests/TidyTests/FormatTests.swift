import Foundation
import Testing

@Suite struct FormatTests {
    private static let lint = ["swift", "format", "lint", "--strict", "--recursive"]

    @Test("The Swift files are formatted")
    func swiftFilesAreFormatted() throws {
        let manifests = ["Package.swift"] + Repository.nestedPackages.map { $0 + "/Package.swift" }
        let command = Self.lint + Repository.sourceFolders + ["Tests"] + manifests
        let result = try Subprocess.run(command, in: Repository.packageRoot)
        #expect(result.status != 127, "`swift` is not on the path, so nothing was checked")
        let findings = result.output.split(separator: "\n").prefix(30).joined(separator: "\n")
        #expect(result.status == 0, "run `make format`, then mend the rest:\n\(findings)")
    }

    @Test("A file that breaks a rule is caught")
    func brokenRuleIsCaught() throws {
        let planted = [
            ("Indentation", "  let a = 1\n"),
            ("AllPublicDeclarationsHaveDocumentation", "public let a = 1\n"),
            ("BeginDocumentationCommentWithOneLineSummary", "/// One. Two.\nlet a = 1\n"),
            ("LineLength", "let a = \"\(String(repeating: "a", count: 100))\"\n"),
            ("NeverForceUnwrap", "let a = b!\n"),
            ("NeverUseForceTry", "let a = try! b()\n"),
            ("OrderedImports", "import B\nimport A\n"),
            (
                "ValidateDocumentationComments",
                "/// Adds.\n///\n/// - Parameter a: One.\nfunc f(a: Int, b: Int) {}\n"
            ),
        ]
        let configuration = Repository.packageRoot.appending(path: ".swift-format").path
        for (rule, text) in planted {
            let file = FileManager.default.temporaryDirectory
                .appending(path: "\(UUID().uuidString).swift")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(text.utf8).write(to: file)
            let command = Self.lint + ["--configuration", configuration, file.path]
            let result = try Subprocess.run(command, in: Repository.packageRoot)
            #expect(result.status == 1)
            #expect(result.output.contains("[\(rule)]"), "\(result.output)")
        }
    }
}
