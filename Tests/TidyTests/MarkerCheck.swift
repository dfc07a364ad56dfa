/// Open work is marked with the number of its issue, or not at all.
enum MarkerCheck {
    static let markers = ["TODO", "FIXME"]

    static func violations(in file: TextFile) -> [Violation] {
        guard let lines = remarks(in: file) else { return [] }
        return lines.enumerated().compactMap { index, line in
            let text = ByteText(Array(line.utf8))
            let marked = markers.first { !text.offsets(ofToken: $0).isEmpty }
            guard let marked, !namesIssue(line) else { return nil }
            return file.violation(line: index + 1, "\(marked) without the number of an issue")
        }
    }

    /// The lines in which people write to people, or nil for a file of data.
    private static func remarks(in file: TextFile) -> [String]? {
        if file.isSwift { return SwiftSource(file.text).comments.lines }
        if file.isMarkdown { return MarkdownText(file.text).lines }
        let isText =
            [".c", ".h", ".sh", ".sql", ".yaml", ".yml"].contains { file.path.hasSuffix($0) }
            || file.name == "Makefile" || file.isBelow(".ci")
        return isText ? ByteText(Array(file.text.utf8)).lines : nil
    }

    private static func namesIssue(_ line: String) -> Bool {
        line.ranges(of: "#").contains { line[$0.upperBound...].first?.isNumber == true }
    }
}
