// swift-tools-version: 6.2
import PackageDescription

// What an app's own package looks like; only the path would be an address.
let package = Package(
    name: "CaravanExamples",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "trip-notes", targets: ["TripNotes"])],
    dependencies: [.package(name: "Caravan", path: "..")],
    targets: [
        .executableTarget(
            name: "TripNotes",
            dependencies: [.product(name: "Caravan", package: "Caravan")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ])
    ]
)
