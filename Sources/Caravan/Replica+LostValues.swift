public import FleetModel
public import ReplicaModel
public import ReplicaStore

extension Replica {
    /// Values that other writes displaced here, the newest first.
    ///
    /// Every replica keeps its own: what a device lost while it was apart is shown where the two
    /// writes met.
    ///
    /// - Throws: `StoreError`.
    public func lostValues() async throws -> [LostValue] {
        try await inTurn { [store] in try store.read { try $0.lostValues() } }
    }

    /// Writes a lost value again, in a transaction of its own; see
    /// ``FleetChanges/restore(_:describedBy:)``.
    ///
    /// - Returns: Whether anything had to be written.
    /// - Throws: `SchemaError` (`noSuchRow`, `notOwner`, `notRestorable`), `StoreError`.
    @discardableResult
    public func restore(_ lost: LostValue) async throws -> Bool {
        try await write { [schema] in try $0.restore(lost, describedBy: schema) }
    }
}

extension FleetChanges {
    /// Writes a lost value again.
    ///
    /// It is a write of now, by this device: it takes the place of what stands there, on every
    /// replica, and may lose in turn against a later one. The value stays among the lost ones, of
    /// which it is only a note.
    ///
    /// A field of a row that was deleted is not restored by itself: bring the row back first, with
    /// `cells.restore(_:in:)` or, a profile, with `addProfile`. An element of a set is added to it
    /// again. What a device says of itself only that device restores, entries of rings and
    /// exclusive rights nobody. Of a field that the schema does not know a value is restored if it
    /// is a register, which anyone may set; what else it may be, only its schema says.
    ///
    /// - Parameters:
    ///   - lost: The value.
    ///   - schema: Says what the field is.
    /// - Returns: Whether anything had to be written: not if the value stands there already.
    /// - Throws: `SchemaError`: `noSuchRow` if the row is deleted, `notRestorable` if the field
    ///   does not take it, or the schema does not know the field and it is no register, `notOwner`
    ///   if another device said it.
    @discardableResult
    public func restore(_ lost: LostValue, describedBy schema: Schema = .fleet) throws -> Bool {
        let key = lost.key
        guard let collection = schema[key.collection], collection.lane == key.lane,
            let field = collection[key.field]
        else {
            let name = "field \(key.field.rawValue) of collection \(key.collection.rawValue)"
            guard lost.kind == .register else {
                throw SchemaError(
                    .notRestorable, "the schema has no \(name), which is not a register")
            }
            let length = try lost.causalLength == 0 ? 0 : livingLength(of: key, name)
            return try write(lost, as: .register, length)
        }
        let name = "\(collection.name).\(field.name)"
        try check(lost, name, field)
        let length = try collection.rows.existence == .standing ? 0 : livingLength(of: key, name)
        return try write(lost, as: field.kind, length)
    }

    /// Writes a lost value unless it is the only one that stands there.
    private func write(
        _ lost: LostValue, as kind: MergeKind, _ length: UInt64
    ) throws -> Bool {
        let key = lost.key
        let standing = try cells.cells(ofRow: key.row, of: key.collection, in: key.lane).filter {
            $0.key.field == key.field && $0.key.item == key.item && $0.kind == kind
                && $0.causalLength == length
        }
        let visible = kind == .sibling ? Siblings(standing).visible : standing
        guard visible.count != 1 || visible[0].value != lost.value else { return false }
        try cells.put(
            CellDraft(key: key, kind: kind, causalLength: length, value: lost.value))
        return true
    }

    /// Refuses what the field is no place for.
    private func check(_ lost: LostValue, _ name: String, _ field: FieldDescription) throws {
        var isRestorable = field.kind == .register || field.kind == .sibling
        if case .right = field.content { isRestorable = false }
        if case .place = field.item { isRestorable = false }
        guard isRestorable else {
            throw SchemaError(.notRestorable, "a value of '\(name)' cannot be written again")
        }
        if case .device = field.item, lost.key.item != device.bytes {
            throw SchemaError(.notOwner, "'\(name)' is what another device says of itself")
        }
    }

    /// The causal length with which a field of a row is written now.
    private func livingLength(of key: CellKey, _ name: String) throws -> UInt64 {
        guard let row = try cells.cell(at: key.rowKey), row.kind.isRow,
            !row.causalLength.isMultiple(of: 2)
        else {
            throw SchemaError(
                .noSuchRow,
                "the row of this value of '\(name)' is deleted; bring it back first")
        }
        return row.causalLength
    }
}
