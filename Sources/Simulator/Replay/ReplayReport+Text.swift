import Foundation
import TerminalText

extension ReplayReport {
    /// The report as one line of JSON.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Printable.escapedJSON(String(decoding: try encoder.encode(self), as: UTF8.self))
    }

    /// The report as a table for people, without a line break at the end.
    package func text() -> String {
        var table = TextTable(
            ("measure", .left), ("messages", .right), ("round trips", .right), ("raw", .right),
            ("framed", .right), ("preambles", .right), ("encode s", .right), ("apply s", .right))
        for measure in measures {
            table.add(
                measure.label, "\(measure.messages)", Self.number(measure.roundTrips, digits: 2),
                "\(measure.bytesRaw)", "\(measure.bytesFramed)", "\(measure.preambleBytes)",
                Self.number(measure.encodeSeconds, digits: 4),
                Self.number(measure.applySeconds, digits: 4))
        }
        var lines = table.isEmpty ? ["nothing was measured"] : table.lines
        for expectation in expectations where !expectation.held {
            let difference = (expectation.difference ?? "").printable
            lines.append("FAILED  line \(expectation.line): \(difference)")
        }
        for problem in problems ?? [] {
            lines.append("FAILED  line \(problem.line): \(problem.message.printable)")
        }
        let held = expectations.count { $0.held }
        lines.append(
            "\(passed ? "PASSED" : "FAILED")  \(held) of "
                + "\(expectations.count.counting("expectation")) held")
        return lines.joined(separator: "\n")
    }

    static func number(_ value: Double, digits: Int) -> String {
        value.formatted(
            .number.precision(.fractionLength(digits)).grouping(.never)
                .locale(Locale(identifier: "en_US_POSIX")))
    }
}
