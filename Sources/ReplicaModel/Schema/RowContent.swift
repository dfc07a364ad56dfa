public import CausalTime

/// Which device each writer belongs to.
public typealias Devices = [WriterID: DeviceID]

/// What a replica holds of one row that exists.
///
/// ```swift
/// for trip in try view.rows(of: Trips.self) {
///     print(trip[Trips.title] ?? "untitled", trip[Trips.stamps].count)
/// }
/// ```
public struct RowContent<C: RowCollection>: Sendable {
    /// What names the row.
    public let key: C.Key
    /// The cells of the row's present life, ascending by key.
    let cells: [Cell]
    let devices: Devices

    /// Reads all cells of a row, ascending; nothing if the row does not exist, or if what names it
    /// is no key of the collection.
    init?(_ all: [Cell], devices: Devices) {
        guard let first = all.first, let key = C.rows.key(of: first.key.row),
            let length = C.length(of: first)
        else { return nil }
        self.key = key
        self.cells = all.filter { !$0.kind.isRow && $0.causalLength == length }
        self.devices = devices
        if C.rows.existence == .standing, cells.isEmpty { return nil }
    }

    /// What a field says.
    public subscript<T: FieldType>(field: Field<C, T>) -> T.Value {
        field.value(of: cells, by: devices)
    }

    /// When something in the row was written last; zero if none of it carries a time.
    public var editedAt: HybridTimestamp { cells.map(\.timestamp).max() ?? .zero }
}

extension RowCollection {
    /// The causal length of a row's present life, given its first cell; nothing if it is dead.
    static func length(of first: Cell?) -> UInt64? {
        guard rows.existence != .standing else { return 0 }
        guard let first, first.kind.isRow, !first.causalLength.isMultiple(of: 2) else { return nil }
        return first.causalLength
    }
}

extension Field {
    /// Reads the field from the cells of one life of a row.
    func value(of cells: [Cell], by devices: Devices) -> T.Value {
        type.value(
            of: cells.filter { $0.key.field == number && $0.kind == T.kind }, by: devices)
    }
}

extension CellReading {
    /// The rows of a collection that exist, ascending by key.
    ///
    /// Linear in the number of cells of the collection.
    public func rows<C: RowCollection>(of collection: C.Type) throws -> [RowContent<C>] {
        let devices = try devicesOfWriters()
        var rows: [RowContent<C>] = []
        var pending: [Cell] = []
        for cell in try cells(of: C.id, in: C.lane) {
            if let first = pending.first, first.key.row != cell.key.row {
                if let row = RowContent<C>(pending, devices: devices) { rows.append(row) }
                pending = []
            }
            pending.append(cell)
        }
        if let row = RowContent<C>(pending, devices: devices) { rows.append(row) }
        return rows
    }

    /// A row with its fields; nothing if it does not exist.
    public func row<C: RowCollection>(
        _ key: C.Key, of collection: C.Type
    ) throws -> RowContent<C>? {
        RowContent(
            try cells(ofRow: C.rows.bytes(of: key), of: C.id, in: C.lane),
            devices: try devicesOfWriters())
    }

    /// What a field of a row says; of a row that does not exist, what an empty one would say.
    public func value<C: RowCollection, T: FieldType>(
        _ field: Field<C, T>, of key: C.Key
    ) throws -> T.Value {
        let all = try cells(ofRow: C.rows.bytes(of: key), of: C.id, in: C.lane)
        guard let length = C.length(of: all.first) else { return field.value(of: [], by: [:]) }
        return field.value(
            of: all.filter { $0.causalLength == length },
            by: T.dependsOnDevices ? try devicesOfWriters() : [:])
    }

    /// Whether a row has been created and not been deleted since.
    public func exists<C: RowCollection>(
        _ key: C.Key, in collection: C.Type
    ) throws -> Bool where C.Rows: MortalRows {
        C.length(of: try cell(at: C.rowKey(of: key))) != nil
    }
}
