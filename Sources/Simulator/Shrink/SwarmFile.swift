import Foundation
import Yams

/// A script as a file: YAML in which every event has a line of its own.
package enum SwarmFile {
    /// What a file begins with that holds a script.
    static let firstKey = "history:"

    private struct Header: Decodable {
        let history: Int
    }

    /// The text of a script.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - comments: Lines that come first, for people.
    /// - Returns: What ``script(from:)`` reads.
    /// - Throws: What encoding throws; nothing it is known of.
    package static func text(of script: SwarmScript, comments: [String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines = comments.map { "# \($0)" }
        lines += [
            "history: 1", "seed: \(script.seed)", "devices: \(script.devices)",
            "milliseconds: \(script.milliseconds)", "cutHours: \(script.cutHours)",
            "healing: \(script.healing)", "events:",
        ]
        for event in script.events {
            lines.append("  - " + String(decoding: try encoder.encode(event), as: UTF8.self))
        }
        if script.events.isEmpty { lines[lines.count - 1] += " []" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Whether a text holds a script and not a scenario.
    package static func isScript(_ text: String) -> Bool {
        text.split(separator: "\n").first { !$0.hasPrefix("#") && !$0.isEmpty }?
            .hasPrefix(firstKey) ?? false
    }

    /// Reads a script.
    ///
    /// - Parameter text: The file.
    /// - Returns: The script.
    /// - Throws: ``SwarmFileError`` if it is of a later version, `DecodingError` if it is no
    ///   script.
    package static func script(from text: String) throws -> SwarmScript {
        let version = try YAMLDecoder().decode(Header.self, from: text).history
        guard version == 1 else { throw SwarmFileError(version: version) }
        return try YAMLDecoder().decode(SwarmScript.self, from: text)
    }
}

/// A file of a later version.
public struct SwarmFileError: Error, CustomStringConvertible {
    let version: Int

    /// Which version, and which one is read.
    public var description: String { "a history of version \(version); this reads version 1" }
}
