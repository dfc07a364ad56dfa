/// Paths of the repository, and paths of one machine that its files name.
enum PathCheck {
    static func spaceViolations(in paths: [String]) -> [Violation] {
        paths.filter { $0.contains(where: \.isWhitespace) }.map {
            Violation(path: $0, line: 0, message: "a path with a space breaks shell pipelines")
        }
    }

    /// Folders at the top of a machine, below which the files of one person or one build lie.
    static let machineFolders = ["Users", "builds", "home", "root", "work", "workspace"]

    /// Lines that name a path of one machine, or a folder beside the repository.
    static func machineViolations(in file: TextFile, root: String) -> [Violation] {
        guard !file.isBelow(".ci") else { return [] }
        let outside = ["..", "shared"].joined(separator: "/")
        let tops = machineFolders.map { "/\($0)/" } + [root + "/"]
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            guard line.contains("/") else { return nil }
            let isBound = line.contains(outside) || tops.contains { begins(with: $0, in: line) }
            guard isBound else { return nil }
            return file.violation(line: index + 1, "the path exists on one machine only")
        }
    }

    /// Whether a line holds a path that begins, and does not merely go on, with these folders.
    private static func begins(with top: String, in line: Substring) -> Bool {
        line.ranges(of: top).contains { range in
            guard range.lowerBound > line.startIndex else { return true }
            let before = line[line.index(before: range.lowerBound)]
            return !before.isLetter && !before.isNumber && !".-_~})]/".contains(before)
        }
    }
}
