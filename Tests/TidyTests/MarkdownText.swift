import Foundation

/// The prose of a Markdown file: the text without fenced blocks and code spans.
struct MarkdownText {
    /// One entry per line of the file; lines inside a fence are empty.
    let lines: [String]

    init(_ text: String) {
        var fence: String?
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if let open = fence {
                if trimmed.hasPrefix(open) { fence = nil }
                return ""
            }
            fence = ["```", "~~~"].first { trimmed.hasPrefix($0) }
            return fence == nil ? Self.withoutCodeSpans(line) : ""
        }
    }

    private static func withoutCodeSpans(_ line: Substring) -> String {
        let parts = line.split(separator: "`", omittingEmptySubsequences: false)
        // An odd number of backticks opens no span: the text stays as it is.
        guard parts.count % 2 == 1 else { return String(line) }
        return parts.enumerated().map { $0.offset % 2 == 0 ? String($0.element) : "" }.joined()
    }

    /// The addresses of links and pictures in a line.
    static func links(in line: String) -> [String] {
        let inline = pieces(of: line, after: "](", until: ")")
        let embedded = ["src", "href"].flatMap { pieces(of: line, after: $0 + "=\"", until: "\"") }
        var defined: [String] = []
        if line.hasPrefix("["), let colon = line.firstRange(of: "]: ") {
            defined = [String(line[colon.upperBound...])]
        }
        return (inline + embedded + defined).compactMap { link in
            let address = link.split(separator: " ").first ?? ""
            return String(address.drop { $0 == "<" }.prefix { $0 != ">" })
        }
    }

    private static func pieces(of line: String, after start: String, until end: Character)
        -> [String]
    {
        line.ranges(of: start).map { String(line[$0.upperBound...].prefix { $0 != end }) }
    }
}
