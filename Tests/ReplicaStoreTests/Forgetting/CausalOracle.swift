import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit

/// Every write that any store ever made, and what a store that has seen some of them must show.
///
/// It folds the writes themselves, in no order, and knows nothing of contexts, frontiers or
/// segments. Only of what was declared settled does it know what the frontier frees.
struct CausalOracle {
    /// What went wrong, in a few words.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// A write, and what its author knew.
    struct Write {
        let cell: Cell
        /// What the author's store had seen of each lane before it.
        let seen: LaneVectors
        /// The siblings that it took the place of.
        let observed: Set<Dot>
        /// By how much it was meant to raise a counter, whatever its cell says.
        let added: UInt64
        /// Whether a user made it, rather than the replica's own housekeeping.
        let isUsers: Bool
    }

    private(set) var writes: [Lane: [Dot: Write]] = [:]
    /// The same by lane and place, which is the key without its owner.
    private(set) var places: [Lane: [CellKey: [Write]]] = [:]
    private let known = Known()

    // MARK: Taking in

    /// Notes a write that a store has made having seen `seen` (I2, I3).
    mutating func note(_ cell: Cell, seen: LaneVectors, added: UInt64, isUsers: Bool) throws {
        let lane = cell.key.lane
        guard writes[lane]?[cell.dot] == nil else {
            throw Fault(description: "I2: a second write named \(cell.dot)")
        }
        guard cell.dot.sequence == seen[lane][cell.dot.writer] + 1 else {
            throw Fault(description: "I2: a gap before \(cell.dot)")
        }
        try checkTime(of: cell, seen: seen)
        let place = cell.key.owned(by: nil)
        if cell.kind == .vector, let other = places[lane]?[place]?.first {
            throw Fault(description: "one name for the cuts \(other.cell.dot) and \(cell.dot)")
        }
        let observed = cell.kind == .sibling ? siblings(at: place, under: seen[lane]) : []
        let write = Write(
            cell: cell, seen: seen, observed: observed, added: added, isUsers: isUsers)
        writes[lane, default: [:]][cell.dot] = write
        places[lane, default: [:]][place, default: []].append(write)
    }

    private func checkTime(of cell: Cell, seen: LaneVectors) throws {
        guard cell.kind.isStamped else { return }
        for (lane, writes) in writes {
            let vector = seen[lane]
            for (dot, write) in writes where write.cell.timestamp >= cell.timestamp {
                guard !vector.contains(dot) else {
                    throw Fault(
                        description: "I3: \(cell.dot) at \(cell.timestamp) follows \(dot) at "
                            + "\(write.cell.timestamp)")
                }
            }
        }
    }

    // MARK: Folding

    /// What is visible of a lane under a vector: the content of live rows, and siblings; settled
    /// rows are gone up to `frontier`.
    func visible(
        in lane: Lane, under vector: VersionVector, frontier: VersionVector
    ) throws -> [CellKey: Cell] {
        let settled = settledRows(in: lane, under: frontier)
        let key = Known.Key(
            lane: lane, vector: vector, frontier: settled.isEmpty ? VersionVector() : frontier)
        if let visible = known.visible[key] { return visible }
        let all = places[lane] ?? [:]
        var visible: [CellKey: Cell] = [:]
        for (place, writes) in all {
            let seen = writes.filter { vector.contains($0.cell.dot) }
            let row = Self.latest(
                of: (all[place.rowKey] ?? []).filter { vector.contains($0.cell.dot) }, at: nil)
            if let row, row.causalLength.isMultiple(of: 2) { continue }
            for cell in Self.cells(of: seen) {
                if let row, !cell.kind.isRow, cell.causalLength != row.causalLength { continue }
                if settled.contains(where: { $0.covers(cell.key) }), frontier.contains(cell.dot) {
                    continue
                }
                guard visible.updateValue(cell, forKey: cell.key) == nil else {
                    throw Fault(description: "two values of \(cell.dot.writer) at one place")
                }
            }
        }
        known.visible[key] = visible
        return visible
    }

    /// The siblings at a place that a store with a vector shows, whatever its row does.
    func siblings(at place: CellKey, under vector: VersionVector) -> Set<Dot> {
        let seen = (places[place.lane]?[place] ?? []).filter { vector.contains($0.cell.dot) }
        return Set(Self.cells(of: seen).map(\.dot))
    }

    /// What a counter has to say: the sum of what was added in one life of its row.
    func total(at place: CellKey, causalLength: UInt64, under vector: VersionVector) -> UInt64 {
        (places[place.lane]?[place] ?? []).reduce(0) { sum, write in
            vector.contains(write.cell.dot) && write.cell.causalLength == causalLength
                ? sum + write.added : sum
        }
    }

    private func settledRows(in lane: Lane, under frontier: VersionVector) -> [Closure] {
        (places[lane] ?? [:]).filter { $0.key.collection == .closures }.values.compactMap {
            $0.contains { frontier.contains($0.cell.dot) } ? Closure($0[0].cell) : nil
        }
    }

    /// What writes at one place leave: siblings that nobody replaced, otherwise the furthest write
    /// of each key.
    private static func cells(of writes: [Write]) -> [Cell] {
        guard writes.first?.cell.kind == .sibling else {
            return Set(writes.map(\.cell.key)).compactMap { latest(of: writes, at: $0) }
                .filter { $0.kind != .vector }
        }
        let observed = writes.reduce(into: Set<Dot>()) { $0.formUnion($1.observed) }
        return writes.map(\.cell).filter { !observed.contains($0.dot) && !$0.value.isEmpty }
            .map(bare)
    }

    /// The furthest write, of one key if it is given.
    private static func latest(of writes: [Write], at key: CellKey?) -> Cell? {
        writes.lazy.map(\.cell).filter { key == nil || $0.key == key }.reduce(nil) { held, cell in
            held.map { isFurther(cell, than: $0) ? cell : $0 } ?? cell
        }
    }

    /// A sibling without its context, which only keeps order.
    static func bare(_ cell: Cell) -> Cell {
        cell.kind == .sibling ? cell.with(context: VersionVector()) : cell
    }

    private static func isFurther(_ cell: Cell, than other: Cell) -> Bool {
        guard cell.causalLength == other.causalLength else {
            return cell.causalLength > other.causalLength
        }
        return switch cell.kind {
        case .fact, .vector: cell.dot < other.dot
        case .maximum:
            cell.amount != other.amount ? cell.amount > other.amount : cell.dot < other.dot
        case .counter, .unknown: cell.dot.sequence > other.dot.sequence
        default: (cell.timestamp, cell.dot) > (other.timestamp, other.dot)
        }
    }
}

/// What was folded before: stores are looked at more often than they change.
private final class Known {
    struct Key: Hashable {
        let lane: Lane
        let vector: VersionVector
        let frontier: VersionVector
    }

    var visible: [Key: [CellKey: Cell]] = [:]
}
