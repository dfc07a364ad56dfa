import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit

/// What users of a world do: every merge kind, in rows that are created and deleted and in rows
/// that are always there.
extension CausalWorld {
    /// Something that may be written in a place.
    private enum Content: CaseIterable {
        case register, counter, value, element, stage, fact, unknown
    }

    mutating func userWrite(_ index: Int) throws {
        var choice = random.next() % 100
        if faults.isHot, choice < 80 { choice = random.pick([4, 18, 22, 25, 30, 40, 45, 58]) }
        switch choice {
        case 0..<8 where rows.count < (faults.isHot ? 1 : 4): try createRow(index)
        case 8..<28: try toggleRow(index)
        case 28..<56: try writeInRow(index)
        case 56..<64: try count(index, in: Keys.sum)
        case 64..<70: try count(index, in: Keys.period(UInt8(random.next() % 3)))
        case 70..<72: try settle(index, period: UInt8(random.next() % 3))
        default: try writeAnywhere(index)
        }
    }

    // MARK: Rows

    private mutating func createRow(_ index: Int) throws {
        var created: [UInt8] = []
        let number = Int64(random.next() % 1000)
        try write(index) { transaction in
            let writer = try transaction.writer()
            let dot = Dot(writer: writer, sequence: transaction.vectors[.settings][writer] + 1)
            created = RowID(creation: dot).bytes
            try transaction.put(
                CellDraft(key: Keys.unique(created, .row), kind: .uniqueRow, causalLength: 1))
            try transaction.put(
                CellDraft(
                    key: Keys.unique(created, Keys.register), kind: .register, causalLength: 1,
                    value: CellValue.integer(number).encoded))
        }
        rows.append(created)
    }

    /// Deletes a row, or brings one back: one that is held, or a natural one that never was.
    private mutating func toggleRow(_ index: Int) throws {
        var held = try self.held(index).filter { $0.causalLength < Cell.causalLengthMax }
        for row: [UInt8] in [[1], [2]]
        where !faults.isHot && !held.contains(where: { $0.key.row == row }) {
            held.append(Cell(key: Keys.natural(row, .row), kind: .row, dot: .at(1, 1)))
        }
        guard !held.isEmpty else { return }
        let row = random.pick(held)
        try write(index) {
            try $0.put(
                CellDraft(key: row.key, kind: row.kind, causalLength: row.causalLength + 1))
        }
    }

    private mutating func writeInRow(_ index: Int) throws {
        let live = try held(index).filter { !$0.causalLength.isMultiple(of: 2) }
        guard !live.isEmpty else { return }
        let row = random.pick(live)
        let content = faults.isHot && random.chance(60) ? .register : random.pick(Content.allCases)
        try put(content, index, row.key, causalLength: row.causalLength)
    }

    private mutating func writeAnywhere(_ index: Int) throws {
        let contents: [Content] = [.value, .value, .element, .element, .stage, .fact, .unknown]
        try put(random.pick(contents), index, Keys.standing(.row), causalLength: 0)
    }

    private func held(_ index: Int) throws -> [Cell] {
        try stores[index].read { snapshot in
            try snapshot.cells(of: Keys.uniqueRows, in: .settings)
                + snapshot.cells(of: Keys.naturalRows, in: .settings)
        }.filter(\.kind.isRow)
    }

    // MARK: Fields

    private mutating func put(
        _ content: Content, _ index: Int, _ row: CellKey, causalLength: UInt64
    ) throws {
        let number = random.next() % 1000
        let item = UInt8(random.next() % 2)
        let value = CellValue.integer(Int64(number)).encoded
        let (kind, field, bytes): (MergeKind, FieldID, [UInt8])
        switch content {
        case .counter: return try count(index, in: Keys.field(Keys.counter, of: row), causalLength)
        case .register: (kind, field, bytes) = (.register, Keys.register, value)
        case .value: (kind, field, bytes) = (.sibling, Keys.value, value)
        // Removing what is not there is a write as well, which takes the place of nothing.
        case .element:
            (kind, field, bytes) = (.sibling, Keys.element, random.chance(50) ? value : [])
        case .stage:
            (kind, field) = (.maximum, Keys.stage)
            bytes = Cell.encoded(amount: number) + value
        case .fact: (kind, field, bytes) = (.fact, Keys.fact, value)
        case .unknown: (kind, field, bytes) = (.unknown(65), Keys.unknown, value)
        }
        let key = Keys.field(field, of: row, item: content == .element ? [item] : [])
        let held = try stores[index].read { try $0.cell(at: key) }
        // What is no further than what is held would be refused.
        if kind == .fact, held != nil { return }
        if kind == .maximum, let held, held.amount >= number { return }
        try write(index) {
            try $0.put(
                CellDraft(key: key, kind: kind, causalLength: causalLength, value: bytes))
        }
    }

    private mutating func count(
        _ index: Int, in key: CellKey, _ causalLength: UInt64 = 0
    ) throws {
        let added = 1 + random.next() % 9
        let isSettled = try stores[index].read { snapshot in
            try snapshot.cells(of: .closures, in: key.lane).contains {
                Closure($0)?.covers(key) ?? false
            }
        }
        // Nobody goes on counting where it knows that the books are closed.
        guard !isSettled else { return }
        try write(index, added: added) { transaction in
            let held = try transaction.cell(at: key.owned(by: transaction.writer()))?.amount ?? 0
            try transaction.put(
                CellDraft(
                    key: key, kind: .counter, causalLength: causalLength,
                    value: Cell.encoded(amount: held + added)))
        }
    }

    private mutating func settle(_ index: Int, period: UInt8) throws {
        try write(index) {
            try $0.close(rowsOf: Keys.periods, in: .usage, beginningWith: [period])
        }
    }
}

/// Where the things of a world are.
private enum Keys {
    static let uniqueRows = CollectionID(rawValue: 100)
    static let naturalRows = CollectionID(rawValue: 101)
    static let always = CollectionID(rawValue: 102)
    static let periods = CollectionID(rawValue: 103)

    static let register = FieldID(rawValue: 1)
    static let counter = FieldID(rawValue: 2)
    static let value = FieldID(rawValue: 3)
    static let element = FieldID(rawValue: 4)
    static let stage = FieldID(rawValue: 5)
    static let fact = FieldID(rawValue: 6)
    static let unknown = FieldID(rawValue: 7)

    static let sum = standing(counter)

    static func unique(_ row: [UInt8], _ field: FieldID) -> CellKey {
        CellKey(lane: .settings, collection: uniqueRows, row: row, field: field)
    }

    static func natural(_ row: [UInt8], _ field: FieldID) -> CellKey {
        CellKey(lane: .settings, collection: naturalRows, row: row, field: field)
    }

    static func standing(_ field: FieldID) -> CellKey {
        CellKey(lane: .settings, collection: always, row: [], field: field)
    }

    static func period(_ number: UInt8) -> CellKey {
        CellKey(lane: .usage, collection: periods, row: [number], field: counter)
    }

    static func field(_ field: FieldID, of row: CellKey, item: [UInt8] = []) -> CellKey {
        CellKey(
            lane: row.lane, collection: row.collection, row: row.row, field: field, item: item)
    }
}
