import FleetModel
import Foundation

extension RunReport {
    /// The report as one line of JSON.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The report as a table for people.
    ///
    /// - Parameter unit: What the time to converge counts: `s` or `s (virtual)`.
    /// - Returns: Lines without a line break at the end.
    package func text(unit: String) -> String {
        var lines = [row("device", "used", "rights left", "sent", "received", "digest")]
        lines.append(String(repeating: "─", count: 78))
        for device in devices {
            lines.append(
                row(
                    device.name, "\(ByteCount(device.usageBytes))",
                    "\(ByteCount(device.rightsLeft))", "\(ByteCount(device.bytesSent))",
                    "\(ByteCount(device.bytesReceived))", device.digest))
        }
        lines.append("")
        lines.append(
            "pool          \(ByteCount(pool.used)) used, \(ByteCount(pool.reserved)) reserved of "
                + "\(ByteCount(pool.granted)) granted")
        lines.append(
            "on the wire   \(ByteCount(wire.bytes)) in \(wire.messages.counting("message")), "
                + wire.sessions.counting("session"))
        let time = secondsToConverge.map {
            "\($0.formatted(.number.precision(.fractionLength(3)))) \(unit)"
        }
        lines.append("converged     \(time.map { "\($0) after the last reconnection" } ?? "no")")
        for violation in violations {
            lines.append(
                "VIOLATION     \(violation.rule.rawValue), \(violation.at) s: \(violation.message)"
            )
        }
        lines.append(
            passed
                ? "PASSED        equal replicas, nothing acknowledged lost, pool never overdrawn"
                : "FAILED")
        return lines.joined(separator: "\n")
    }

    private func row(
        _ name: String, _ used: String, _ rights: String, _ sent: String, _ received: String,
        _ digest: String
    ) -> String {
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return name.padding(toLength: max(12, name.count), withPad: " ", startingAt: 0)
            + right(used, 11) + right(rights, 13) + right(sent, 11) + right(received, 11)
            + "  " + digest
    }
}
