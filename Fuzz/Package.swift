// swift-tools-version: 6.2
import PackageDescription

// A package of its own, with the library's sources under the same names: every one of them is built
// with coverage for libFuzzer and with AddressSanitizer, and is reached through `package` access.
let package = Package(
    name: "CaravanFuzz",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "caravan-fuzz", targets: ["CaravanFuzz"])],
    targets: [
        .target(name: "PlantedBugs"),
        .target(name: "CausalTime", dependencies: ["PlantedBugs"]),
        .target(name: "DeltaCRDT", dependencies: ["CausalTime", "PlantedBugs"]),
        .target(name: "ReplicaModel", dependencies: ["CausalTime", "DeltaCRDT", "PlantedBugs"]),
        .target(name: "SyncEngine", dependencies: ["CausalTime", "ReplicaModel", "PlantedBugs"]),
        .target(
            name: "SyncWire",
            dependencies: ["CausalTime", "ReplicaModel", "SyncEngine", "PlantedBugs"]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .target(name: "ZstdStream", dependencies: ["CZstd", "SyncWire"]),
        .systemLibrary(name: "CFuzzer"),
        .executableTarget(
            name: "CaravanFuzz",
            dependencies: [
                "CausalTime", "CFuzzer", "ReplicaModel", "SyncEngine", "SyncWire", "ZstdStream",
            ],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
        .unsafeFlags(["-sanitize=fuzzer"]),
    ]
}
