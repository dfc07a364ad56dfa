import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit

extension CausalOracle {
    /// Checks that a store shows exactly what it has seen, and has seen all that it depends on.
    func check(_ store: ReplicaStore, named name: Int) throws {
        let (violations, cells, summary) = try store.read {
            (try $0.violations(), try $0.allCells(), $0.summary)
        }
        guard violations.isEmpty else {
            throw Fault(description: "at \(name): \(violations.joined(separator: "; "))")
        }
        guard summary.vectors.dominates(summary.frontier) else {
            throw Fault(description: "I8 at \(name): a frontier beyond what was seen")
        }
        for lane in Lane.all {
            let held = cells.filter { $0.key.lane == lane }
            let vector = summary.vectors[lane]
            try checkClosure(of: vector, in: lane, named: name)
            try checkTotals(of: held, under: vector, named: name)
            let expected = try visible(
                in: lane, under: vector, frontier: summary.frontier[lane])
            let shown = Self.visible(held)
            guard shown != expected else { continue }
            let wrong = Set(shown.keys).union(expected.keys).sorted().filter {
                shown[$0] != expected[$0]
            }
            throw Fault(
                description: "I1 at \(name) in \(lane) under \(vector): "
                    + wrong.prefix(3).map {
                        "\($0.collection.rawValue) \($0.row) \($0.field.rawValue) \($0.item): "
                            + "expected \(Self.text(expected[$0])), held \(Self.text(shown[$0]))"
                    }.joined(separator: "; "))
        }
    }

    /// Checks that stores that have seen the same say the same, and that those that have forgotten
    /// the same as well hold the same (I5).
    func checkLevel(_ stores: [ReplicaStore]) throws {
        let summaries = try stores.map { try $0.summary() }
        // What was declared settled counts until it is forgotten, so there the frontier shows.
        let closed = Lane.all.filter { lane in
            places[lane]?.keys.contains { $0.collection == .closures } ?? false
        }
        for one in stores.indices {
            for other in stores.indices.dropFirst(one + 1)
            where summaries[one].vectors == summaries[other].vectors {
                let frontiers = (summaries[one].frontier, summaries[other].frontier)
                guard closed.allSatisfy({ frontiers.0[$0] == frontiers.1[$0] }) else { continue }
                guard summaries[one].digest == summaries[other].digest else {
                    throw Fault(description: "I5: \(one) and \(other) are level, digests differ")
                }
                if frontiers.0 == frontiers.1 { try checkCells(of: stores[one], stores[other]) }
            }
        }
    }

    /// A sibling that another has taken the place of does not count, and may go earlier here than
    /// there.
    private func checkCells(of one: ReplicaStore, _ other: ReplicaStore) throws {
        let held = try [one, other].map { store in
            Set(try store.read { try $0.allCells() }.filter { $0.kind != .sibling })
        }
        guard held[0] == held[1] else {
            throw Fault(
                description: "I5: equal vectors and frontiers, other cells: "
                    + held[0].symmetricDifference(held[1]).map { Self.text($0) }.sorted()
                    .joined(separator: ", "))
        }
    }

    /// What is visible is causally closed within a lane (I3).
    private func checkClosure(of vector: VersionVector, in lane: Lane, named name: Int) throws {
        for (dot, write) in writes[lane] ?? [:] where vector.contains(dot) {
            guard vector.dominates(write.seen[lane]) else {
                throw Fault(description: "I3 at \(name): \(dot) without what it followed")
            }
        }
    }

    /// Counters add up to what was added, whichever cells hold it.
    private func checkTotals(
        of cells: [Cell], under vector: VersionVector, named name: Int
    ) throws {
        let counters = cells.filter { $0.kind == .counter }
        for (place, group) in Dictionary(grouping: counters, by: { $0.key.owned(by: nil) }) {
            // Of a settled row a part may be gone already.
            guard place.lane != .usage else { continue }
            let held = group.reduce(0) { $0 + $1.amount }
            let expected = total(
                at: place, causalLength: group[0].causalLength, under: vector)
            guard held == expected else {
                throw Fault(
                    description: "I1 at \(name): a counter says \(held), added were \(expected)")
            }
        }
    }

    private static func visible(_ cells: [Cell]) -> [CellKey: Cell] {
        var visible: [CellKey: Cell] = [:]
        let siblings = cells.filter { $0.kind == .sibling }
        for group in Dictionary(grouping: siblings, by: { $0.key.owned(by: nil) }).values {
            for cell in Siblings(group).visible { visible[cell.key] = bare(cell) }
        }
        for cell in cells where cell.kind != .sibling && cell.kind != .vector {
            if !cell.kind.isRow || !cell.causalLength.isMultiple(of: 2) {
                visible[cell.key] = cell
            }
        }
        return visible
    }

    private static func text(_ cell: Cell?) -> String {
        guard let cell else { return "nothing" }
        return "\(cell.kind) \(cell.dot) ×\(cell.causalLength) \(cell.value)"
    }
}
