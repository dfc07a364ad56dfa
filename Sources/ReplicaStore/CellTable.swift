import CausalTime
internal import GRDB
import ReplicaModel

/// The `cell` table: rows in, cells out; with the statements of one transaction, prepared once.
final class CellTable {
    let db: Database
    private let path: String
    /// How many cells have been written, changed or removed.
    private(set) var changes = 0
    /// Cells that are to be written by one statement, while cells are gathered.
    var gathered: [CellInsertion]?
    private var statements = [PreparedStatement?](
        repeating: nil, count: CellQuery.allCases.count)
    /// What was read and has not changed since.
    private(set) var readings: CollectionMemo

    init(db: Database, path: String, readings: CollectionMemo = CollectionMemo()) {
        self.db = db
        self.path = path
        self.readings = readings
    }

    /// A statement that sees all that was written before.
    func statement(_ query: CellQuery) throws -> PreparedStatement {
        if gathered?.isEmpty == false { try writeGathered() }
        return try prepared(query)
    }

    func prepared(_ query: CellQuery) throws -> PreparedStatement {
        if let statement = statements[query.rawValue] { return statement }
        let statement = try PreparedStatement(db, query.sql)
        statements[query.rawValue] = statement
        return statement
    }

    // MARK: Reading

    func cell(at key: CellKey, writers: WriterNames) throws -> Cell? {
        guard let owner = writers.owner(of: key) else { return nil }
        let statement = try statement(.atKey)
        Self.bind(key, owner: owner, to: statement)
        return try statement.first { try cell(statement, from: 0, at: key, writers) }
    }

    /// All writers' cells at the place of `key`, ascending by key.
    func cells(atPlaceOf key: CellKey, writers: WriterNames) throws -> [Cell] {
        let statement = try statement(.atPlace)
        Self.bind(key, to: statement)
        return try cells(statement, writers)
    }

    /// The cells of a collection, or of one row of it, ascending by key.
    func cells(
        of collection: CollectionID, in lane: Lane, row: [UInt8]? = nil, writers: WriterNames
    ) throws -> [Cell] {
        if let known = readings.cells(of: collection, in: lane, row: row) { return known }
        let statement = try statement(row == nil ? .ofCollection : .ofRow)
        statement.bind(Int64(lane.rawValue), at: 1)
        statement.bind(Int64(collection.rawValue), at: 2)
        if let row { statement.bind(row[...], at: 3) }
        let cells = try cells(statement, writers)
        readings.note(cells, of: collection, in: lane, row: row)
        return cells
    }

    /// Notes that a cell is about to change.
    func willChange(_ key: CellKey) {
        changes += 1
        readings.forget(key)
    }

    /// The cells of the row that a key is in; nothing if there are more than `count`.
    func cells(
        ofRowOf key: CellKey, atMost count: Int, writers: WriterNames
    ) throws -> [Cell]? {
        let statement = try statement(.ofRowLimited)
        statement.bind(Int64(key.lane.rawValue), at: 1)
        statement.bind(Int64(key.collection.rawValue), at: 2)
        statement.bind(key.row[...], at: 3)
        statement.bind(Int64(count) + 1, at: 4)
        let cells = try cells(statement, writers)
        return cells.count <= count ? cells : nil
    }

    /// The first row of a lane that is `row` or comes after it, of which there is any cell.
    func firstRow(from row: CellKey) throws -> CellKey? {
        let statement = try statement(.firstRow)
        statement.bind(Int64(row.lane.rawValue), at: 1)
        statement.bind(Int64(row.collection.rawValue), at: 2)
        statement.bind(row.row[...], at: 3)
        return try statement.first {
            guard let collection = UInt32(exactly: try statement.integer(at: 0)) else {
                throw damaged()
            }
            return CellKey(
                lane: row.lane, collection: CollectionID(rawValue: collection),
                row: try statement.blob(at: 1), field: row.field, item: row.item)
        }
    }

