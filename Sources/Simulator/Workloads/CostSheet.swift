/// What syncing costs, in bytes as framed for TCP, for each kind of exchange that people pay for.
package struct CostSheet: Codable, Equatable, Sendable {
    /// The rows, in the order of their identifiers in the documentation.
    package var rows: [Row]

    /// One kind of exchange.
    package struct Row: Codable, Equatable, Sendable {
        /// Its identifier, the same for good.
        package let id: String
        /// What happens, in a few words.
        package let label: String
        /// Frames of both directions, without preambles; of a push without what acknowledges it.
        package let bytesFramed: UInt64
        /// Of a push, the frames that only acknowledge it.
        package var acknowledgementBytes: UInt64?
        /// What names protocol, fleet and device.
        package let preambleBytes: UInt64
        /// What the information takes that has to cross, whatever the protocol.
        package let floor: UInt64
        /// What the exchange may cost.
        package let target: UInt64
        /// From the moment when the connection is open, or when a change is made on an open one,
        /// until the last side has it.
        package let roundTrips: Double
        /// The same where the connection has to be opened, a round trip of TCP; nothing for what
        /// happens on an open one only.
        package var roundTripsCold: Double?

        /// Whether it costs no more than it may.
        package var meetsTarget: Bool {
            bytesFramed <= target && (acknowledgementBytes ?? 0) <= CostSheet.acknowledgementTarget
        }
    }

    /// What the preambles of one connection take, those of both directions together.
    package static let preambleBytes: UInt64 = 88

    /// What acknowledging a push may cost.
    package static let acknowledgementTarget: UInt64 = 8
}

/// A row of the sheet before it has been measured.
struct CostEntry {
    let id: String
    let label: String
    let workload: Workload
    /// The label in the workload's trace.
    let measure: String
    let floor: UInt64
    let target: UInt64
    var usesDictionary = true
    var isPush = false

    /// All rows.
    ///
    /// Floors are estimates: the entropy of the values that have to cross, or the least that a
    /// comparison of hashes needs. A thousand bytes are a KB.
    static let all =
        [
            CostEntry(
                id: "W1", label: "40,000 increments and 80 edits on 4 devices, healed",
                workload: .usageStorm, measure: "heal", floor: 826, target: 2000),
            CostEntry(
                id: "W1-nodict", label: "the same without the dictionary", workload: .usageStorm,
                measure: "heal", floor: 826, target: 2700, usesDictionary: false),
            CostEntry(
                id: "W2", label: "a new device joins 1,000 profiles and 200 devices",
                workload: .bootstrap, measure: "bootstrap", floor: 18_700, target: 52_000),
            CostEntry(
                id: "W2-stable", label: "the same once all is acknowledged",
                workload: .stableBootstrap, measure: "bootstrap", floor: 18_700, target: 28_000),
        ]
        + [4, 200].map { count in
            CostEntry(
                id: "W3-\(count)", label: "nothing has changed, \(count) writers",
                workload: .idle(of: count), measure: "idle", floor: 9, target: 24)
        }
        + [4, 200].map { count in
            CostEntry(
                id: "W4-push-\(count)", label: "one change on an open link, \(count) writers",
                workload: .idle(of: count), measure: "one-change-push", floor: 11, target: 30,
                isPush: true)
        }
        + [4, 200].map { count in
            CostEntry(
                id: "W4-reconnect-\(count)",
                label: "one change at the next meeting, "
                    + "\(count) writers",
                workload: .idle(of: count), measure: "one-change-reconnect", floor: 29, target: 64)
        }
        + [
            CostEntry(
                id: "W5", label: "4 devices edit 1,000 profiles at once, healed",
                workload: .concurrentEdits, measure: "heal", floor: 12_000, target: 32_000),
            CostEntry(
                id: "W6", label: "100 devices gossip for 6 rounds", workload: .gossip,
                measure: "gossip", floor: 49_000, target: 400_000),
        ]
}

extension Workload {
    fileprivate static func idle(of writers: Int) -> Workload {
        writers == 4 ? .idleOfFour : .idleOfMany
    }
}

extension CostSheet {
    /// The identifiers of all rows.
    package static var ids: [String] { CostEntry.all.map(\.id) }
}
