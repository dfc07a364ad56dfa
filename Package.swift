// swift-tools-version: 6.2
import PackageDescription

// Targets stand in the order of the layers: an arrow only ever points down.
// Documentation/ARCHITECTURE.md draws them; Tests/TidyTests checks every import.
let package = Package(
    name: "Caravan",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Caravan", targets: ["Caravan"]),
        .library(name: "Simulator", targets: ["Simulator"]),
        .executable(name: "caravan", targets: ["CaravanCommand"]),
        .executable(name: "caravan-sim", targets: ["SimCommand"]),
        .executable(name: "sync-inspect", targets: ["InspectCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // L0: order and merging. Pure values, no imports from outside.
        .target(name: "PlantedBugs"),
        .target(name: "CausalTime", dependencies: ["PlantedBugs"]),
        .target(name: "DeltaCRDT", dependencies: ["CausalTime", "PlantedBugs"]),

        // L1: meaning and decisions. Still pure.
        .target(name: "ReplicaModel", dependencies: ["CausalTime", "DeltaCRDT", "PlantedBugs"]),
        .target(
            name: "FleetModel",
            dependencies: ["CausalTime", "DeltaCRDT", "PlantedBugs", "ReplicaModel"]),
        .target(name: "SyncEngine", dependencies: ["CausalTime", "PlantedBugs", "ReplicaModel"]),
        .target(name: "TerminalText"),

        // L2: bytes.
        .target(
            name: "SyncWire",
            dependencies: ["CausalTime", "PlantedBugs", "ReplicaModel", "SyncEngine"]),
        .systemLibrary(
            name: "CZstd", pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .target(name: "ZstdStream", dependencies: ["CZstd", "SyncWire"]),

        // L3: shells, which do all the input and output.
        .target(
            name: "ReplicaStore",
            dependencies: [
                "CausalTime", "DeltaCRDT", "PlantedBugs", "ReplicaModel", "SyncEngine",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            resources: [.embedInCode("Schema")]),
        .target(
            name: "SyncTransport",
            dependencies: [
                "CausalTime", "ReplicaModel", "SyncEngine", "SyncWire", "TerminalText",
                "ZstdStream",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),

        // Disks that fail, for tests and simulations only.
        .target(name: "CFaultDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "FaultDisk", dependencies: ["CFaultDisk"]),

        // L4: what people link, and what proves it.
        .target(
            name: "Caravan",
            dependencies: [
                "CausalTime", "DeltaCRDT", "FleetModel", "ReplicaModel", "ReplicaStore",
                "SyncEngine", "SyncTransport", "SyncWire", "TerminalText", "ZstdStream",
            ]),
        .target(
            name: "DeviceControl",
            dependencies: [
                "Caravan", "CausalTime", "FleetModel", "ReplicaModel", "SyncEngine",
                "SyncTransport", "TerminalText",
            ]),
        .target(
            name: "Simulator",
            dependencies: [
                "CausalTime", "DeltaCRDT", "FaultDisk", "FleetModel", "PlantedBugs",
                "ReplicaModel", "ReplicaStore", "SyncEngine", "SyncWire", "TerminalText",
                "ZstdStream",
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Report/Page")]),
        .target(
            name: "LiveFleet",
            dependencies: [
                "CausalTime", "DeviceControl", "FleetModel", "Simulator", "SyncTransport",
                "SyncWire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(name: "MaelstromNode", dependencies: ["Caravan"]),
        .target(
            name: "InspectKit",
            dependencies: [
                "CausalTime", "FleetModel", "ReplicaModel", "ReplicaStore", "TerminalText",
            ]),

        // L5: executables, which hold commands only.
        .executableTarget(
            name: "CaravanCommand",
            dependencies: [
                "DeviceControl",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "SimCommand",
            dependencies: [
                "LiveFleet", "MaelstromNode", "PlantedBugs", "Simulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "InspectCommand",
            dependencies: [
                "InspectKit", "TerminalText",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Tests, one target for each target above that holds logic.
        .target(
            name: "SyncTestKit",
            dependencies: ["CausalTime", "DeltaCRDT", "ReplicaModel", "SyncEngine"],
            path: "Tests/SyncTestKit"),
        .testTarget(name: "CausalTimeTests", dependencies: ["CausalTime", "SyncTestKit"]),
        .testTarget(
            name: "DeltaCRDTTests", dependencies: ["CausalTime", "DeltaCRDT", "SyncTestKit"]),
        .testTarget(
            name: "ReplicaModelTests",
            dependencies: ["CausalTime", "DeltaCRDT", "ReplicaModel", "SyncTestKit"]),
        .testTarget(
            name: "FleetModelTests",
            dependencies: ["CausalTime", "DeltaCRDT", "FleetModel", "ReplicaModel", "SyncTestKit"]),
        .testTarget(
            name: "SyncEngineTests",
            dependencies: ["CausalTime", "ReplicaModel", "SyncEngine", "SyncTestKit"]),
        .testTarget(
            name: "SyncWireTests",
            dependencies: [
                "CausalTime", "ReplicaModel", "SyncEngine", "SyncTestKit", "SyncWire", "ZstdStream",
            ]),
        .testTarget(
            name: "ReplicaStoreTests",
            dependencies: [
                "CausalTime", "FaultDisk", "FleetModel", "ReplicaModel", "ReplicaStore",
                "SyncEngine", "SyncTestKit",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "SyncTransportTests",
            dependencies: [
                "Caravan", "CausalTime", "FleetModel", "ReplicaModel", "SyncEngine", "SyncTestKit",
                "SyncTransport",
            ]),
        .testTarget(
            name: "CaravanTests",
            dependencies: [
                "Caravan", "CausalTime", "FleetModel", "ReplicaModel", "ReplicaStore",
                "SyncTestKit",
            ]),
        .testTarget(
            name: "DeviceControlTests",
            dependencies: ["Caravan", "DeviceControl", "SyncEngine"]),
        .testTarget(
            name: "SimulatorTests",
            dependencies: [
                "CausalTime", "FleetModel", "ReplicaModel", "ReplicaStore", "Simulator",
                "SyncEngine",
                .product(name: "Yams", package: "Yams"),
            ]),
        .testTarget(
            name: "InspectKitTests",
            dependencies: [
                "CausalTime", "FleetModel", "InspectKit", "ReplicaModel", "ReplicaStore",
            ],
            exclude: ["Snapshots"]),
        // Real executables on loopback; the slowest, and runnable by themselves.
        .testTarget(
            name: "ProcessTests",
            dependencies: ["CaravanCommand", "InspectCommand", "SimCommand"]),
        .testTarget(name: "TidyTests"),
    ]
)

// One strict setting for every target of this package.
for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .treatAllWarnings(as: .error),
        ]
}
