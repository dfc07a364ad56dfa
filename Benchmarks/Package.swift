// swift-tools-version: 6.2
import PackageDescription

// A package of its own: who uses the library neither builds nor fetches anything for it.
let package = Package(
    name: "CaravanBenchmarks",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "caravan-bench", targets: ["CaravanBench"])],
    dependencies: [.package(name: "Caravan", path: "..")],
    targets: [
        // What the library is measured against.
        .target(name: "PlainSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "CaravanBench",
            dependencies: ["PlainSQLite", .product(name: "Caravan", package: "Caravan")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ]),
    ]
)
