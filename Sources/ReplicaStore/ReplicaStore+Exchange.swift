public import CausalTime
internal import GRDB
import PlantedBugs
public import ReplicaModel
public import SyncEngine

extension ReplicaStore: ReplicaPort {
    /// How far the replica is, as of its last durable transaction.
    public func summary() throws -> ReplicaSummary {
        durableState.summary
    }

    /// What a peer with the vector `base` lacks in `lane`, from one snapshot; all of the lane if
    /// the peer has not seen what was forgotten here.
    ///
    /// One range of an index per writer that is ahead of the base or, if the peer lacks a large
    /// part of the lane, the lane in the order in which it is stored.
    public func segment(of lane: Lane, since base: VersionVector) throws -> Segment {
        try read { snapshot in
            let state = snapshot.state
            let table = snapshot.table
            let claim = state.vectors[lane]
            guard base.dominates(state.frontier[lane]) else {
                return Segment(
                    lane: lane, base: VersionVector(), claim: claim, clock: state.clock.latest,
                    frontier: state.frontier[lane],
                    cells: try table.allCells(in: lane, writers: state.writers))
            }
            return Segment(
                lane: lane, base: base, claim: claim, clock: state.clock.latest,
                cells: try Self.cells(in: lane, from: base, to: claim, snapshot)
                    .dropLast(PlantedBug.segmentLeavesOut.isPlanted ? 1 : 0))
        }
    }

    /// The cells at dots above `base`, ascending by key.
    private static func cells(
        in lane: Lane, from base: VersionVector, to claim: VersionVector, _ snapshot: StoreSnapshot
    ) throws -> [Cell] {
        let (table, writers) = (snapshot.table, snapshot.state.writers)
        var ranges: [(writer: Int64, after: UInt64, through: UInt64)] = []
        for entry in claim.entries(above: base) {
            guard let number = writers.numbers[entry.writer] else { continue }
            let skipped: UInt64 = PlantedBug.segmentStartsLate.isPlanted ? 1 : 0
            ranges.append((number, base[entry.writer] + skipped, entry.sequence))
        }
        // Few are sorted sooner than a lane is gone through; of many it is the other way round.
        let writes = ranges.reduce(UInt64(0)) { $0 &+ ($1.through - $1.after) }
        if writes > 1000 {
            let lacking = try ranges.reduce(0) {
                try $0 + table.count(in: lane, by: $1.writer, after: $1.after, through: $1.through)
            }
            if try lacking >= table.count(in: lane) / 8 {
                return try table.cells(in: lane, above: base, writers: writers)
            }
        }
        var cells: [Cell] = []
        for range in ranges {
            cells += try table.cells(
                in: lane, by: range.writer, after: range.after, through: range.through,
                writers: writers)
        }
        return cells.sorted { $0.key < $1.key }
    }

    /// Applies a whole segment in one transaction; durable on return.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/baseNotSeen`` if the segment does not fit,
    ///   ``StoreError/Code/ruleBroken`` if two of its cells or one of ours share a dot.
    public func apply(_ segment: Segment) throws -> ReplicaSummary {
        try apply(segment, adding: DotSet())
    }

    /// Applies a segment of which a part was not sent because it had been staged.
    ///
    /// - Throws: As ``apply(_:)``; ``StoreError/Code/baseNotSeen`` also if the part is not there
    ///   any more.
    public func apply(_ segment: Segment, adding staged: DotSet) throws -> ReplicaSummary {
        // Taking in what others wrote is no event of this device's clock; what upkeep writes along
        // with it is stamped as late as anything seen.
        try transact(at: max(durableState.clock.latest, segment.clock).wallTime) { transaction in
            let whole = try staged.isEmpty ? segment : transaction.completed(segment, with: staged)
            try transaction.take(whole)
            if try memory.holdsStaged(in: transaction) { try transaction.tidyStaged(segment.lane) }
            try memory.saveIfDue(in: transaction)
        }
        return durableState.summary
    }
}
