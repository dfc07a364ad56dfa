/// A file of the repository as text.
struct TextFile: Sendable {
    /// Where it lies, relative to the package root, with `/` between folders.
    let path: String
    let text: String

    var folders: [Substring] { path.split(separator: "/").dropLast() }
    var name: Substring { path.split(separator: "/").last ?? "" }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var isMarkdown: Bool { path.hasSuffix(".md") }

    /// The target of a file below `Sources` or `Tests`: the name of its folder there.
    var target: String? {
        folders.count >= 2 ? String(folders[1]) : nil
    }

    func isBelow(_ folder: String) -> Bool { path.hasPrefix(folder + "/") }

    func violation(line: Int = 0, _ message: String) -> Violation {
        Violation(path: path, line: line, message: message)
    }
}
