/// The height of a target: an arrow between targets only ever points down.
enum Layer: Int, Comparable {
    case order, meaning, bytes, shell, product, executable

    static func < (lhs: Layer, rhs: Layer) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// What one target may import.
struct TargetRule {
    let layer: Layer
    let name: String
    let targets: [String]
    /// Modules of other packages.
    var packages: [String] = []
    /// What a target may import from the platform although it is pure.
    var platform: [String] = []
    /// A target without Swift files, which imports nothing.
    var isSystemLibrary = false

    /// Below the shells nothing reads a clock, draws a random number, or prints.
    var isPure: Bool { layer < .shell }

    /// Everything the target may import.
    var imports: Set<String> {
        Set(targets + packages + platform + (isPure ? [] : Layers.systemModules))
    }
}

enum Layers {
    /// What the shells and everything above them may import from the platform.
    static let systemModules = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl",
        "Synchronization",
    ]

    /// Every target below `Sources`, in an order in which each comes after all it depends on.
    static let table: [TargetRule] = [
        // A process-wide switch for tests: the one thing that is shared down here.
        TargetRule(
            layer: .order, name: "PlantedBugs", targets: [], platform: ["Synchronization"]),
        TargetRule(layer: .order, name: "CausalTime", targets: ["PlantedBugs"]),
        TargetRule(layer: .order, name: "DeltaCRDT", targets: ["CausalTime", "PlantedBugs"]),

        TargetRule(
            layer: .meaning, name: "ReplicaModel",
            targets: ["CausalTime", "DeltaCRDT", "PlantedBugs"]),
        TargetRule(
            layer: .meaning, name: "FleetModel",
            targets: ["CausalTime", "DeltaCRDT", "PlantedBugs", "ReplicaModel"]),
        TargetRule(
            layer: .meaning, name: "SyncEngine",
            targets: ["CausalTime", "PlantedBugs", "ReplicaModel"]),
        TargetRule(layer: .meaning, name: "TerminalText", targets: []),

        TargetRule(
            layer: .bytes, name: "SyncWire",
            targets: ["CausalTime", "PlantedBugs", "ReplicaModel", "SyncEngine"]),
        TargetRule(layer: .bytes, name: "CZstd", targets: [], isSystemLibrary: true),
        TargetRule(layer: .bytes, name: "ZstdStream", targets: ["CZstd", "SyncWire"]),

        TargetRule(
            layer: .shell, name: "ReplicaStore",
            targets: ["CausalTime", "DeltaCRDT", "PlantedBugs", "ReplicaModel", "SyncEngine"],
            packages: ["GRDB", "GRDBSQLite"]),
        TargetRule(
            layer: .shell, name: "SyncTransport",
            targets: [
                "CausalTime", "ReplicaModel", "SyncEngine", "SyncWire", "TerminalText",
                "ZstdStream",
            ],
            packages: ["NIOCore", "NIOPosix"]),

        TargetRule(layer: .shell, name: "CFaultDisk", targets: [], isSystemLibrary: true),
        TargetRule(layer: .shell, name: "FaultDisk", targets: ["CFaultDisk"]),

        TargetRule(
            layer: .product, name: "Caravan",
            targets: [
                "CausalTime", "DeltaCRDT", "FleetModel", "ReplicaModel", "ReplicaStore",
                "SyncEngine", "SyncTransport", "SyncWire", "TerminalText", "ZstdStream",
            ]),
        TargetRule(
            layer: .product, name: "DeviceControl",
            targets: [
                "Caravan", "CausalTime", "FleetModel", "ReplicaModel", "SyncEngine",
                "SyncTransport", "TerminalText",
            ]),
        TargetRule(
            layer: .product, name: "Simulator",
            targets: [
                "CausalTime", "DeltaCRDT", "FaultDisk", "FleetModel", "PlantedBugs",
                "ReplicaModel", "ReplicaStore", "SyncEngine", "SyncWire", "TerminalText",
                "ZstdStream",
            ],
            packages: ["Yams"]),
        TargetRule(
            layer: .product, name: "LiveFleet",
            targets: [
                "CausalTime", "DeviceControl", "FleetModel", "Simulator", "SyncTransport",
                "SyncWire",
            ],
            packages: ["NIOCore", "NIOPosix"]),
        TargetRule(layer: .product, name: "MaelstromNode", targets: ["Caravan"]),
        TargetRule(
            layer: .product, name: "InspectKit",
            targets: [
                "CausalTime", "FleetModel", "ReplicaModel", "ReplicaStore", "TerminalText",
            ]),

        TargetRule(
            layer: .executable, name: "CaravanCommand", targets: ["DeviceControl"],
            packages: ["ArgumentParser"]),
        TargetRule(
            layer: .executable, name: "SimCommand",
            targets: ["LiveFleet", "MaelstromNode", "PlantedBugs", "Simulator"],
            packages: ["ArgumentParser"]),
        TargetRule(
            layer: .executable, name: "InspectCommand", targets: ["InspectKit", "TerminalText"],
            packages: ["ArgumentParser"]),
    ]

    /// Pairs that never meet, not even through a third target.
    static let separations: [(target: String, never: String)] = [
        ("InspectKit", "SyncTransport"),
        ("ReplicaStore", "FleetModel"),
        ("ReplicaStore", "SyncWire"),
        ("Simulator", "SyncTransport"),
        ("SyncEngine", "FleetModel"),
        ("SyncTransport", "ReplicaStore"),
    ]

    static func rule(for target: String) -> TargetRule? {
        table.first { $0.name == target }
    }

    /// Whether a file belongs to a target that neither reads a clock nor prints.
    static func isPure(_ file: TextFile) -> Bool {
        guard file.isBelow("Sources"), let target = file.target else { return false }
        return rule(for: target)?.isPure ?? false
    }
}
