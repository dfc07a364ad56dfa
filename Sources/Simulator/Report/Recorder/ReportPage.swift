package import Foundation

/// A report as one page of HTML that needs nothing else: style, program and data stand in it.
package enum ReportPage {
    /// Makes the page.
    ///
    /// - Parameter document: What it shows. Its texts may come from anywhere: none of them can end
    ///   the element that they stand in.
    /// - Returns: The page, in UTF-8; the same for the same document.
    /// - Throws: What encoding throws.
    package static func html(of document: ReportDocument) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(document), as: UTF8.self)
        let parts = [
            "title": escaped(document.title.isEmpty ? document.name : document.title),
            "style": text(of: PackageResources.report_css),
            "data": inert(json),
            "script": text(of: PackageResources.report_js),
        ]
        return Data(fill(text(of: PackageResources.report_html), with: parts).utf8)
    }

    /// Writes the page to a file.
    package static func write(_ document: ReportDocument, to path: String) throws {
        let page = try html(of: document)
        do {
            try page.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ReportError(path: path, reason: error.localizedDescription)
        }
    }

    private static func text(of bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Puts the parts where the template names them; what a part contains is not looked at again.
    private static func fill(_ template: String, with parts: [String: String]) -> String {
        var rest = template[...]
        var page = ""
        while let opening = rest.range(of: "{{"),
            let closing = rest[opening.upperBound...].range(of: "}}")
        {
            page += rest[..<opening.lowerBound]
            page += parts[String(rest[opening.upperBound..<closing.lowerBound])] ?? ""
            rest = rest[closing.upperBound...]
        }
        return page + rest
    }

    /// JSON in which no character means anything to HTML or ends a line of a program.
    package static func inert(_ json: String) -> String {
        var text = ""
        text.reserveCapacity(json.utf8.count)
        for scalar in json.unicodeScalars {
            switch scalar {
            case "<": text += "\\u003c"
            case ">": text += "\\u003e"
            case "&": text += "\\u0026"
            case "\u{2028}": text += "\\u2028"
            case "\u{2029}": text += "\\u2029"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}

/// A page that could not be written.
package struct ReportError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "\(path): the report cannot be written (\(reason))" }
}
