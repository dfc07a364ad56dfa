import CausalTime
import Foundation
import InspectKit
import Testing

/// What people see, kept as files under `Snapshots`.
///
/// A run with `UPDATE_SNAPSHOTS=1` in the environment rewrites them; commit only differences that
/// you understand.
@Suite("What the inspector prints")
struct SnapshotTests {
    private let stores: InspectedStores

    init() throws {
        stores = try InspectedStores()
        try stores.travel()
    }

    @Test("a summary")
    func summary() throws {
        let report = try Inspection.summary(of: stores.store("phone"), at: stores.now)
        try expect(report.text(isStyled: false), is: "summary.txt")
    }

    @Test("a difference, said in the words of the domain, with who wins and why")
    func difference() throws {
        try expect(try compared().text(isStyled: false), is: "difference.txt")
    }

    @Test("two replicas that are equal")
    func equality() throws {
        try stores.meet()
        try expect(try compared().text(isStyled: false), is: "equal.txt")
    }

    @Test("a summary as JSON is one object that says the same")
    func json() throws {
        let report = try Inspection.summary(of: stores.store("phone"), at: stores.now)
        let text = try JSONText.of(report)
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let summary = try #require(object as? [String: Any])
        #expect(summary["fleet"] as? String == stores.fleet.description)
        #expect(text.split(separator: "\n").count == 1)
    }

    private func compared() throws -> ReplicaDifference {
        try Inspection.difference(
            between: stores.store("phone"), and: stores.store("laptop"), at: stores.now)
    }

    /// Compares, without what depends on the machine: the folder, and the sizes of files.
    private func expect(_ text: String, is name: String) throws {
        let printed = text.replacingOccurrences(of: stores.folder, with: "FOLDER")
            .split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("files ") }.joined(separator: "\n")
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Snapshots/\(name)")
        if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] != nil {
            try printed.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: url, encoding: .utf8) == printed)
    }
}
