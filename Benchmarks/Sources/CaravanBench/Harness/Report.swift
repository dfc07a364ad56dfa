import Foundation

/// Findings as a table for people, or as JSON.
struct Report {
    let findings: [Finding]

    var isHeld: Bool { findings.allSatisfy(\.isHeld) }

    // MARK: Table

    var table: String {
        let title = ["", "Caravan", "plain C", "measured", "limit", ""]
        let rows = [title] + findings.map(Self.cells)
        let widths = title.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                let padding = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + padding : padding + text
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func cells(_ finding: Finding) -> [String] {
        let times = finding.times
        let limit =
            switch finding.limit {
            case .atLeast(let value): ">= " + text(value, like: finding.measured)
            case .atMost(let value): "<= " + text(value, like: finding.measured)
            }
        return [
            finding.name,
            times.map { text($0.caravan.inSeconds, like: .seconds(0)) } ?? "",
            times.map { text($0.plain.inSeconds, like: .seconds(0)) } ?? "",
            text(finding.measured.value, like: finding.measured), limit,
            finding.isHeld ? "held" : "NOT HELD",
        ]
    }

    private static func text(_ value: Double, like quantity: Finding.Quantity) -> String {
        switch quantity {
        case .seconds: String(format: "%.2f ms", value * 1000)
        case .bytes: String(format: "%.0f KiB", value / 1024)
        case .count: String(format: "%.0f", value)
        case .ratio: String(format: "%.2f x", value)
        }
    }

    // MARK: JSON

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let document = Document(isHeld: isHeld, findings: findings.map(Document.Entry.init))
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }

    private struct Document: Encodable {
        struct Entry: Encodable {
            let name: String
            let unit: String
            let measured: Double
            let atLeast: Double?
            let atMost: Double?
            let isHeld: Bool
            let caravanSeconds: Double?
            let plainSeconds: Double?

            init(_ finding: Finding) {
                name = finding.name
                unit = finding.measured.unit
                measured = finding.measured.value
                isHeld = finding.isHeld
                caravanSeconds = finding.times?.caravan.inSeconds
                plainSeconds = finding.times?.plain.inSeconds
                switch finding.limit {
                case .atLeast(let value): (atLeast, atMost) = (value, nil)
                case .atMost(let value): (atLeast, atMost) = (nil, value)
                }
            }
        }

        let isHeld: Bool
        let findings: [Entry]
    }
}
