/// Compares the imports of a file, and the edges of the manifest, with the layer table.
enum ImportCheck {
    struct Import: Equatable {
        let module: String
        let line: Int
        var isTestable = false
    }

    static func imports(of file: TextFile) -> [Import] {
        let kinds: Set<Substring> = [
            "class", "enum", "func", "let", "protocol", "struct", "typealias", "var",
        ]
        return SwiftSource(file.text).code.lines.enumerated().compactMap { index, line in
            let words = line.split { $0 == " " || $0 == "\t" || $0 == ";" }
            guard let keyword = words.firstIndex(of: "import"),
                words[..<keyword].allSatisfy(isModifier)
            else { return nil }
            let name = words[(keyword + 1)...].first { !kinds.contains($0) } ?? ""
            return Import(
                module: String(name.prefix { $0 != "." }), line: index + 1,
                isTestable: words[..<keyword].contains("@testable"))
        }
    }

    private static func isModifier(_ word: Substring) -> Bool {
        let levels = ["public", "package", "internal", "fileprivate", "private"]
        return word.hasPrefix("@") || levels.contains(String(word))
    }

    /// Imports of a source file that its row of the table does not list.
    static func violations(inSource file: TextFile) -> [Violation] {
        guard let target = file.target, let rule = Layers.rule(for: target) else {
            return [file.violation("its target has no row in Layers.table")]
        }
        return imports(of: file).compactMap { item in
            guard !rule.imports.contains(item.module) else { return nil }
            return file.violation(line: item.line, "\(target) may not import \(item.module)")
        }
    }

    /// Imports of a test file that the manifest does not declare, and the forbidden kinds.
    static func violations(inTest file: TextFile, manifest: Manifest) -> [Violation] {
        let known = Set(manifest.targets.flatMap { [$0.name] + $0.dependencies })
        let declared = Set(file.target.flatMap(manifest.target)?.dependencies ?? [])
        return imports(of: file).compactMap { item in
            if item.module == "XCTest" {
                return file.violation(line: item.line, "tests are written with Swift Testing")
            }
            if item.isTestable {
                let message = "`package` access replaces @testable, which a release build lacks"
                return file.violation(line: item.line, message)
            }
            guard known.contains(item.module), !declared.contains(item.module) else { return nil }
            let message = "\(item.module) is no declared dependency of this test target"
            return file.violation(line: item.line, message)
        }
    }

    /// Differences between the manifest and the table.
    static func violations(in manifest: Manifest) -> [Violation] {
        let targets = manifest.targets.filter { !$0.isForTests }
        let differences = Layers.table.compactMap { rule -> String? in
            guard let target = manifest.target(rule.name) else { return "has no \(rule.name)" }
            let allowed = Set(rule.targets + rule.packages)
            let declared = Set(target.dependencies)
            guard allowed != declared else { return nil }
            let changes = allowed.symmetricDifference(declared).sorted().joined(separator: ", ")
            return "\(rule.name) and its row of Layers.table differ in: \(changes)"
        }
        let unknown = targets.filter { Layers.rule(for: $0.name) == nil }
            .map { "\($0.name) has no row in Layers.table" }
        let meetings = Layers.separations
            .filter { manifest.reach(of: $0.target).contains($0.never) }
            .map { "\($0.target) reaches \($0.never), which it must never see" }
        return (differences + unknown + meetings).map {
            Violation(path: "Package.swift", line: 0, message: $0)
        }
    }
}
