import TerminalText

/// The text of a report, section by section.
struct ReportText {
    /// Whether headings stand out and faults are red, on a terminal.
    let isStyled: Bool
    private(set) var text = ""

    init(isStyled: Bool) { self.isStyled = isStyled }

    /// A line of a name and what it is.
    mutating func line(_ name: String, _ content: String) {
        let padding = String(repeating: " ", count: max(1, 9 - name.count))
        text += name + padding + Printable.escaped(content) + "\n"
    }

    /// A sentence.
    mutating func say(_ sentence: String, isFault: Bool = false) {
        text += styled(Printable.escaped(sentence), isFault ? "31" : nil) + "\n"
    }

    /// A table below an empty line; a table without rows is left out.
    mutating func table(_ table: TextTable, title: String? = nil) {
        guard !table.isEmpty else { return }
        text += "\n"
        if let title { text += Printable.escaped(title) + "\n" }
        for (index, line) in table.lines.enumerated() {
            text += styled(line, index == 0 ? "1" : nil) + "\n"
        }
    }

    /// A table whose rows come in groups, each below a line of its own.
    ///
    /// - Parameters:
    ///   - table: Has the same number of rows for every group.
    ///   - groups: The lines above the groups.
    mutating func table(_ table: TextTable, groupedBy groups: [String]) {
        guard !groups.isEmpty else { return }
        let lines = table.lines
        let count = (lines.count - 1) / groups.count
        text += "\n" + styled("  " + lines[0], "1") + "\n"
        for (index, group) in groups.enumerated() {
            text += Printable.escaped(group) + "\n"
            for line in lines[1 + index * count..<1 + (index + 1) * count] {
                text += "  " + line + "\n"
            }
        }
    }

    /// An empty line.
    mutating func space() { text += "\n" }

    private func styled(_ line: String, _ code: String?) -> String {
        guard isStyled, let code else { return line }
        return "\u{1b}[\(code)m\(line)\u{1b}[0m"
    }
}
