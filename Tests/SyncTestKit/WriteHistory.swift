import CausalTime
package import ReplicaModel

/// Every write that was ever made, and what replicas should therefore hold: a sequential oracle
/// that knows nothing of merging.
///
/// It checks the invariants I1 to I3 of the design: what a vector claims is there, sequences and
/// timestamps of a writer grow, and what is visible in a lane is causally closed.
package struct WriteHistory: Hashable, Sendable {
    /// An invariant that does not hold, in a few words.
    package struct Violation: Error, CustomStringConvertible {
        package let description: String
    }

    package private(set) var writes: [ModelReplica.Write] = []

    package init() {}

    /// Takes in what a replica has written since the last call.
    package mutating func note(_ replica: ModelReplica) throws(Violation) {
        for write in replica.takeJournal() {
            try checkOrder(of: write)
            writes.append(write)
        }
    }

    /// What a replica that has seen exactly `vectors` has to hold.
    ///
    /// Of a row the furthest creation or deletion; of a field the latest edit of that life of the
    /// row; of a counter the last write; of a fact the first.
    package func expectedCells(under vectors: LaneVectors) -> [CellKey: Cell] {
        var expected: [CellKey: Cell] = [:]
        for write in writes where vectors[write.cell.key.lane].contains(write.cell.dot) {
            let cell = write.cell
            guard let held = expected[cell.key] else {
                expected[cell.key] = cell
                continue
            }
            if Self.isFurther(cell, than: held) { expected[cell.key] = cell }
        }
        return expected.filter { key, cell in
            guard !cell.kind.isRow, let row = expected[key.rowKey] else { return true }
            return cell.causalLength == row.causalLength
        }
    }

    /// Checks that a replica holds what it claims, no more and no less.
    package func check(_ replica: ModelReplica) throws(Violation) {
        let expected = expectedCells(under: replica.vectors)
        guard replica.cells != expected else { return try checkClosure(of: replica) }
        let keys = Set(replica.cells.keys).union(expected.keys).sorted()
        let wrong = keys.filter { replica.cells[$0] != expected[$0] }.map { key in
            "\(key): expected \(Self.text(expected[key])), held \(Self.text(replica.cells[key]))"
        }
        throw Violation(
            description: "I1 at \(replica.device.abbreviated) under "
                + Lane.all.map { "\(replica.vectors[$0])" }.joined(separator: " ") + "\n"
                + wrong.joined(separator: "\n"))
    }

    /// Checks that replicas that have seen the same hold the same.
    package func checkConverged(_ replicas: [ModelReplica]) throws(Violation) {
        for replica in replicas {
            try check(replica)
            guard replica.vectors == replicas[0].vectors else {
                throw Violation(description: "I9: vectors differ")
            }
            guard replica.digest == replicas[0].digest else {
                throw Violation(description: "I5: equal vectors, other digests")
            }
        }
    }

    private func checkOrder(of write: ModelReplica.Write) throws(Violation) {
        let cell = write.cell
        for other in writes {
            let lane = other.cell.key.lane
            if other.cell.dot == cell.dot, lane == cell.key.lane {
                throw Violation(description: "I2: a second write named \(cell.dot)")
            }
            let isSeen = write.seen[lane].contains(other.cell.dot)
            if other.cell.dot.writer == cell.dot.writer, !isSeen {
                throw Violation(description: "I2: \(cell.dot) has not seen \(other.cell.dot)")
            }
            if isSeen, cell.kind.isStamped, cell.timestamp <= other.cell.timestamp {
                throw Violation(
                    description: "I3: \(cell.dot) at \(cell.timestamp) follows "
                        + "\(other.cell.dot) at \(other.cell.timestamp)")
            }
        }
        guard cell.dot.sequence == write.seen[cell.key.lane][cell.dot.writer] + 1 else {
            throw Violation(description: "I2: a gap before \(cell.dot)")
        }
    }

    private func checkClosure(of replica: ModelReplica) throws(Violation) {
        for write in writes {
            let seen = replica.vectors[write.cell.key.lane]
            guard seen.contains(write.cell.dot) else { continue }
            guard seen.dominates(write.seen[write.cell.key.lane]) else {
                throw Violation(
                    description: "I3: \(write.cell.dot) is visible without what it followed")
            }
        }
    }

    private static func isFurther(_ cell: Cell, than other: Cell) -> Bool {
        switch cell.kind {
        case .register, .row, .uniqueRow:
            (cell.causalLength, cell.timestamp, cell.dot)
                > (other.causalLength, other.timestamp, other.dot)
        case .counter, .sibling, .unknown: cell.dot.sequence > other.dot.sequence
        case .maximum:
            cell.amount != other.amount ? cell.amount > other.amount : cell.dot < other.dot
        case .fact, .vector: cell.dot < other.dot
        }
    }

    private static func text(_ cell: Cell?) -> String {
        guard let cell else { return "nothing" }
        return "\(cell.kind) \(cell.dot) at \(cell.timestamp) ×\(cell.causalLength) \(cell.value)"
    }
}
