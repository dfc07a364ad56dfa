import TerminalText

extension ReplicaDifference {
    /// The differences for people.
    ///
    /// - Parameter isStyled: Whether headings stand out; only for a terminal.
    /// - Returns: Lines, each with its line break.
    package func text(isStyled: Bool) -> String {
        var out = ReportText(isStyled: isStyled)
        addHead(to: &out)
        guard !isEqual else { return out.text }
        addLanes(to: &out)
        if !statements.isEmpty {
            out.space()
            for statement in statements { out.say(statement) }
        }
        addCells(to: &out)
        return out.text
    }

    private func addHead(to out: inout ReportText) {
        out.line("left", phrase(left))
        out.line("right", phrase(right))
        out.line(
            "fleet",
            isSameFleet
                ? left.fleet ?? "unknown"
                : "\(left.fleet ?? "unknown") and \(right.fleet ?? "unknown")")
        let isSameDigest = left.digest == right.digest
        out.line("digest", isSameDigest ? left.digest : "\(left.digest) and \(right.digest)")
        for side in [left, right] {
            for violation in side.violations {
                out.say("violation in \(side.label): " + violation, isFault: true)
            }
        }
        out.space()
        out.say(verdict)
    }

    private var verdict: String {
        if isEqual { return "Equal: both hold the same and have seen the same." }
        if !isSameFleet { return "Of different fleets: they refuse each other." }
        if cells.isEmpty {
            return "The same cells, but one side has seen writes that the other has not."
        }
        return cells.count == 1 ? "One cell differs." : "\(cells.count) cells differ."
    }

    private func phrase(_ side: Side) -> String {
        guard let name = side.device?.name else { return side.path }
        return "\(name), \(side.path)"
    }

    private func addLanes(to out: inout ReportText) {
        var table = TextTable(
            ("lane", .left), ("ahead", .left), ("writer", .left), ("device", .left),
            ("from", .right), ("to", .right), ("writes", .right))
        for lane in lanes {
            for ahead in lane.ahead {
                table.add(
                    lane.lane, label(of: ahead.side), ahead.writer,
                    ahead.deviceName ?? "unknown", "\(ahead.from)", "\(ahead.to)",
                    "\(ahead.writes)")
            }
        }
        out.table(table)
    }

    private func addCells(to out: inout ReportText) {
        var table = TextTable(
            ("side", .left), ("value", .left), ("written", .left), ("by", .left), ("dot", .left),
            ("when they meet", .left))
        for cell in cells {
            table.add(row(.left, cell))
            table.add(row(.right, cell))
        }
        out.table(
            table,
            groupedBy: cells.map { cell in
                cell.row + " " + cell.field
                    + (cell.owner.map { ", counted by " + String($0.prefix(8)) } ?? "")
            })
    }

    private func row(_ side: Which, _ cell: CellDifference) -> [String] {
        guard let version = side == .left ? cell.left : cell.right else {
            return [label(of: side), "nothing", "", "", "", side == .left ? lost(cell) : ""]
        }
        let (writer, sequence) = version.shortDot
        return [
            label(of: side), version.value, version.timestamp?.text ?? "",
            version.deviceName ?? "unknown", writer + ":" + sequence,
            cell.winner == side
                ? (cell.isFault ? "FAULT: " : "stays: ") + cell.reason
                : side == .left ? lost(cell) : "",
        ]
    }

    /// Said once for a cell, if neither version stays.
    private func lost(_ cell: CellDifference) -> String {
        guard cell.winner == nil else { return "" }
        return (cell.isFault ? "FAULT: " : "") + cell.reason
    }

    private func label(of side: Which) -> String { side == .left ? left.label : right.label }
}

extension ReplicaDifference.Version {
    /// The start of the writer's identifier, and the sequence.
    var shortDot: (writer: String, sequence: String) {
        let parts = dot.split(separator: ":")
        return (String(dot.prefix(8)), parts.last.map(String.init) ?? "")
    }
}
