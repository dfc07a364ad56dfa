import CausalTime
import ReplicaModel

extension StoreTransaction {
    /// Moves the frontier to `new`, which includes the present one, and forgets up to there.
    ///
    /// One range of an index per writer that moved. `lane`, if given, is gone through as a whole,
    /// because what was taken in may lie below the present frontier.
    func forget(upTo new: LaneVectors, rescanning lane: Lane? = nil) throws {
        let old = state.frontier
        guard new != old || lane != nil else { return }
        state.frontier = new
        for each in Lane.all {
            let from = each == lane ? VersionVector() : old[each]
            if from != new[each] { try forget(in: each, from: from, to: new[each]) }
        }
        try forgetCuts()
    }

    private func forget(in lane: Lane, from: VersionVector, to: VersionVector) throws {
        let closures = try cells(of: .closures, in: lane).filter { to.contains($0.dot) }
        let settled = closures.compactMap(Closure.init)
        for cell in closures where !from.contains(cell.dot) {
            guard let closure = Closure(cell) else { continue }
            for cell in try cells(of: closure.collection, in: lane)
            where closure.covers(cell.key) && to.contains(cell.dot) {
                try replace(cell, by: nil)
            }
        }
        var places = Set<CellKey>()
        for entry in to.entries(above: from) {
            let passed = try table.cells(
                in: lane, by: number(of: entry.writer), after: from[entry.writer],
                through: entry.sequence, writers: state.writers)
            for cell in passed {
                if cell.isForgettable(upTo: to) || settled.contains(where: { $0.covers(cell.key) })
                {
                    try replace(cell, by: nil)
                } else if cell.kind == .sibling {
                    places.insert(cell.key.owned(by: nil))
                }
            }
        }
        for place in places { try forget(at: place, upTo: to) }
    }

    private func forget(at place: CellKey, upTo frontier: VersionVector) throws {
        let before = try siblings(at: place)
        let after = before.forgetting(upTo: frontier)
        var kept: [CellKey: Cell] = [:]
        for cell in after.cells { kept[cell.key] = cell }
        for cell in before.cells where kept[cell.key] != cell {
            try replace(cell, by: kept[cell.key])
        }
    }

    /// Removes cuts that the frontier has passed, all but the latest of each lane.
    private func forgetCuts() throws {
        let cuts = try cells(of: .cuts, in: .control)
        for lane in Lane.all {
            let ofLane = cuts.filter { $0.key.field == lane.cutField }
                .sorted { ($0.timestamp, $0.dot) < ($1.timestamp, $1.dot) }
            for cut in ofLane.dropLast()
            where state.frontier[lane].dominates(cut.context)
                && state.frontier[.control].contains(cut.dot)
            {
                try replace(cut, by: nil)
            }
        }
    }
}
