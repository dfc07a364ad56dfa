import Foundation
import TerminalText

extension CostSheet {
    /// Why a sheet could not be made: a workload did not end as it has to, so its bytes count for
    /// nothing.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs the workloads and makes the sheet.
    ///
    /// - Parameters:
    ///   - seed: Decides the values of the workloads.
    ///   - isWanted: Which rows are made, by identifier.
    /// - Returns: The sheet, with the rows in their order.
    /// - Throws: `Failure`, and whatever a store throws.
    package static func measure(
        seed: UInt64 = 0, where isWanted: (String) -> Bool = { _ in true }
    ) throws -> CostSheet {
        var reports: [String: ReplayReport] = [:]
        var sheet = CostSheet(rows: [])
        for entry in CostEntry.all where isWanted(entry.id) {
            let key = "\(entry.workload.rawValue) \(entry.usesDictionary)"
            let report = try reports[key] ?? Self.replay(entry, seed: seed)
            reports[key] = report
            guard let measure = report.measures.first(where: { $0.label == entry.measure }) else {
                throw Failure(description: "\(entry.id): nothing was measured")
            }
            sheet.rows.append(Row(entry, measure))
        }
        return sheet
    }

    private static func replay(_ entry: CostEntry, seed: UInt64) throws -> ReplayReport {
        var options = ReplayOptions()
        options.usesDictionary = entry.usesDictionary
        let report = try Replay(entry.workload.trace(seed: seed), options: options).run()
        guard report.passed else {
            throw Failure(description: "\(entry.id): \(report.text())")
        }
        return report
    }

    /// The sheet as one line of JSON.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The sheet as a table for people, without a line break at the end.
    package func text() -> String {
        var table = TextTable(
            ("verdict", .left), ("id", .left), ("bytes", .right), ("acked by", .right),
            ("target", .right), ("floor", .right), ("round trips", .right), ("cold", .right),
            ("what", .left))
        for row in rows {
            table.add(
                row.meetsTarget ? "within" : "ABOVE", row.id, "\(row.bytesFramed)",
                row.acknowledgementBytes.map { "\($0)" } ?? "", "\(row.target)", "\(row.floor)",
                ReplayReport.number(row.roundTrips, digits: 2),
                row.roundTripsCold.map { ReplayReport.number($0, digits: 2) } ?? "", row.label)
        }
        let count = rows.count { !$0.meetsTarget }
        let above = count.counting("row is above its target", "rows are above their targets")
        return """
            \(table.text)

            \(count == 0 ? "No row is above its target." : "Of \(rows.count), \(above).")
            Preambles are in no figure: \(CostSheet.preambleBytes) bytes a connection, both \
            directions together, preambleBytes in the JSON.
            """
    }
}

extension CostSheet.Row {
    fileprivate init(_ entry: CostEntry, _ measure: ReplayReport.Measure) {
        let acknowledgement = entry.isPush ? measure.acknowledgementBytes : 0
        self.init(
            id: entry.id, label: entry.label, bytesFramed: measure.bytesFramed - acknowledgement,
            acknowledgementBytes: entry.isPush ? acknowledgement : nil,
            preambleBytes: measure.preambleBytes, floor: entry.floor, target: entry.target,
            roundTrips: measure.roundTrips,
            roundTripsCold: entry.isPush ? nil : measure.roundTrips + 1)
    }
}
