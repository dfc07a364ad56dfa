public import CausalTime
internal import GRDB
import PlantedBugs
public import ReplicaModel

/// The one transaction of a write: cells, vectors, digest and clock move together or not at all.
///
/// It is valid only within the closure that receives it.
public final class StoreTransaction: CellWriting {
    let db: Database
    let path: String
    /// The state as it will be when the transaction commits.
    var state: StoreState
    let options: ReplicaStore.Options
    private let rights: RightsGuard?
    /// What had been seen when the transaction began.
    private let vectorsBefore: LaneVectors
    /// The lanes in which something is spent that only this device may spend.
    private(set) var spendingLanes: Set<Lane> = []
    let table: CellTable
    /// Most cells are read before they are written, and the same ones again and again.
    var memo: CellMemo
    /// The row that cells are arriving for.
    var rowInHand: RowInHand?
    /// The first cell that was written, if it carries the digest of its lane.
    var carrier: Cell?

    /// The wall time of the transaction.
    public let now: WallTime
    /// The device whose replica this is.
    public var device: DeviceID { state.device }

    init(
        db: Database, path: String, state: StoreState, memo: CellMemo,
        readings: CollectionMemo, now: WallTime, options: ReplicaStore.Options,
        rights: RightsGuard? = nil
    ) {
        self.db = db
        self.path = path
        self.state = state
        self.memo = memo
        self.now = now
        self.options = options
        self.rights = rights
        vectorsBefore = state.vectors
        table = CellTable(db: db, path: path, readings: readings)
    }

    /// Whether something changed that decides what the fleet may forget.
    private(set) var concernsForgetting = false
    /// What has been seen; writes of this transaction included.
    public var vectors: LaneVectors { state.vectors }
    /// What every member is known to have seen.
    public var frontier: LaneVectors { state.frontier }
    /// The greatest timestamp given or seen; writes of this transaction included.
    public var latestTimestamp: HybridTimestamp { state.clock.latest }

    /// The cell at `key`, if it is held; writes of this transaction included.
    public func cell(at key: CellKey) throws -> Cell? {
        if let known = memo[key] { return known }
        let cell = try table.cell(at: key, writers: state.writers)
        memo.note(cell, at: key)
        return cell
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
        state.nonce = options.drawNonce()
        state.written = 0
        let writer = WriterID(device: device, nonce: state.nonce ?? 0)
        try put(
            CellDraft(
                key: .introduction(of: writer), kind: .fact,
                value: CellValue.bytes(device.bytes).encoded))
        return writer
    }

    /// Whether the replica may lack something that its device has spent.
    public var areRightsFrozen: Bool { rights?.isFrozen(at: vectorsBefore) ?? false }

    /// Says that what this transaction writes to a lane spends what only this device may spend.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/rightsFrozen`` if the replica may lack
    ///   something that its device has spent.
    public func useRights(in lane: Lane) throws {
        guard let rights else { return }
        guard !areRightsFrozen else { throw rights.frozenError() }
        spendingLanes.insert(lane)
    }

    /// Marks what is spent; to be called right before the transaction commits.
    package func beginSpending() throws -> Spending? {
        guard let rights, let writer = state.writer, !spendingLanes.isEmpty else { return nil }
        var dots: [Lane: Dot] = [:]
        for lane in spendingLanes where state.vectors[lane][writer] > 0 {
            dots[lane] = Dot(writer: writer, sequence: state.vectors[lane][writer])
        }
        return try rights.begin(dots, at: vectorsBefore)
    }

