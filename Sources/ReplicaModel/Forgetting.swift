public import CausalTime
import PlantedBugs

/// How a fleet agrees on what all of its members have seen, so that it can be forgotten.
///
/// Any device proposes a **cut**: what it has seen of a lane, under a name, for ever. Every device
/// **acknowledges** a cut once it has seen all of it, and moves on only to cuts that include the
/// one before. The **frontier** of a lane is what every member has acknowledged: the least of their
/// cuts, writer by writer. It is causally closed, it is kept durably, and it never goes back.
///
/// Up to the frontier a replica forgets what only keeps order, by itself and without telling anyone
/// (see `Cell.isForgettable(upTo:)` and `Siblings.forgetting(upTo:)`), and what was declared
/// settled (``CellWriting/close(rowsOf:in:beginningWith:)``). What it forgets depends on its cells
/// and the frontier alone. A device that has not seen a peer's frontier, because it was restored or
/// away for long, therefore exchanges no delta with that peer but takes its whole state in and
/// keeps what it wrote itself (see ``Segment``).
///
/// Source: G. Wuu, A. Bernstein, "Efficient Solutions to the Replicated Log and Dictionary
/// Problems" (PODC 1984), for what all are known to know. Differences: cuts are named and few, so
/// that an acknowledgement costs a few bytes; a member that stays away can be retired without
/// losing what it wrote.
public struct Forgetting<Cells: CellReading> {
    let cells: Cells

    /// Reads the cuts and acknowledgements among `cells`.
    public init(_ cells: Cells) { self.cells = cells }

    /// What every member is known to have seen: the frontier that is kept, joined with the least of
    /// what the members have acknowledged.
    ///
    /// Linear in the numbers of cuts, of members and of writers.
    public func frontier() throws -> LaneVectors {
        var frontier = cells.frontier
        let members = try Membership(cells).members
        guard !members.isEmpty else { return frontier }
        let cuts = try cutCells()
        for lane in Lane.all {
            let reached = try members.map { try acknowledged(by: $0, in: lane, cuts) }
            let least = reached.dropFirst().reduce(reached[0]) {
                PlantedBug.frontierOfOneMember.isPlanted ? $0.merging($1) : $0.meet($1)
            }
            // A frontier beyond what this replica has seen is none that it could act on.
            if cells.vectors[lane].dominates(least) { frontier[lane].merge(least) }
        }
        return frontier
    }

    /// What a device has said that it has seen of a lane.
    public func acknowledged(by device: DeviceID, in lane: Lane) throws -> VersionVector {
        try acknowledged(by: device, in: lane, cutCells())
    }

    /// When a device acknowledged something last, in any lane; nothing if it never has.
    public func lastAcknowledgement(by device: DeviceID) throws -> HybridTimestamp? {
        try cells.cells(ofRow: device.bytes, of: .acknowledgements, in: .control)
            .map(\.timestamp).max()
    }

    /// Whether a cut of `lane` is due: there is something above the frontier, and the last cut was
    /// proposed at least `interval` milliseconds ago.
    public func isCutDue(in lane: Lane, at now: WallTime, interval: Int64) throws -> Bool {
        guard !cells.frontier[lane].dominates(cells.vectors[lane]) else { return false }
        var latest = try cutCells().values.filter { $0.key.field == lane.cutField }
            .map(\.timestamp).max()
        if latest == nil {
            // None yet: the fleet is as old as its first member.
            latest = try cells.cells(of: .membership, in: .control).map(\.timestamp).min()
        }
        guard let latest else { return false }
        return now.milliseconds - latest.wallTime.milliseconds >= interval
    }

    /// The cells of all cuts, by row and field.
    func cutCells() throws -> [CellKey: Cell] {
        var cuts: [CellKey: Cell] = [:]
        for cell in try cells.cells(of: .cuts, in: .control) where cell.kind == .vector {
            cuts[cell.key] = cell
        }
        return cuts
    }

    /// What a device has said that it has seen of a lane, by these cuts; only by those within
    /// `bound` if there is one.
    func acknowledged(
        by device: DeviceID, in lane: Lane, _ cuts: [CellKey: Cell],
        within bound: VersionVector? = nil
    ) throws -> VersionVector {
        let row = try cells.cells(ofRow: device.bytes, of: .acknowledgements, in: .control)
        var seen = VersionVector()
        // Of each writer that the device has been; what any of them had seen, the device has seen.
        for cell in row where cell.key.field == lane.cutField {
            guard case .bytes(let name)? = CellValue(encoded: cell.value) else { continue }
            guard let cut = cuts[.cut(name, lane)], bound?.dominates(cut.context) ?? true else {
                continue
            }
            seen.merge(cut.context)
        }
        return seen
    }
}

