import Testing

@Suite struct ManifestTests {
    private let manifest = Manifest(
        """
        let package = Package(
            name: "P",
            products: [.library(name: "A", targets: ["A"])],
            targets: [
                .target(name: "A"),  // not .target(name: "Z")
                .systemLibrary(name: "C", pkgConfig: "c", providers: [.apt(["c-dev"])]),
                .target(
                    name: "B",
                    dependencies: [
                        "A", .target(name: "C"), .product(name: "N", package: "swift-n"),
                    ],
                    resources: [.embedInCode("Schema")]),
                .target(name: "Kit", dependencies: ["A"], path: "Tests/Kit"),
                .testTarget(name: "BTests", dependencies: ["B"]),
            ])
        """)

    @Test("Targets are read with their dependencies")
    func targetsAreRead() {
        #expect(manifest.targets.map(\.name) == ["A", "C", "B", "Kit", "BTests"])
        #expect(manifest.target("A")?.dependencies == [])
        #expect(manifest.target("B")?.dependencies == ["A", "C", "N"])
        #expect(manifest.targets.filter(\.isForTests).map(\.name) == ["Kit", "BTests"])
    }

    @Test("A target reaches what its dependencies depend on")
    func targetReachesThroughOthers() {
        #expect(manifest.reach(of: "BTests") == ["B", "A", "C", "N"])
        #expect(manifest.reach(of: "A").isEmpty)
    }
}
