import Foundation
import TerminalText

/// A report as one JSON object.
package enum JSONText {
    /// The object, with sorted keys, on one line.
    ///
    /// - Throws: What the encoder throws; no report makes it throw.
    package static func of(_ report: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(report), as: UTF8.self)
        return Printable.escapedJSON(json) + "\n"
    }
}