    /// Writes a cell under a fresh dot and, if its kind has one, a fresh timestamp.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/ruleBroken`` if a rule forbids it, and
    ///   whatever the database reports.
    public func put(_ draft: CellDraft) throws {
        let writer = try writer()
        let lane = draft.key.lane
        let cell = Cell(
            key: draft.kind.isOwned ? draft.key.owned(by: writer) : draft.key,
            kind: draft.kind,
            dot: Dot(writer: writer, sequence: state.vectors[lane][writer] + 1),
            timestamp: draft.kind.isStamped ? state.clock.stamp(at: now) : .zero,
            causalLength: draft.causalLength,
            context: draft.kind == .sibling
                ? try siblings(at: draft.key).context(
                    for: writer, causalLength: draft.causalLength) : draft.context,
            value: draft.value)
        guard cell.key.row.count <= CellKey.rowBytesMax, cell.value.count <= Cell.valueBytesMax
        else {
            throw StoreError(
                .ruleBroken,
                "a key of \(cell.key.row.count) or a value of \(cell.value.count) bytes is too "
                    + "long (at most \(CellKey.rowBytesMax) and \(Cell.valueBytesMax))")
        }
        guard case .accept = try merge(cell, isLocal: true) else {
            throw StoreError(.ruleBroken, "a write that loses to what this replica has seen")
        }
        if !PlantedBug.sequenceReused.isPlanted || vectorsBefore[lane] == state.vectors[lane] {
            state.vectors[lane].raise(writer, to: cell.dot.sequence)
        }
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
        let current = try held(at: cell.key, isLocal: isLocal)
        let row = cell.kind.isRow ? nil : try held(at: cell.key.rowKey, isLocal: isLocal)
        let decision =
            row == nil && !isLocal && isOfForgottenRow(cell)
            ? .rowGone : MergeDecision.about(cell, current: current, row: row)
        switch decision {
        case .accept(let kept):
            // Without the author's context a value that was overwritten knowingly cannot be told
            // from one that lost: both are kept when they were another writer's.
            if let current, !isLocal, current.dot.writer != kept.dot.writer {
                try keepLost(current, .replaced, for: kept)
            }
            try replace(current, by: kept)
            if kept.kind.isRow { try bury(under: kept) }
            if kept.concernsForgetting { concernsForgetting = true }
        case .outranked:
            // A local write that is refused has never been: nothing of it is kept.
            if !isLocal, let current { try keepLost(cell, .outranked, for: current) }
        case .rowGone: if !isLocal { try keepLost(cell, .rowDeleted) }
        }
        return decision
    }

    /// Whether the row of a cell was here, was deleted, and has been forgotten since.
    ///
    /// Only a copy of a device can write to such a row without having seen the deletion: the device
    /// has acknowledged it, and the copy has not.
    private func isOfForgottenRow(_ cell: Cell) -> Bool {
        guard !cell.kind.isRow, cell.causalLength > 0, let id = RowID(bytes: cell.key.row) else {
            return false
        }
        return state.vectors[cell.key.lane].contains(id.creation)
    }

    private func held(at key: CellKey, isLocal: Bool) throws -> Cell? {
        if !isLocal, let rowInHand, rowInHand.covers(key), let cells = rowInHand.cells {
            return cells.first { $0.key == key }
        }
        return try cell(at: key)
    }

    /// The short name of a writer, stored if it is new.
    func number(of writer: WriterID) throws -> Int64 {
        let (number, isNew) = state.writers.number(of: writer)
        if isNew { try StateTables(db: db, path: path).add(writer, number: number) }
        return number
    }

    /// All writers' cells at the place of `key`.
    func siblings(at key: CellKey) throws -> Siblings {
        Siblings(try table.cells(atPlaceOf: key, writers: state.writers))
    }

    // MARK: Forgetting

    /// Forgets what the fleet may forget now; the last step of every transaction.
    func settle() throws {
        guard concernsForgetting else { return }
        concernsForgetting = false
        try forget(upTo: Forgetting(self).frontier())
    }
}

extension Cell {
    /// Whether the cell decides what the fleet may forget.
    fileprivate var concernsForgetting: Bool {
        key.lane == .control
            && [.membership, .cuts, .acknowledgements].contains(key.collection)
    }
}
