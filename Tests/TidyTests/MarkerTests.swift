import Testing

@Suite struct MarkerTests {
    @Test("Open work names its issue")
    func openWorkNamesItsIssue() throws {
        expectNone(try Repository.current.get().texts.flatMap(MarkerCheck.violations))
    }

    @Test("A marker without the number of an issue is caught", arguments: MarkerCheck.markers)
    func bareMarkerIsCaught(marker: String) {
        func check(_ line: String, path: String) -> [Int] {
            lines(MarkerCheck.violations(in: TextFile(path: path, text: "\n" + line)))
        }
        #expect(check("let a = 1  // \(marker): later", path: "Sources/A/A.swift") == [2])
        #expect(check("/* \(marker) */", path: "Tests/A/A.swift") == [2])
        #expect(check("# \(marker)", path: "Makefile") == [2])
        #expect(check("- \(marker) #", path: "README.md") == [2])
        #expect(check("// \(marker)(#12): later", path: "Sources/A/A.swift").isEmpty)
        #expect(check("let a = \"\(marker)\"", path: "Sources/A/A.swift").isEmpty)
        #expect(check("// \(marker)S and the like", path: "Sources/A/A.swift").isEmpty)
        #expect(check("the word `\(marker)`", path: "README.md").isEmpty)
        #expect(check(marker, path: "data.json").isEmpty)
    }
}
