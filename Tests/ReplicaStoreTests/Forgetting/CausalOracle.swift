import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit

/// Every write that any store ever made, and what a store that has seen some of them must show.
///
/// It folds the writes themselves, in no order, and knows nothing of contexts, frontiers or
/// segments.
struct CausalOracle {
    /// What went wrong, in a few words.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// A write, and which siblings it took the place of.
    struct Write {
        let cell: Cell
        let observed: Set<Dot>
        /// Whether a user made it, rather than the replica's own housekeeping.
        let isUsers: Bool
    }

    private(set) var writes: [Lane: [Dot: Write]] = [:]

    /// Notes a write; a dot that was used before is a fault.
    mutating func note(_ cell: Cell, observed: Set<Dot>, isUsers: Bool) throws {
        let lane = cell.key.lane
        guard writes[lane]?[cell.dot] == nil else {
            throw Fault(description: "I2: a second write named \(cell.dot)")
        }
        writes[lane, default: [:]][cell.dot] = Write(
            cell: cell, observed: observed, isUsers: isUsers)
    }

    /// What is visible of a lane under a vector: the content of live rows, and siblings.
    func visible(in lane: Lane, under vector: VersionVector) -> [CellKey: Set<Cell>] {
        var latest: [CellKey: Cell] = [:]
        var siblings: [CellKey: Set<Cell>] = [:]
        var observed = Set<Dot>()
        for (dot, write) in writes[lane] ?? [:] where vector.contains(dot) {
            let cell = write.cell
            observed.formUnion(write.observed)
            if cell.kind == .sibling {
                if !cell.value.isEmpty {
                    siblings[cell.key.owned(by: nil), default: []].insert(Self.bare(cell))
                }
            } else if let held = latest[cell.key], !Self.isFurther(cell, than: held) {
                continue
            } else {
                latest[cell.key] = cell
            }
        }
        var visible: [CellKey: Set<Cell>] = [:]
        for (key, cell) in latest {
            let row = latest[key.rowKey]
            let isLive = row.map { !$0.causalLength.isMultiple(of: 2) } ?? true
            if isLive, row.map({ $0.causalLength == cell.causalLength }) ?? true,
                cell.kind != .vector
            {
                visible[key] = [cell]
            }
        }
        for (place, cells) in siblings {
            let left = cells.filter { !observed.contains($0.dot) }
            if !left.isEmpty { visible[place] = left }
        }
        return visible
    }

    /// Checks that a store shows exactly what it has seen (I1, I3, I5 of the design).
    func check(_ store: ReplicaStore, named name: Int) throws {
        let violations = try store.read { try $0.violations() }
        guard violations.isEmpty else {
            throw Fault(description: "at \(name): \(violations.joined(separator: "; "))")
        }
        let (cells, vectors) = try store.read { (try $0.allCells(), $0.vectors) }
        for lane in Lane.all {
            let expected = visible(in: lane, under: vectors[lane])
            let held = Self.visible(cells.filter { $0.key.lane == lane })
            guard held != expected else { continue }
            let wrong = Set(held.keys).union(expected.keys).sorted().filter {
                held[$0] != expected[$0]
            }
            throw Fault(
                description: "I1 at \(name) in \(lane) under \(vectors[lane]): "
                    + wrong.prefix(3).map {
                        "\($0.collection.rawValue) \($0.row) \($0.item): expected "
                            + Self.text(expected[$0]) + ", held " + Self.text(held[$0])
                    }.joined(separator: "; "))
        }
    }

    /// The siblings at a place that a store with a vector shows, for the next write there.
    func siblings(at place: CellKey, under vector: VersionVector) -> Set<Dot> {
        Set((visible(in: place.lane, under: vector)[place] ?? []).map(\.dot))
    }

    private static func visible(_ cells: [Cell]) -> [CellKey: Set<Cell>] {
        var visible: [CellKey: Set<Cell>] = [:]
        for (place, group) in Dictionary(grouping: cells, by: { $0.key.owned(by: nil) }) {
            let shown = Siblings(group).visible.map(bare)
            if !shown.isEmpty { visible[place] = Set(shown) }
        }
        for cell in cells where cell.kind != .sibling && cell.kind != .vector {
            if !cell.kind.isRow || !cell.causalLength.isMultiple(of: 2) {
                visible[cell.key] = [cell]
            }
        }
        return visible
    }

    /// A sibling without its context, which only keeps order.
    private static func bare(_ cell: Cell) -> Cell { cell.with(context: VersionVector()) }

    private static func isFurther(_ cell: Cell, than other: Cell) -> Bool {
        switch cell.kind {
        case .counter: cell.amount > other.amount
        case .fact, .vector: cell.dot < other.dot
        default:
            (cell.causalLength, cell.timestamp, cell.dot)
                > (other.causalLength, other.timestamp, other.dot)
        }
    }

    private static func text(_ cells: Set<Cell>?) -> String {
        guard let cells else { return "nothing" }
        return cells.map { "\($0.kind) \($0.dot) ×\($0.causalLength)" }.sorted().description
    }
}