    /// The cells of `row`'s place that were written before its present life or death.
    func cells(beforeLifeOf row: Cell, writers: WriterNames) throws -> [Cell] {
        let statement = try statement(.ofFormerLives)
        statement.bind(Int64(row.key.lane.rawValue), at: 1)
        statement.bind(Int64(row.key.collection.rawValue), at: 2)
        statement.bind(row.key.row[...], at: 3)
        statement.bind(Int64(clamping: row.causalLength), at: 4)
        return try cells(statement, writers)
    }

    /// The cells that `writer` brought to their state after `sequence`, up to `last`, in no order.
    func cells(
        in lane: Lane, by writer: Int64, after sequence: UInt64, through last: UInt64,
        writers: WriterNames
    ) throws -> [Cell] {
        let statement = try statement(.byWriter)
        bind(lane, writer, after: sequence, through: last, to: statement)
        var found: [Cell] = []
        try statement.forEachRow { found.append(try cell(statement, writers)) }
        return found
    }

    /// How many cells `writer` brought to their state after `sequence`, up to `last`.
    func count(
        in lane: Lane, by writer: Int64, after sequence: UInt64, through last: UInt64
    ) throws -> Int {
        let statement = try statement(.countByWriter)
        bind(lane, writer, after: sequence, through: last, to: statement)
        return try statement.first { Int(try statement.integer(at: 0)) } ?? 0
    }

    /// How many cells a lane has; an index is gone through.
    func count(in lane: Lane) throws -> Int {
        let statement = try statement(.countInLane)
        statement.bind(Int64(lane.rawValue), at: 1)
        return try statement.first { Int(try statement.integer(at: 0)) } ?? 0
    }

    /// The cells of a lane, or of all, ascending by key.
    func allCells(in lane: Lane? = nil, writers: WriterNames) throws -> [Cell] {
        let statement = try statement(lane == nil ? .all : .inLane)
        if let lane { statement.bind(Int64(lane.rawValue), at: 1) }
        return try cells(statement, writers)
    }

    /// The cells that count for the digest, ascending by key.
    func liveCells(writers: WriterNames) throws -> [Cell] {
        try cells(statement(.live), writers)
    }

    /// The cell that a write brought to its state, if it is still in it.
    func cell(at dot: Dot, in lane: Lane, writers: WriterNames) throws -> Cell? {
        guard let number = writers.numbers[dot.writer] else { return nil }
        let statement = try statement(.atDot)
        statement.bind(Int64(lane.rawValue), at: 1)
        statement.bind(number, at: 2)
        statement.bind(Int64(clamping: dot.sequence), at: 3)
        return try cells(statement, writers).first
    }

    /// The cells of a lane at dots above `base`, ascending by key; all of the lane is gone through.
    func cells(
        in lane: Lane, above base: VersionVector, writers: WriterNames
    ) throws -> [Cell] {
        let seen = writers.sequences(of: base)
        let statement = try statement(.inLane)
        statement.bind(Int64(lane.rawValue), at: 1)
        return try cells(statement, writers) {
            let number = try statement.integer(at: Self.writerColumn)
            let sequence = UInt64(bitPattern: try statement.integer(at: Self.writerColumn + 1))
            // A number that is none is found when the cell is read.
            return !seen.indices.contains(Int(clamping: number)) || sequence > seen[Int(number)]
        }
    }

    /// The cells that can be read, ascending by the keys of the table or descending, and what
    /// stopped or disturbed the reading.
    func readableCells(
        descending: Bool, writers: WriterNames
    ) -> (cells: [Cell], problems: [String]) {
        var cells: [Cell] = []
        var problems: [String] = []
        do {
            let statement = try statement(descending ? .allBackwards : .all)
            try statement.forEachRow {
                do {
                    cells.append(try cell(statement, writers))
                } catch {
                    problems.append("cells: \(StoreError.reason(for: error, at: path))")
                }
            }
        } catch {
            problems.append("cells: \(StoreError.reason(for: error, at: path))")
        }
        return (cells, problems)
    }

    // MARK: Columns

