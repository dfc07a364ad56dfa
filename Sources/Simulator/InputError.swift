import TerminalText

/// A mistake in a file that somebody wrote, a scenario or a trace, with the place where it stands.
public struct InputError: Error, Equatable, Sendable {
    /// The file as it was named by the caller.
    public let file: String
    /// The line, from 1; 0 where the mistake has no place, as when the file cannot be read.
    public let line: Int
    /// The column in Unicode scalars, from 1; 0 where the mistake has no place.
    public let column: Int
    /// What is wrong and what to do about it, one line that is fit for a terminal.
    ///
    /// What it quotes of the file is cut where it is long.
    public let message: String

    /// How much of a quoted piece of a file is shown: enough to find it again.
    package static let quoteMax = 80
    /// The longest message: what the longest list of known words needs, with room.
    package static let messageMax = 600

    package init(file: String, line: Int, column: Int, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = Self.shown(message)
    }

    /// A message as it is shown: a quoted piece of the file may hold anything, and be of any size.
    private static func shown(_ message: String) -> String {
        let line = String(message.map { $0.isNewline ? " " : $0 }).printable
        // Scalars and not characters: any number of marks may be stacked on one letter.
        return cut(quotesCut(in: Array(line.unicodeScalars))[...], to: messageMax)
    }

    /// The message with what stands between apostrophes cut.
    private static func quotesCut(in message: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var rest = message[...]
        while let mark = rest.firstIndex(of: "'") {
            result += rest[...mark]
            let isWithinWord =
                mark > rest.startIndex && rest[mark - 1].properties.isAlphabetic
            rest = rest[(mark + 1)...]
            if isWithinWord { continue }
            guard let end = rest.firstIndex(of: "'") else { break }
            result += cut(rest[..<end], to: quoteMax).unicodeScalars
            result.append("'")
            rest = rest[(end + 1)...]
        }
        return result + rest
    }

    private static func cut(_ scalars: ArraySlice<Unicode.Scalar>, to limit: Int) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars.prefix(limit))
        return scalars.count > limit ? text + "…" : text
    }
}

extension InputError: CustomStringConvertible {
    /// One line: `FILE:LINE:COLUMN: message`.
    public var description: String {
        let place = line == 0 ? "" : ":\(line):\(column)"
        return "\(file.printable)\(place): \(message)"
    }
}
