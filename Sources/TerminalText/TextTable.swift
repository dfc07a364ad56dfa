/// Rows of cells under headings, padded so that columns stand below each other.
///
/// What would steer a terminal is escaped: names come from other devices.
package struct TextTable: Sendable {
    /// On which side the cells of a column stand.
    package enum Side: Sendable {
        case left
        case right
    }

    private let sides: [Side]
    private var rows: [[String]]

    /// A table with headings; columns of numbers stand at the right.
    package init(_ columns: [(heading: String, side: Side)]) {
        sides = columns.map(\.side)
        rows = [columns.map { $0.heading.uppercased() }]
    }

    /// A table with headings; columns of numbers stand at the right.
    package init(_ columns: (heading: String, side: Side)...) { self.init(columns) }

    /// Whether there is a row below the headings.
    package var isEmpty: Bool { rows.count == 1 }

    /// Adds a row with a cell for each column.
    package mutating func add(_ cells: String...) { add(cells) }

    /// Adds a row with a cell for each column.
    package mutating func add(_ cells: [String]) { rows.append(cells.map(\.printable)) }

    /// The lines, the headings first.
    package var lines: [String] {
        var widths = sides.map { _ in 0 }
        for row in rows {
            for (index, cell) in row.enumerated() {
                widths[index] = max(widths[index], Printable.width(of: cell))
            }
        }
        return rows.map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                let padding = String(
                    repeating: " ", count: widths[index] - Printable.width(of: cell))
                line += sides[index] == .left ? cell + padding : padding + cell
                line += "  "
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// The lines as one text.
    package var text: String { lines.joined(separator: "\n") }
}
