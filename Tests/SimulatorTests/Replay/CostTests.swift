import CausalTime
import Foundation
import Simulator
import Testing

/// What `Simulations/costs.json` keeps: bytes by the identifier of a row.
private enum RecordedCosts {
    static let isRecording = ProcessInfo.processInfo.environment["CARAVAN_RECORD"] == "1"
    private static let url = URL(filePath: ScenarioFiles.folder + "/costs.json")

    static func load() throws -> [String: UInt64] {
        try JSONDecoder().decode([String: UInt64].self, from: Data(contentsOf: url))
    }

    static func save(_ costs: [String: UInt64]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try (encoder.encode(costs) + Data("\n".utf8)).write(to: url)
    }
}

@Suite("What syncing costs")
struct CostTests {
    /// The rows that are quick to make, by the workload that they come from.
    private static let quickRows = [
        ["W1"], ["W1-nodict"], ["W3-4", "W4-push-4", "W4-reconnect-4"],
        ["W3-200", "W4-push-200", "W4-reconnect-200"], ["W5"], ["W6"],
    ]
    /// Bootstraps take a minute; a tenth of one is as good for noticing.
    private static let tenths = [Workload.bootstrap, .stableBootstrap]

    private static func costs(of rows: [String]) throws -> [String: UInt64] {
        var costs: [String: UInt64] = [:]
        for row in try CostSheet.measure(where: rows.contains).rows {
            costs[row.id] = row.bytesFramed
            costs["\(row.id) acknowledgement"] = row.acknowledgementBytes
        }
        return costs
    }

    private static func costs(ofATenthOf workload: Workload) throws -> [String: UInt64] {
        let report = try Replay(workload.trace(part: 10)).run()
        let measure = try #require(report.measures.first)
        #expect(report.passed)
        return ["\(workload.rawValue) tenth": measure.bytesFramed]
    }

    private static func compare(_ costs: [String: UInt64]) throws {
        let recorded = try RecordedCosts.load()
        #expect(!costs.isEmpty)
        for (row, bytes) in costs {
            let limit = try #require(recorded[row], "record \(row) with CARAVAN_RECORD=1")
            #expect(bytes <= limit, "\(row) has grown; see caravan-sim costs")
        }
    }

    @Test(
        "no row has grown", .enabled(if: !RecordedCosts.isRecording), arguments: quickRows)
    func quick(rows: [String]) throws { try Self.compare(Self.costs(of: rows)) }

    @Test(
        "no bootstrap has grown", .enabled(if: !RecordedCosts.isRecording), arguments: tenths)
    func bootstrap(workload: Workload) throws {
        try Self.compare(Self.costs(ofATenthOf: workload))
    }

    @Test("costs are recorded", .enabled(if: RecordedCosts.isRecording))
    func record() throws {
        var all: [String: UInt64] = [:]
        for rows in Self.quickRows { all.merge(try Self.costs(of: rows)) { $1 } }
        for workload in Self.tenths { all.merge(try Self.costs(ofATenthOf: workload)) { $1 } }
        try RecordedCosts.save(all)
    }

    @Test("the sheet has its rows, in their order")
    func rows() throws {
        #expect(
            CostSheet.ids == [
                "W1", "W1-nodict", "W2", "W2-stable", "W3-4", "W3-200", "W4-push-4",
                "W4-push-200", "W4-reconnect-4", "W4-reconnect-200", "W5", "W6",
            ])
        let sheet = try CostSheet.measure { $0.hasSuffix("-4") }
        #expect(sheet.rows.map(\.id) == ["W3-4", "W4-push-4", "W4-reconnect-4"])
        #expect(sheet.rows[1].acknowledgementBytes != nil)
        #expect(sheet.rows.map(\.roundTripsCold).map { $0 == nil } == [false, true, false])
        let text = sheet.text().split(separator: "\n")
        #expect(text[0].hasPrefix("VERDICT  ID  "))
        #expect(text[3].hasPrefix("within   W4-reconnect-4  "))
        #expect(text.suffix(2).first == "No row is above its target.")
        #expect(text.last?.hasPrefix("Preambles are in no figure: 88 bytes a connection, ") == true)
        // Both are measured over one connection.
        #expect([sheet.rows[0], sheet.rows[2]].allSatisfy { $0.preambleBytes == 88 })
        #expect(try sheet.json().hasPrefix(#"{"rows":[{"#))
    }

    /// Whether the measured meetings of a trace bring what each device has to all.
    private static func reachesAll(_ trace: ReplayTrace) -> Bool {
        var known = (0..<trace.devices).map { Set([$0]) }
        let measured = trace.lines.drop { $0.operation != .measure("gossip") }
        for line in measured {
            guard case .sync(let a, let b) = line.operation else { continue }
            known[a].formUnion(known[b])
            known[b] = known[a]
        }
        return known.allSatisfy { $0.count == trace.devices }
    }

    @Test("gossip reaches all with any seed, and is what it was with the first")
    func gossip() {
        for seed in UInt64(0)..<60 {
            #expect(Self.reachesAll(Workload.gossip.trace(seed: seed)), "seed \(seed)")
        }
        // The recorded figures are of this one.
        let text = Workload.gossip.trace(seed: 0).text()
        #expect(StableHash.hash64(Array(text.utf8)) == 0x6afa_cb3d_8f27_37d4)
    }

    @Test("one seed gives one trace, and another another", arguments: Workload.allCases)
    func seeds(workload: Workload) {
        let trace = workload.trace(seed: 5, part: 50)
        #expect(workload.trace(seed: 5, part: 50) == trace)
        #expect(workload.trace(seed: 6, part: 50) != trace)
    }
}
