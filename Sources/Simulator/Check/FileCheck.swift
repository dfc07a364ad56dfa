import Foundation
import TerminalText
import Yams

/// What is to be said of one file that people write for the simulator, without running it.
public struct FileCheck: Sendable {
    /// The kinds of files.
    public enum Kind: String, Sendable {
        /// A fleet, its journey and what goes wrong: YAML.
        case scenario
        /// A random world as data: YAML that begins with `history:`.
        case history
        /// Operations on generic records: JSON lines.
        case trace
        /// When a link carries something: a time on each line.
        case link
    }

    /// The file as the caller named it.
    public let file: String
    /// What it was taken for; nothing if it cannot be read.
    public let kind: Kind?
    /// Every mistake, by place; none if the file can run.
    public let mistakes: [InputError]
    /// The text that mistakes stand in, for whoever shows them.
    private let text: String

    /// Reads a file and looks for mistakes.
    ///
    /// What a file is follows from how it begins.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its kind and its mistakes; that it cannot be read is one.
    public static func check(path: String) -> FileCheck {
        let text: String
        do {
            // How much it may be follows from what it is, which shows only once it is read.
            text = try Scenario.text(ofFile: path, atMost: ReplayTrace.fileBytesMax)
        } catch {
            return FileCheck(file: path, kind: nil, mistakes: [error], text: "")
        }
        let kind = kind(of: text)
        let limit = fileBytesMax(of: kind)
        guard text.utf8.count <= limit else {
            return FileCheck(
                file: path, kind: kind, mistakes: [InputFile.tooLarge(path, limit)], text: "")
        }
        let mistakes =
            switch kind {
            case .scenario: Scenario.mistakes(in: text, file: path)
            case .history: SwarmFile.mistakes(in: text, file: path)
            case .trace: ReplayTrace.mistakes(in: text, file: path)
            case .link: LinkTrace.mistakes(in: text, file: path)
            }
        return FileCheck(file: path, kind: kind, mistakes: mistakes, text: text)
    }

    /// The line that a mistake stands in, and a mark below its column; nothing where it has no
    /// place.
    public func excerpt(of mistake: InputError) -> String? {
        guard mistake.line > 0 else { return nil }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.indices.contains(mistake.line - 1) else { return nil }
        // Each is replaced by one of the same width, so that the mark stays below its column.
        let shown = lines[mistake.line - 1].unicodeScalars.map { scalar -> Unicode.Scalar in
            if scalar == "\t" { return " " }
            return Printable.isUnprintable(scalar) ? "\u{fffd}" : scalar
        }
        let start =
            shown.count <= Self.widthMax ? 0 : max(0, mistake.column - 1 - Self.widthMax / 2)
        let part = shown.dropFirst(start).prefix(Self.widthMax)
        var line = ""
        line.unicodeScalars.append(contentsOf: part)
        return "  \(line)\n  \(String(repeating: " ", count: mistake.column - 1 - start))^"
    }

    /// How much of a long line is shown.
    private static let widthMax = 96

    private static func fileBytesMax(of kind: Kind) -> Int {
        switch kind {
        case .scenario, .history: Scenario.fileBytesMax
        case .trace: ReplayTrace.fileBytesMax
        case .link: LinkTrace.fileBytesMax
        }
    }

    private static func kind(of text: String) -> Kind {
        if SwarmFile.isScript(text) { return .history }
        let first = text.first { !$0.isWhitespace && $0 != "\u{feff}" }
        if first == "{" { return .trace }
        return first?.isNumber == true ? .link : .scenario
    }
}

extension LinkTrace {
    /// The first mistake in a recording, if it has one.
    fileprivate static func mistakes(in text: String, file: String) -> [InputError] {
        do {
            _ = try parse(Array(text.utf8), path: file)
            return []
        } catch {
            return [error]
        }
    }
}

extension ReplayTrace {
    /// The first mistake in a trace, if it has one.
    fileprivate static func mistakes(in text: String, file: String) -> [InputError] {
        do {
            _ = try parse(Array(text.utf8), file: file)
            return []
        } catch {
            return [error]
        }
    }
}

extension SwarmFile {
    /// The first mistake in a history, if it has one.
    fileprivate static func mistakes(in text: String, file: String) -> [InputError] {
        do {
            _ = try script(from: text)
            return []
        } catch let error as YamlError {
            return [InputError(error, text: text, file: file)]
        } catch let error as DecodingError {
            return [mistake(error, in: text, file: file)]
        } catch {
            return [InputError(file: file, line: 1, column: 1, message: "\(error)")]
        }
    }

    /// What cannot be decoded, with the place of the innermost node that is there.
    private static func mistake(
        _ error: DecodingError, in text: String, file: String
    ) -> InputError {
        let (path, reason) = explanation(of: error)
        var mark: Mark?
        do {
            var node = try Yams.compose(yaml: text, .default, .default, .utf8)
            for key in path {
                mark = node?.mark ?? mark
                node = key.intValue.map { node?.sequence?[$0] } ?? node?.mapping?[key.stringValue]
            }
            mark = node?.mark ?? mark
        } catch {
            // The decoder has read it before: then the file as a whole is named.
            mark = nil
        }
        return InputError(
            file: file, line: mark?.line ?? 1, column: mark?.column ?? 1, message: reason)
    }

    private static func explanation(of error: DecodingError) -> ([any CodingKey], String) {
        switch error {
        case .keyNotFound(let key, let context):
            (context.codingPath, "missing key '\(key.stringValue)'")
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            (context.codingPath, context.debugDescription)
        @unknown default: ([], "\(error)")
        }
    }
}
