import Yams

extension InputError {
    /// A mistake in the YAML itself, as the parser reports it.
    init(_ error: YamlError, text: String, file: String) {
        switch error {
        case .composer(_, "but found another document", let mark, _):
            self.init(
                file: file, line: mark.line, column: mark.column,
                message: "not YAML: a second document begins here")
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            // The context says what was being read: "while parsing a flow mapping".
            let during = context.map { " \($0.text) that begins in line \($0.mark.line)" } ?? ""
            self.init(
                file: file, line: mark.line, column: mark.column,
                message: "not YAML: \(problem)\(during)")
        case .reader(let problem, let offset, _, _):
            let place = Place(of: offset ?? 0, in: text)
            self.init(
                file: file, line: place.line, column: place.column,
                message: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let names, let context):
            let first = Place(line: context.mark.line, column: context.mark.column)
            let again = names.first.flatMap { first.repetition(of: $0, in: text) }
            let place = again ?? first
            let note = again == nil ? "" : " (first in line \(first.line))"
            self.init(
                file: file, line: place.line, column: place.column,
                message: "duplicate key '\(names.first ?? "")'\(note)")
        default:
            self.init(file: file, line: 1, column: 1, message: "not YAML: \(error)")
        }
    }
}

/// A place in a text, both from 1.
private struct Place {
    let line: Int
    let column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place of a character.
    init(of offset: Int, in text: String) {
        let before = text.prefix(offset)
        let lastLine = before.lastIndex(where: \.isNewline).map {
            before[before.index(after: $0)...]
        }
        line = before.count(where: \.isNewline) + 1
        column = (lastLine ?? before).unicodeScalars.count + 1
    }

    /// Where the key that stands here is repeated in the same block; the parser does not say.
    ///
    /// `nil` where the mapping is not written as a block.
    func repetition(of key: String, in text: String) -> Place? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, content) in lines.enumerated().dropFirst(line) {
            let indent = content.prefix { $0 == " " }.count
            let rest = content.dropFirst(indent)
            if rest.isEmpty || rest.hasPrefix("#") { continue }
            if indent < column - 1 { return nil }
            if indent == column - 1, rest.hasPrefix(key + ":") {
                return Place(line: index + 1, column: column)
            }
        }
        return nil
    }
}
