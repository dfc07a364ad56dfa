import CausalTime
import ReplicaModel
import SyncTestKit
import Testing

@Suite struct CellTests {
    /// Cells of one key and every kind, with all small differences.
    private static let registers = sequences(of: [1, 2] as [UInt64], count: 4).map { digits in
        cell(.register, digits, value: CellValue.integer(Int64(digits[3])).encoded)
    }
    private static let rows = sequences(of: [1, 2] as [UInt64], count: 4).map { cell(.row, $0) }
    private static let counters = sequences(of: [1, 2] as [UInt64], count: 3).map { digits in
        cell(.counter, [0, 0, digits[0], digits[1]], value: Cell.encoded(amount: digits[2]))
    }
    private static let facts = sequences(of: [1, 2] as [UInt64], count: 2).map { digits in
        cell(.fact, [0, 0, digits[0], digits[1]], value: CellValue.bool(true).encoded)
    }
    private static let uniqueRows = sequences(of: [1, 2] as [UInt64], count: 4).map {
        cell(.uniqueRow, $0)
    }
    private static let maxima = sequences(of: [1, 2] as [UInt64], count: 4).map { digits in
        cell(
            .maximum, [digits[0], 0, digits[1], digits[2]], value: Cell.encoded(amount: digits[3]))
    }
    private static let vectors = sequences(of: [1, 2] as [UInt64], count: 3).map {
        cell(.vector, [$0[0], 1, $0[1], $0[2]])
    }
    /// Of one writer, as every sibling and every cell of an unknown kind of one key is.
    ///
    /// One write may be remembered with different parts of what its author had seen.
    private static let siblings = sequences(of: [1, 2] as [UInt64], count: 4).map { digits in
        cell(.sibling, [digits[0], digits[1], 1, digits[1]]).with(
            context: .of((2, digits[2]), (3, digits[3])))
    }
    private static let unknowns = sequences(of: [1, 2] as [UInt64], count: 2).map {
        cell(.unknown(65), [$0[0], $0[1], 1, $0[1]])
    }

    private static func cell(
        _ kind: MergeKind, _ digits: [UInt64], value: [UInt8] = []
    ) -> Cell {
        Cell(
            key: .field(1, ofRow: 1), kind: kind, dot: .at(UInt32(digits[2]), digits[3]),
            timestamp: digits[1] == 0 ? .zero : .at(digits[1]), causalLength: digits[0],
            value: value)
    }

    private static func merged(_ current: Cell, _ incoming: Cell) -> Cell {
        guard case .accept(let cell) = MergeDecision.about(incoming, current: current, row: nil)
        else { return current }
        return cell
    }

    @Test func supersedingIsATotalOrderOverAllKinds() {
        let cells =
            Self.registers + Self.rows + Self.counters + Self.facts + Self.uniqueRows
            + Self.maxima + Self.vectors + Self.unknowns
        for a in cells {
            for b in cells {
                #expect(a.supersedes(b) || b.supersedes(a) || a == b)
                #expect(!(a.supersedes(b) && b.supersedes(a)))
                guard a.supersedes(b) else { continue }
                for c in cells where b.supersedes(c) && !a.supersedes(c) {
                    Issue.record("not transitive: \(a) \(b) \(c)")
                }
            }
        }
    }

    @Test func keepingWhatSupersedesObeysTheLaws() throws {
        for cells in [
            Self.registers, Self.rows, Self.counters, Self.facts, Self.uniqueRows, Self.maxima,
            Self.vectors, Self.siblings, Self.unknowns,
        ] {
            try checkMergeLaws(of: cells, merging: Self.merged)
        }
        // Also where kinds meet that no honest peer brings together at one key.
        try checkMergeLaws(
            of: [Self.registers, Self.counters, Self.facts, Self.maxima, Self.vectors].flatMap {
                $0.prefix(4)
            }, merging: Self.merged)
    }

    @Test func aRegisterIsDecidedByLifeThenTimeThenDot() {
        let early = Cell.register(
            .bool(true), ofRow: 1, causalLength: 1, at: .at(9), by: .at(9, 9))
        let nextLife = Cell.register(
            .bool(true), ofRow: 1, causalLength: 3, at: .at(1), by: .at(1, 1))
        let later = Cell.register(
            .bool(true), ofRow: 1, causalLength: 3, at: .at(2), by: .at(1, 2))
        let otherWriter = Cell.register(
            .bool(true), ofRow: 1, causalLength: 3, at: .at(2), by: .at(2, 1))
        #expect(nextLife.supersedes(early))
        #expect(later.supersedes(nextLife))
        #expect(otherWriter.supersedes(later))
    }

    @Test func theLaterCounterCountsAndTheEarlierFact() {
        #expect(
            Cell.counter(300, at: 1, by: .at(1, 2)).supersedes(.counter(5, at: 1, by: .at(1, 1))))
        // A writer that had forgotten what was settled began anew.
        #expect(
            Cell.counter(5, at: 1, by: .at(1, 2)).supersedes(.counter(300, at: 1, by: .at(1, 1))))
        #expect(
            Cell.fact(.bool(true), at: 1, by: .at(1, 1))
                .supersedes(.fact(.bool(false), at: 1, by: .at(1, 2))))
    }

    @Test(arguments: [[], [0x80], [0x80, 0]] as [[UInt8]])
    func aCounterWithBytesThatAreNoVarintIsAt0(bytes: [UInt8]) {
        let cell = Cell(key: .entry(1), kind: .counter, dot: .at(1, 1), value: bytes)
        #expect(cell.amount == 0)
    }

    @Test func onlyRegistersAndRowsAreStamped() {
        #expect(
            MergeKind.known.filter(\.isStamped)
                == [.register, .row, .sibling, .vector, .uniqueRow])
    }

    @Test func keysAreOrderedByLaneCollectionRowFieldAndOwner() {
        func key(
            _ lane: Lane, _ collection: UInt32, _ row: [UInt8], _ field: UInt32,
            _ owner: UInt32? = nil
        ) -> CellKey {
            CellKey(
                lane: lane, collection: CollectionID(rawValue: collection), row: row,
                field: FieldID(rawValue: field), owner: owner.map { .numbered($0) })
        }
        let ascending = [
            key(.control, 2, [9], 9, 9), key(.settings, 1, [9], 9), key(.settings, 2, [], 0),
            key(.settings, 2, [1], 0), key(.settings, 2, [1], 1), key(.settings, 2, [1], 1, 1),
            key(.settings, 2, [1], 1, 2), key(.settings, 2, [1], 2), key(.settings, 2, [1, 0], 0),
            key(.settings, 2, [2], 0), key(.usage, 1, [], 0),
        ]
        for (index, left) in ascending.enumerated() {
            for (otherIndex, right) in ascending.enumerated() {
                #expect((left < right) == (index < otherIndex), "\(left) \(right)")
            }
        }
        #expect(key(.usage, 3, [4], 5, 6).rowKey == key(.usage, 3, [4], 0))
    }
}