extension CellWriting {
    /// Proposes what this replica has seen of a lane as a cut.
    public func proposeCut(of lane: Lane) throws {
        let dot = Dot(
            writer: try writer(), sequence: vectors[.control][try writer()] + 1)
        try put(
            CellDraft(
                key: .cut(RowID(creation: dot).bytes, lane), kind: .vector,
                context: vectors[lane]))
    }

    /// Acknowledges, in every lane, the cut that goes furthest among those that this replica has
    /// seen all of; does nothing where there is no further one, or if the device is no member.
    ///
    /// - Returns: Whether anything was written.
    @discardableResult
    public func acknowledgeCuts() throws -> Bool {
        guard try Membership(self).contains(device) else { return false }
        let forgetting = Forgetting(self)
        let cuts = try forgetting.cutCells()
        var hasWritten = false
        for lane in Lane.all {
            // A device that was restored may have acknowledged what nobody has any more: that does
            // not count, but what it has acknowledged since does, or it would never end.
            let told = try forgetting.acknowledged(
                by: device, in: lane, cuts, within: vectors[lane])
            // The frontier may be further than what this device has told: the others went on while
            // it was retired. They wait for its word all the same.
            let former = told.merging(frontier[lane])
            let best = cuts.values.filter {
                $0.key.field == lane.cutField && $0.context.dominates(former)
                    && !told.dominates($0.context)
                    && (PlantedBug.acknowledgesUnseen.isPlanted
                        || vectors[lane].dominates($0.context))
            }.max {
                ($0.context.total, $1.dot) < ($1.context.total, $0.dot)
            }
            guard let best else { continue }
            try put(
                CellDraft(
                    key: CellKey(
                        lane: .control, collection: .acknowledgements, row: device.bytes,
                        field: lane.cutField), kind: .sibling,
                    value: CellValue.bytes(best.key.row).encoded))
            hasWritten = true
        }
        return hasWritten
    }

    /// Declares all rows of a collection whose keys begin with `prefix` to be settled.
    ///
    /// Their cells go, on every replica, once every member has seen both them and this. What
    /// arrives later is kept until every member has seen it too.
    public func close(
        rowsOf collection: CollectionID, in lane: Lane, beginningWith prefix: [UInt8]
    ) throws {
        let key = Closure(collection: collection, prefix: prefix).key(in: lane)
        guard try cell(at: key) == nil else { return }
        try put(CellDraft(key: key, kind: .fact, value: CellValue.bool(true).encoded))
    }
}

/// Rows that were declared settled.
package struct Closure: Hashable {
    package let collection: CollectionID
    package let prefix: [UInt8]

    package init(collection: CollectionID, prefix: [UInt8]) {
        self.collection = collection
        self.prefix = prefix
    }

    /// Reads a cell of the collection of closures; nothing if it is not one.
    package init?(_ cell: Cell) {
        var reader = ByteReader(cell.key.row)
        do {
            let number = try reader.varint()
            guard cell.kind == .fact, let number = UInt32(exactly: number) else { return nil }
            collection = CollectionID(rawValue: number)
            prefix = try reader.raw(reader.remaining)
        } catch {
            return nil
        }
        // The core's own collections are what forgetting is decided by.
        if collection < .firstOfDomain { return nil }
    }

    package func key(in lane: Lane) -> CellKey {
        var row = ByteWriter()
        row.varint(UInt64(collection.rawValue))
        row.raw(prefix)
        return CellKey(
            lane: lane, collection: .closures, row: row.bytes, field: FieldID(rawValue: 1))
    }

    package func covers(_ key: CellKey) -> Bool {
        key.collection == collection && key.row.starts(with: prefix)
    }
}

extension Cell {
    /// Whether the cell, by itself, is forgotten once every member has seen all writes up to
    /// `frontier`: the existence of a deleted row that nobody can create again.
    package func isForgettable(upTo frontier: VersionVector) -> Bool {
        (kind == .uniqueRow || PlantedBug.forgetsAnyTombstone.isPlanted && kind == .row)
            && causalLength.isMultiple(of: 2) && frontier.contains(dot)
    }
}

extension Lane {
    /// The field of cuts and acknowledgements that is about this lane.
    package var cutField: FieldID { FieldID(rawValue: UInt32(rawValue) + 1) }
}

extension CellKey {
    static func cut(_ row: [UInt8], _ lane: Lane) -> CellKey {
        CellKey(lane: .control, collection: .cuts, row: row, field: lane.cutField)
    }
}