    /// Binds a key and its owner's number to the parameters after `offset`.
    static func bind(
        _ key: CellKey, owner: Int64? = nil, to statement: PreparedStatement,
        after offset: Int32 = 0
    ) {
        statement.bind(Int64(key.lane.rawValue), at: offset + 1)
        statement.bind(Int64(key.collection.rawValue), at: offset + 2)
        statement.bind(key.row[...], at: offset + 3)
        statement.bind(Int64(key.field.rawValue), at: offset + 4)
        statement.bind(key.item[...], at: offset + 5)
        if let owner { statement.bind(owner, at: offset + 6) }
    }

    private func bind(
        _ lane: Lane, _ writer: Int64, after sequence: UInt64, through last: UInt64,
        to statement: PreparedStatement
    ) {
        statement.bind(Int64(lane.rawValue), at: 1)
        statement.bind(writer, at: 2)
        statement.bind(Int64(clamping: sequence), at: 3)
        statement.bind(Int64(clamping: last), at: 4)
    }

    /// The cells of all rows that meet a condition, ascending by key.
    private func cells(
        _ statement: PreparedStatement, _ writers: WriterNames,
        where condition: () throws -> Bool = { true }
    ) throws -> [Cell] {
        var cells: [Cell] = []
        try statement.forEachRow {
            if try condition() { cells.append(try cell(statement, writers)) }
        }
        // The table orders owners by their local numbers; what goes out is ordered for everyone.
        Self.orderOwners(in: &cells)
        return cells
    }

    /// Orders cells, which are ascending by place, by owner within each place.
    private static func orderOwners(in cells: inout [Cell]) {
        var start = 0
        while start < cells.count {
            var end = start + 1
            if cells[start].key.owner != nil {
                let place = cells[start].key
                while end < cells.count, cells[end].key.isAtPlace(of: place) { end += 1 }
                if end - start > 1 { cells[start..<end].sort { $0.key < $1.key } }
            }
            start = end
        }
    }

    /// Where a row says its writer, before the sequence.
    private static let writerColumn: Int32 = 7

    /// Reads a row of all columns.
    private func cell(_ statement: PreparedStatement, _ writers: WriterNames) throws -> Cell {
        let owner = try statement.integer(at: 5)
        guard let lane = UInt8(exactly: try statement.integer(at: 0)),
            let collection = UInt32(exactly: try statement.integer(at: 1)),
            let field = UInt32(exactly: try statement.integer(at: 3)),
            owner == 0 || writers[owner] != nil
        else { throw damaged() }
        let key = CellKey(
            lane: Lane(rawValue: lane), collection: CollectionID(rawValue: collection),
            row: try statement.blob(at: 2), field: FieldID(rawValue: field),
            item: try statement.blob(at: 4), owner: writers[owner])
        return try cell(statement, from: 6, at: key, writers)
    }

    /// Reads the columns after the key, which begin at `first`.
    private func cell(
        _ statement: PreparedStatement, from first: Int32, at key: CellKey, _ writers: WriterNames
    ) throws -> Cell {
        guard
            let kind = UInt8(exactly: try statement.integer(at: first))
                .flatMap(MergeKind.init(rawValue:)),
            let writer = writers[try statement.integer(at: first + 1)],
            let epoch = UInt32(exactly: try statement.integer(at: first + 3)),
            let context = writers.context(try statement.blob(at: first + 6)),
            let value = try StoredValue.bytes(of: statement, form: first + 7, value: first + 8)
        else { throw damaged() }
        return Cell(
            key: key, kind: kind,
            dot: Dot(
                writer: writer,
                sequence: UInt64(bitPattern: try statement.integer(at: first + 2))),
            timestamp: HybridTimestamp(
                epoch: epoch, ticks: UInt64(bitPattern: try statement.integer(at: first + 4))),
            causalLength: UInt64(bitPattern: try statement.integer(at: first + 5)),
            context: context, value: value)
    }

    private func damaged() -> StoreError {
        StoreError(.damaged, "\(path): a cell is not one that any version writes; left as it is")
    }
}

extension CellKey {
    /// Whether both name the same place, whoever the owner.
    fileprivate func isAtPlace(of other: CellKey) -> Bool {
        field == other.field && row == other.row && item == other.item
            && collection == other.collection && lane == other.lane
    }
}
