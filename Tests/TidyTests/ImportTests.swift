import Testing

@Suite struct ImportTests {
    private func source(_ target: String, _ text: String) -> [Violation] {
        ImportCheck.violations(inSource: TextFile(path: "Sources/\(target)/A.swift", text: text))
    }

    @Test("Every import of the sources is allowed by the layer table")
    func sourcesImportWhatTheirLayerAllows() throws {
        let files = try Repository.current.get().swiftFiles(below: "Sources")
        expectNone(files.flatMap(ImportCheck.violations(inSource:)))
    }

    @Test("Every import of a test is a declared dependency")
    func testsImportWhatTheyDeclare() throws {
        let repository = try Repository.current.get()
        let manifest = try Self.manifest(of: repository)
        expectNone(
            repository.swiftFiles(below: "Tests").flatMap {
                ImportCheck.violations(inTest: $0, manifest: manifest)
            })
    }

    @Test("The manifest and the layer table agree")
    func manifestAgreesWithTable() throws {
        expectNone(ImportCheck.violations(in: try Self.manifest(of: Repository.current.get())))
    }

    @Test("In the layer table every arrow points to an earlier row")
    func arrowsPointDown() {
        for (index, rule) in Layers.table.enumerated() {
            let earlier = Layers.table[..<index].map(\.name)
            #expect(rule.targets.allSatisfy(earlier.contains), "\(rule.name)")
            #expect(Layers.table[..<index].allSatisfy { $0.layer <= rule.layer }, "\(rule.name)")
            #expect(rule.layer >= .shell || rule.packages.isEmpty, "\(rule.name)")
        }
    }

    @Test("Imports are recognized in all their forms")
    func importsAreRecognized() {
        let text = """
            // import A
            import B
            public import struct C.D
            @_exported @preconcurrency package import E; let text = "import F"
            @testable import G
            #if canImport(H)
            #endif
            """
        let imports = ImportCheck.imports(of: TextFile(path: "Tests/T/T.swift", text: text))
        #expect(imports.map(\.module) == ["B", "C", "E", "G"])
        #expect(imports.map(\.line) == [2, 3, 4, 5])
        #expect(imports.map(\.isTestable) == [false, false, false, true])
    }

    @Test("An import outside the table is caught")
    func importOutsideTheTableIsCaught() {
        #expect(lines(source("SyncEngine", "import CausalTime\nimport Foundation")) == [2])
        #expect(lines(source("SyncWire", "import Synchronization")) == [1])
        #expect(lines(source("ZstdStream", "import CZstd\nimport Glibc")) == [2])
        #expect(lines(source("ReplicaStore", "import GRDB\nimport FleetModel")) == [2])
        #expect(lines(source("SyncTransport", "import NIOCore\nimport ReplicaStore")) == [2])
        #expect(lines(source("Simulator", "import Yams\nimport SyncTransport")) == [2])
        #expect(lines(source("Caravan", "import NIOCore\nimport Foundation")) == [1])
        #expect(source("Unknown", "").count == 1)
    }

    @Test("A test that imports what it may not is caught")
    func importOfTestIsCaught() {
        let manifest = Manifest(
            """
            .target(name: "A"),
            .target(name: "B", dependencies: [.product(name: "N", package: "n")]),
            .testTarget(name: "ATests", dependencies: ["A"])
            """)
        let text = "import A\nimport B\nimport N\nimport Testing\nimport XCTest\n@testable import A"
        let file = TextFile(path: "Tests/ATests/T.swift", text: text)
        #expect(lines(ImportCheck.violations(inTest: file, manifest: manifest)) == [2, 3, 5, 6])
    }

    @Test("A manifest that leaves the table is caught")
    func manifestThatLeavesTheTableIsCaught() throws {
        let text = try Self.text(of: Repository.current.get())
        let edge = text.replacing(
            #".target(name: "CausalTime", dependencies: ["PlantedBugs"])"#,
            with: #".target(name: "CausalTime", dependencies: ["FleetModel", "PlantedBugs"])"#)
        let messages = ImportCheck.violations(in: Manifest(edge)).map(\.message)
        #expect(messages.contains("CausalTime and its row of Layers.table differ in: FleetModel"))
        #expect(messages.contains("ReplicaStore reaches FleetModel, which it must never see"))

        let unknown = ImportCheck.violations(in: Manifest(text + #".target(name: "Extra")"#))
        #expect(unknown.map(\.message).contains("Extra has no row in Layers.table"))

        let gone = ImportCheck.violations(in: Manifest(#".target(name: "CausalTime")"#))
        #expect(gone.map(\.message).contains("has no DeltaCRDT"))
    }

    private static func text(of repository: Repository) throws -> String {
        try #require(repository.texts.first { $0.path == "Package.swift" }).text
    }

    private static func manifest(of repository: Repository) throws -> Manifest {
        Manifest(try text(of: repository))
    }
}
