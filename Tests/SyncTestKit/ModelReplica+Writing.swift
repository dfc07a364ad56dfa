package import CausalTime
package import ReplicaModel

extension ModelReplica {
    /// Whether the row of `key` exists; it does not where it was never created.
    package func isLive(rowOf key: CellKey) -> Bool {
        cells[key.rowKey].map { !$0.causalLength.isMultiple(of: 2) } ?? false
    }

    /// Creates a row, or creates it anew; nothing happens if it is there.
    @discardableResult
    package func createRow(_ key: CellKey) throws -> Cell? {
        isLive(rowOf: key) ? nil : try toggleRow(key)
    }

    /// Deletes a row; nothing happens if it is not there.
    @discardableResult
    package func deleteRow(_ key: CellKey) throws -> Cell? {
        isLive(rowOf: key) ? try toggleRow(key) : nil
    }

    /// Creates a row that is not there, deletes one that is.
    @discardableResult
    package func toggleRow(_ key: CellKey) throws -> Cell {
        let causalLength = (cells[key.rowKey]?.causalLength ?? 0) + 1
        return try write(CellDraft(key: key.rowKey, kind: .row, causalLength: causalLength))
    }

    /// Sets a field.
    ///
    /// In a collection whose rows are created, the row has to be there.
    @discardableResult
    package func setField(_ key: CellKey, to value: CellValue) throws -> Cell {
        let causalLength = cells[key.rowKey]?.causalLength ?? 0
        return try write(
            CellDraft(
                key: key, kind: .register, causalLength: causalLength, value: value.encoded))
    }

    /// Raises this writer's counter.
    @discardableResult
    package func count(_ amount: UInt64, at key: CellKey) throws -> Cell {
        let own = CellKey(
            lane: key.lane, collection: key.collection, row: key.row, field: key.field,
            owner: currentWriter)
        let before = cells[own]?.amount ?? 0
        return try write(
            CellDraft(key: key, kind: .counter, value: Cell.encoded(amount: before + amount)))
    }

    /// States a fact.
    @discardableResult
    package func state(_ value: CellValue, at key: CellKey) throws -> Cell {
        try write(CellDraft(key: key, kind: .fact, value: value.encoded))
    }
}

extension ModelReplica: CellWriting {
    package func writer() -> WriterID { currentWriter }

    package func useRights(in lane: Lane) throws {
        guard !areRightsFrozen else { throw Fault.rightsFrozen }
    }

    package func put(_ draft: CellDraft) throws { try write(draft) }

    package func cell(at key: CellKey) -> Cell? { cells[key] }

    package func cells(of collection: CollectionID, in lane: Lane) -> [Cell] {
        cells.values.filter { $0.key.collection == collection && $0.key.lane == lane }
            .sorted { $0.key < $1.key }
    }

    package func cells(
        ofRow row: [UInt8], of collection: CollectionID, in lane: Lane
    ) -> [Cell] {
        cells(of: collection, in: lane).filter { $0.key.row == row }
    }
}
