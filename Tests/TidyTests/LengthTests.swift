import Testing

@Suite struct LengthTests {
    /// Files that may be longer than the limit, such as generated tables, each with its reason.
    static let exemptions: [Exemption] = []

    private func file(_ text: String, path: String = "Sources/A/A.swift") -> TextFile {
        TextFile(path: path, text: text)
    }

    private func function(_ signature: String, lines: Int) -> String {
        signature + " {\n" + String(repeating: "a()\n", count: lines - 2) + "}\n"
    }

    @Test("Files, functions and lines keep to their limits")
    func everythingIsShort() throws {
        let files = try Repository.current.get().texts
        let exempt = Set(Self.exemptions.map(\.path))
        expectNone(files.filter { !exempt.contains($0.path) }.flatMap(LengthCheck.fileViolations))
        expectNone(files.flatMap(LengthCheck.lineViolations))
        expectNone(files.flatMap(LengthCheck.functionViolations))
    }

    @Test("A long file is caught")
    func longFileIsCaught() {
        let long = String(repeating: "a\n", count: 601)
        #expect(LengthCheck.fileViolations(in: file(long)).count == 1)
        #expect(LengthCheck.fileViolations(in: file(String(long.dropLast(2)))).isEmpty)
        #expect(LengthCheck.fileViolations(in: file(long, path: "Tests/A/A.swift")).isEmpty)
        let longer = String(repeating: "a\n", count: 801)
        #expect(LengthCheck.fileViolations(in: file(longer, path: "Tests/A/A.swift")).count == 1)
        #expect(LengthCheck.fileViolations(in: file(longer, path: "Protocol/vectors/a")).isEmpty)
    }

    @Test("A wide line is caught, and one that holds an address is not")
    func wideLineIsCaught() {
        let wide = String(repeating: "ä", count: 100)
        #expect(LengthCheck.lineViolations(in: file(wide + "\n" + wide)).isEmpty)
        #expect(lines(LengthCheck.lineViolations(in: file("\n" + wide + "a"))) == [2])
        #expect(LengthCheck.lineViolations(in: file("// https://" + wide)).isEmpty)
        #expect(LengthCheck.lineViolations(in: file(wide + "a", path: "Schema/a.sql")).isEmpty)
    }

    @Test("A long function is caught, whatever its signature")
    func longFunctionIsCaught() {
        let signatures = [
            "func a()", "init(a: Int = { 1 }()) throws", "deinit", "subscript(a: Int) -> Int",
            "func a<A>(\n    b: (A) -> Void\n)\n    async throws -> [A]\nwhere A: B",
            "init?(a: Int)", "func `a long sentence`()",
        ]
        for signature in signatures {
            expectLimit(ofFunction: signature)
        }
    }

    private func expectLimit(ofFunction signature: String) {
        let height = signature.split(separator: "\n").count - 1
        let atLimit = function(signature, lines: 70 - height)
        #expect(LengthCheck.functionViolations(in: file(atLimit)).isEmpty, "\(signature)")
        let long = "\n" + function(signature, lines: 71 - height)
        #expect(lines(LengthCheck.functionViolations(in: file(long))) == [2], "\(signature)")
    }

    @Test("Requirements and calls are no functions, and braces in strings do not count")
    func onlyBodiesCount() {
        let block = String(repeating: "a()\n", count: 80)
        let requirement = "protocol P {\n func a() -> Int\n\(block) var b: Int { get }\n}"
        #expect(LengthCheck.functionViolations(in: file(requirement)).isEmpty)
        let call = "self.init(a: 1)\nlet b = B.init(c)\n\(block)if d { e() }\n"
        #expect(LengthCheck.functionViolations(in: file(call)).isEmpty)
        let text = "func a() { b(\"{\") // {\n}\n\(block)}"
        #expect(LengthCheck.functionViolations(in: file(text)).isEmpty)
    }
}
