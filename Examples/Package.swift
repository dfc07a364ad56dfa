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
            dependencies: [.product(name: "Caravan", package: "Caravan")]),
        .target(
            name: "SharedExpenses",
            dependencies: [.product(name: "Caravan", package: "Caravan")]),
        .testTarget(
            name: "SharedExpensesTests",
            dependencies: [
                "SharedExpenses",
                .product(name: "Caravan", package: "Caravan"),
                .product(name: "Simulator", package: "Caravan"),
            ]),
    ]
)

for target in package.targets {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}
