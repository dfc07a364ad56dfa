import Testing

@Suite struct UsageTests {
    @Test("Every vector, script and simulation is read by a test")
    func testDataIsRead() throws {
        let repository = try Repository.current.get()
        let tests = repository.swiftFiles(below: "Tests").filter { $0.target != "TidyTests" }
        expectNone(UsageCheck.violations(in: repository.paths, tests: tests))
    }

    @Test("Data that no test reads is caught")
    func unusedDataIsCaught() {
        let test = TextFile(
            path: "Tests/A/A.swift",
            text: "// rejected\nlet vectors = load(\"Protocol/vectors\")\nrun(\"rail-de-ch\")")
        let paths = [
            "Protocol/vectors/a.json", "Protocol/vectors/rejected/b.json",
            "Protocol/scenarios/c.txt", "Simulations/rail-de-ch.yaml", "Simulations/other.yaml",
            "Simulations/data/d.json", "Sources/A/A.swift",
        ]
        #expect(
            UsageCheck.violations(in: paths, tests: [test]).map(\.path)
                == [
                    "Protocol/vectors/rejected/b.json", "Protocol/scenarios/c.txt",
                    "Simulations/other.yaml",
                ])
    }
}
