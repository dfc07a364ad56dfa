import CausalTime

extension CellWriting {
    /// Creates a row and returns its name, which no other row ever has.
    public func insert<C: RowCollection>(
        into collection: C.Type
    ) throws -> RowID where C.Rows == UniqueRows {
        // The first write of a writer introduces it, so ask for it before counting.
        let writer = try writer()
        let row = RowID(
            creation: Dot(writer: writer, sequence: vectors[C.lane][writer] + 1))
        try put(CellDraft(key: C.rowKey(of: row), kind: .uniqueRow, causalLength: 1))
        return row
    }

    /// Creates the row of a key, also if it was deleted before; one that exists stays as it is.
    ///
    /// Two devices that create the same row create one. Nothing of a former life comes back.
    ///
    /// - Returns: Whether the row is new.
    @discardableResult
    public func insert<C: RowCollection, Key>(
        _ key: Key, into collection: C.Type
    ) throws -> Bool where C.Rows == NaturalRows<Key> {
        let rowKey = C.rowKey(of: key)
        try C.checkLength(ofRow: rowKey.row)
        let current = try cell(at: rowKey)
        guard C.length(of: current) == nil else { return false }
        try step(current, at: rowKey, of: C.self)
        return true
    }

    /// Deletes a row with everything in it; one that does not exist stays as it is.
    ///
    /// A deletion beats every edit whose author did not know of it. Such edits are kept as lost
    /// values where they arrive.
    ///
    /// - Returns: Whether the row existed.
    @discardableResult
    public func delete<C: RowCollection>(
        _ key: C.Key, from collection: C.Type
    ) throws -> Bool where C.Rows: MortalRows {
        let rowKey = C.rowKey(of: key)
        let current = try cell(at: rowKey)
        guard C.length(of: current) != nil else { return false }
        try step(current, at: rowKey, of: C.self)
        return true
    }

    /// Brings a deleted row back, empty; one that exists stays as it is.
    ///
    /// - Throws: ``SchemaError`` with ``SchemaError/Code/noSuchRow`` if it was never there, or is
    ///   forgotten.
    /// - Returns: Whether the row is back.
    @discardableResult
    public func restore<C: RowCollection>(
        _ key: C.Key, in collection: C.Type
    ) throws -> Bool where C.Rows: MortalRows {
        let rowKey = C.rowKey(of: key)
        guard let current = try cell(at: rowKey), current.kind.isRow else {
            throw C.noSuchRow(key)
        }
        guard C.length(of: current) == nil else { return false }
        try step(current, at: rowKey, of: C.self)
        return true
    }

    /// Begins the next life, or the next death, of a row.
    private func step<C: RowCollection>(
        _ current: Cell?, at key: CellKey, of collection: C.Type
    ) throws {
        let length = current?.causalLength ?? 0
        guard length < Cell.causalLengthMax else {
            throw SchemaError(
                .exhausted, "a row of '\(C.name)' was created or deleted \(length) times, no more")
        }
        // A cell of the other kind can only be a faulty peer's; it has to be followed all the same.
        let kind = current?.kind ?? (C.rows.existence == .unique ? .uniqueRow : .row)
        try put(CellDraft(key: key, kind: kind, causalLength: length + 1))
    }
}

extension SchemaError {
    /// Refuses what is longer than a cell can hold.
    ///
    /// - Parameters:
    ///   - what: What it is, for the message.
    ///   - bytes: It, as it is stored.
    ///   - limit: How many bytes may be stored.
    ///   - isOneValue: Whether it is one ``CellValue``: the byte before a text, or before bytes,
    ///     tells the type and is none of the app's, so neither length counts it.
    ///   - name: Where it was to be written.
    /// - Throws: ``SchemaError`` with ``SchemaError/Code/tooLong``, which names the limit.
    fileprivate static func check(
        _ what: String, _ bytes: [UInt8], atMost limit: Int, isOneValue: Bool = true,
        in name: String
    ) throws(SchemaError) {
        guard bytes.count > limit else { return }
        let tag = isOneValue ? 1 : 0
        throw SchemaError(
            .tooLong, "\(what) of \(bytes.count - tag) bytes in '\(name)'; \(limit - tag) fit")
    }
}

extension RowCollection {
    /// Refuses a key that is longer than a cell can hold.
    fileprivate static func checkLength(ofRow row: [UInt8]) throws(SchemaError) {
        try SchemaError.check(
            "a key", row, atMost: CellKey.rowBytesMax, isOneValue: rows.keyColumns.count == 1,
            in: name)
    }

    static func noSuchRow(_ key: Key) -> SchemaError {
        SchemaError(
            .noSuchRow, "there is no row \(key) in '\(name)'; it was never created, or is deleted")
    }
}

/// Where a field of an existing row is, and what was written there.
struct FieldPlace<T: FieldType> {
    let key: CellKey
    let causalLength: UInt64
    /// The cells of the field in the row's present life.
    let cells: [Cell]
    let name: String

    /// The cells of one item.
    func cells(of item: [UInt8]) -> [Cell] { cells.filter { $0.key.item == item } }
}

extension CellWriting {
    /// Finds a field of a row that has to exist.
    func place<C: RowCollection, T: FieldType>(
        of field: Field<C, T>, _ key: C.Key
    ) throws -> FieldPlace<T> {
        let row = C.rows.bytes(of: key)
        let all = try cells(ofRow: row, of: C.id, in: C.lane)
        guard let length = C.length(of: all.first) else { throw C.noSuchRow(key) }
        try C.checkLength(ofRow: row)
        return FieldPlace(
            key: CellKey(lane: C.lane, collection: C.id, row: row, field: field.number),
            causalLength: length,
            cells: all.filter {
                $0.key.field == field.number && $0.kind == T.kind && $0.causalLength == length
            }, name: "\(C.name).\(field.name)")
    }

    /// Writes a cell of a field.
    func put<T: FieldType>(_ value: [UInt8], in place: FieldPlace<T>, item: [UInt8] = []) throws {
        try SchemaError.check(
            "an element", item, atMost: CellKey.itemBytesMax, in: place.name)
        // What only grows has its rank before the value.
        try SchemaError.check(
            "a value", value, atMost: Cell.valueBytesMax, isOneValue: T.kind != .maximum,
            in: place.name)
        let key = CellKey(
            lane: place.key.lane, collection: place.key.collection, row: place.key.row,
            field: place.key.field, item: item)
        try put(CellDraft(key: key, kind: T.kind, causalLength: place.causalLength, value: value))
    }
}
