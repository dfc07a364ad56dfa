/// Data for the tests is read by a test.
enum UsageCheck {
    /// Whether a file is a vector, a script or a simulation.
    static func isTestData(_ path: String) -> Bool {
        ["Protocol/vectors/", "Protocol/scenarios/"].contains { path.hasPrefix($0) }
            || (path.hasPrefix("Simulations/") && path.hasSuffix(".yaml"))
    }

    /// Files that no test names, neither by their own name nor by that of their folder.
    ///
    /// - Parameters:
    ///   - paths: Every file of the repository.
    ///   - tests: The test files, without those of the gate, which names every folder.
    /// - Returns: One violation for each unused file.
    static func violations(in paths: [String], tests: [TextFile]) -> [Violation] {
        let strings = tests.map { SwiftSource($0.text).strings }
        return paths.filter(isTestData).compactMap { path in
            let names = path.split(separator: "/").suffix(2).flatMap { part in
                [String(part), String(part.prefix { $0 != "." })]
            }
            let isUsed = strings.contains { text in
                names.contains { !text.offsets(ofToken: $0).isEmpty }
            }
            return isUsed ? nil : Violation(path: path, line: 0, message: "no test reads it")
        }
    }
}
