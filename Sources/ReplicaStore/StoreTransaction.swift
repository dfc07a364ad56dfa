public import CausalTime
internal import GRDB
public import ReplicaModel

/// The one transaction of a write: cells, vectors, digest and clock move together or not at all.
///
/// It is valid only within the closure that receives it.
public final class StoreTransaction: CellWriting {
    let db: Database
    let path: String
    /// The state as it will be when the transaction commits.
    var state: StoreState
    private let drawNonce: () -> UInt64

    /// The wall time of the transaction.
    public let now: WallTime
    /// The device whose replica this is.
    public var device: DeviceID { state.device }

    init(
        db: Database, path: String, state: StoreState, now: WallTime,
        drawNonce: @escaping () -> UInt64
    ) {
        self.db = db
        self.path = path
        self.state = state
        self.now = now
        self.drawNonce = drawNonce
    }

    private var table: CellTable { CellTable(db: db, path: path) }

    /// The cell at `key`, if it is held; writes of this transaction included.
    public func cell(at key: CellKey) throws -> Cell? {
        try table.cell(at: key, writers: state.writers)
    }

    /// All cells of a collection, ascending by key; writes of this transaction included.
    public func cells(of collection: CollectionID, in lane: Lane) throws -> [Cell] {
        try table.cells(of: collection, in: lane, writers: state.writers)
    }

    /// All cells of a row, ascending by key; writes of this transaction included.
    public func cells(
        ofRow row: [UInt8], of collection: CollectionID, in lane: Lane
    ) throws -> [Cell] {
        try table.cells(of: collection, in: lane, row: row, writers: state.writers)
    }

    /// The writer under which this transaction writes; the first write after an opening without
    /// proof of continuity makes and introduces a new one.
    public func writer() throws -> WriterID {
        if let writer = state.writer { return writer }
        state.nonce = drawNonce()
        state.written = 0
        let writer = WriterID(device: device, nonce: state.nonce ?? 0)
        try put(
            CellDraft(
                key: .introduction(of: writer), kind: .fact,
                value: CellValue.bytes(device.bytes).encoded))
        return writer
    }

    /// Writes a cell under a fresh dot and, if its kind has one, a fresh timestamp.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/ruleBroken`` if a rule forbids it, and
    ///   whatever the database reports.
    public func put(_ draft: CellDraft) throws {
        let writer = try writer()
        let lane = draft.key.lane
        let cell = Cell(
            key: draft.kind == .counter ? draft.key.owned(by: writer) : draft.key,
            kind: draft.kind,
            dot: Dot(writer: writer, sequence: state.vectors[lane][writer] + 1),
            timestamp: draft.kind.isStamped ? state.clock.stamp(at: now) : .zero,
            causalLength: draft.causalLength, value: draft.value)
        guard cell.key.row.count <= CellKey.rowBytesMax, cell.value.count <= Cell.valueBytesMax
        else {
            throw StoreError(
                .ruleBroken,
                "a key of \(cell.key.row.count) or a value of \(cell.value.count) bytes is too "
                    + "long (at most \(CellKey.rowBytesMax) and \(Cell.valueBytesMax))")
        }
        guard try merge(cell, isLocal: true) == .accept else {
            throw StoreError(.ruleBroken, "a write that loses to what this replica has seen")
        }
        state.vectors[lane].raise(writer, to: cell.dot.sequence)
        state.written += 1
    }

    /// Lets a write arrive at its cell.
    ///
    /// Local and remote writes take the same way.
    func merge(_ cell: Cell, isLocal: Bool) throws -> MergeDecision {
        guard cell.isWellFormed else {
            throw StoreError(.ruleBroken, "the cell at \(cell.dot) is not one of its kind")
        }
        // Peers refuse what is beyond the limits, and with it everything that is written later.
        guard cell.isWithinLimits else {
            throw StoreError(.ruleBroken, "the cell at \(cell.dot) is one that no peer accepts")
        }
        let current = try self.cell(at: cell.key)
        let row = cell.kind == .register ? try self.cell(at: cell.key.rowKey) : nil
        let decision = MergeDecision.about(cell, current: current, row: row)
        switch decision {
        case .accept:
            if let current { try displace(current, by: cell, isLocal: isLocal) }
            try table.upsert(cell, writer: number(of: cell.dot.writer))
            state.digests[cell.key.lane, default: Digest()].insert(cell)
            if cell.kind == .row { try bury(under: cell) }
        case .outranked:
            // A local write that is refused has never been: nothing of it is kept.
            if !isLocal, let current, current.value != cell.value { try keep(cell, .outranked) }
        case .rowGone: if !isLocal { try keep(cell, .rowDeleted) }
        }
        return decision
    }

    /// The short name of a writer, stored if it is new.
    func number(of writer: WriterID) throws -> Int64 {
        let (number, isNew) = state.writers.number(of: writer)
        if isNew { try StateTables(db: db, path: path).add(writer, number: number) }
        return number
    }

    private func displace(_ current: Cell, by cell: Cell, isLocal: Bool) throws {
        state.digests[cell.key.lane, default: Digest()].remove(current)
        // Without the author's context a value that was overwritten knowingly cannot be told from
        // one that lost: both are kept when they were another writer's, for people to judge.
        if !isLocal, current.dot.writer != cell.dot.writer, current.value != cell.value {
            try keep(current, .replaced)
        }
    }

    /// Removes what belongs to a former life of a row.
    private func bury(under row: Cell) throws {
        let cells = try self.cells(
            ofRow: row.key.row, of: row.key.collection, in: row.key.lane)
        for cell in cells where MergeDecision.isBuried(cell, under: row) {
            state.digests[cell.key.lane, default: Digest()].remove(cell)
            try table.remove(cell)
            if cell.dot.writer != row.dot.writer { try keep(cell, .rowDeleted) }
        }
    }

    private func keep(_ cell: Cell, _ reason: LostValue.Reason) throws {
        guard cell.kind == .register else { return }
        try LostValues(db: db, path: path).add(
            cell, reason: reason, writer: number(of: cell.dot.writer))
    }
}

extension CellKey {
    fileprivate func owned(by writer: WriterID) -> CellKey {
        CellKey(lane: lane, collection: collection, row: row, field: field, owner: writer)
    }
}

extension Cell {
    /// Whether decoders let the cell through and the tables can keep it.
    fileprivate var isWithinLimits: Bool {
        (kind.isStamped || timestamp == .zero && causalLength == 0)
            && key.row.count <= CellKey.rowBytesMax && value.count <= Self.valueBytesMax
            && causalLength <= Self.causalLengthMax
            && dot.sequence > 0 && dot.sequence <= UInt64(Int64.max)
    }
}
