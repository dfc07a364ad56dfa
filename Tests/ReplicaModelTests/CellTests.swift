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

    private static func cell(
        _ kind: MergeKind, _ digits: [UInt64], value: [UInt8] = []
    ) -> Cell {
        Cell(
            key: .field(1, ofRow: 1), kind: kind, dot: .at(UInt32(digits[2]), digits[3]),
            timestamp: digits[1] == 0 ? .zero : .at(digits[1]), causalLength: digits[0],
            value: value)
    }

    @Test func supersedingIsATotalOrderOverAllKinds() {
        let cells = Self.registers + Self.rows + Self.counters + Self.facts
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
        for cells in [Self.registers, Self.rows, Self.counters, Self.facts] {
            try checkMergeLaws(of: cells) { $1.supersedes($0) ? $1 : $0 }
        }
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

    @Test func theLargerCounterCountsAndTheEarlierFact() {
        #expect(
            Cell.counter(300, at: 1, by: .at(1, 1)).supersedes(.counter(5, at: 1, by: .at(1, 2))))
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
