import SyncTransport

/// Lines with their cells one below the other.
struct TextTable {
    /// Where a column's text stands.
    enum Alignment {
        case left
        case right
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    /// Adds a row; what would steer a terminal is replaced, for names come from other devices.
    mutating func add(_ cells: [String]) { rows.append(cells.map(\.printable)) }

    /// The titles and the rows, one line each.
    var text: String {
        let lines = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in
            lines.map { $0[column].count }.max() ?? 0
        }
        return lines.map { cells in
            let padded = columns.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - cells[column].count)
                return columns[column].alignment == .left
                    ? cells[column] + padding : padding + cells[column]
            }
            let line = padded.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}
