import Foundation
import Simulator

extension SweepReport {
    /// The one JSON object of `sweep --json`.
    func json(replay: (UInt64) -> String) throws -> String {
        try JSONReport(
            seeds: seeds, passed: passed,
            failures: failures.map {
                JSONReport.Failure(
                    seed: $0.seed,
                    violation: "\($0.violation.rule.rawValue): \($0.violation.message)",
                    at: $0.violation.at, replay: replay($0.seed))
            },
            deviceHours: deviceHours.rounded(), virtualDeviceHours: virtualDeviceHours.rounded(),
            seconds: seconds, coreSeconds: coreSeconds,
            deviceHoursPerCoreMinute: deviceHoursPerCoreMinute.rounded(),
            operations: operations, sessions: sessions, exchanges: exchanges, runTwice: runTwice,
            faults: faults.byName, commit: Commit.current
        ).text
    }

    /// The same for people.
    func text(replay: (UInt64) -> String) -> String {
        var lines = [
            seeds.counting("seed")
                + ", \(passed) passed, \(runTwice) of them run twice with equal hashes",
            "\(Int(deviceHours)) device-hours in \(Int(coreSeconds)) core-seconds: "
                + "\(Int(deviceHoursPerCoreMinute)) a core-minute",
            operations.counting("operation") + ", " + sessions.counting("session")
                + ", \(exchanges) of them with a change",
        ]
        let injected = FaultClass.allCases.filter { faults[$0] > 0 }
        if !injected.isEmpty {
            lines.append(
                "faults: " + injected.map { "\($0.rawValue) \(faults[$0])" }.joined(separator: ", ")
            )
        }
        for failure in failures.sorted(by: { $0.seed < $1.seed }) {
            let violation = failure.violation
            lines.append(
                "seed \(failure.seed), commit \(Commit.current): \(violation.rule.rawValue) at "
                    + "\(violation.at) s: \(violation.message)\n  \(replay(failure.seed))")
        }
        return lines.joined(separator: "\n")
    }
}

private struct JSONReport: Encodable {
    struct Failure: Encodable {
        let seed: UInt64
        let violation: String
        let at: Double
        let replay: String
    }

    let seeds: Int
    let passed: Int
    let failures: [Failure]
    let deviceHours: Double
    let virtualDeviceHours: Double
    let seconds: Double
    let coreSeconds: Double
    let deviceHoursPerCoreMinute: Double
    let operations: Int
    let sessions: Int
    let exchanges: Int
    let runTwice: Int
    let faults: [String: Int]
    let commit: String
}

extension Encodable {
    /// JSON with keys in order.
    var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

/// Which state of the sources this is.
enum Commit {
    /// The commit that is checked out in the folder or one above it, or "unknown".
    static let current: String = {
        var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        for _ in 0..<32 {
            let git = folder.appendingPathComponent(".git")
            if let head = line(of: git.appendingPathComponent("HEAD")) {
                guard head.hasPrefix("ref: ") else { return String(head.prefix(12)) }
                let name = String(head.dropFirst(5))
                return line(of: git.appendingPathComponent(name)).map { String($0.prefix(12)) }
                    ?? "unknown"
            }
            guard folder.path != "/" else { break }
            folder.deleteLastPathComponent()
        }
        return "unknown"
    }()

    private static func line(of file: URL) -> String? {
        guard let bytes = FileManager.default.contents(atPath: file.path) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }
}
