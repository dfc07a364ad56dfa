import CausalTime
import ReplicaModel

extension CellTable {
    /// Writes a cell; `writer` and `context` are its writer and context in local numbers, `digest`
    /// that of its lane if the cell is to carry it.
    func upsert(
        _ cell: Cell, isLive: Bool, writer: Int64, context: [UInt8], digest: Digest? = nil
    ) throws {
        willChange(cell.key)
        let insertion = CellInsertion(
            cell: cell, isLive: isLive, writer: writer, context: context, digest: digest)
        guard gathered != nil else {
            let statement = try statement(.upsert)
            insertion.bind(to: statement)
            return try statement.run()
        }
        gathered?.append(insertion)
        if gathered?.count == CellQuery.upsertedTogether { try writeGathered() }
    }

    /// Runs `body`, which writes many cells; of those between which nothing is read, a few at a
    /// time go into one statement.
    func gathering(_ body: () throws -> Void) throws {
        gathered = []
        defer { gathered = nil }
        try body()
        try writeGathered()
    }

    /// Writes what is gathered, in its order.
    func writeGathered() throws {
        guard let insertions = gathered, !insertions.isEmpty else { return }
        gathered?.removeAll(keepingCapacity: true)
        if insertions.count == CellQuery.upsertedTogether {
            let statement = try prepared(.upsertSeveral)
            for (index, insertion) in insertions.enumerated() {
                insertion.bind(to: statement, after: Int32(index) * CellInsertion.parameters)
            }
            return try statement.run()
        }
        let statement = try prepared(.upsert)
        for insertion in insertions {
            insertion.bind(to: statement)
            try statement.run()
        }
    }

    /// Notes whether a cell counts.
    func setLive(_ isLive: Bool, at key: CellKey, writers: WriterNames) throws {
        guard let owner = writers.owner(of: key) else { return }
        willChange(key)
        let statement = try statement(.setLive)
        Self.bind(key, owner: owner, to: statement)
        statement.bind(isLive ? 1 : 0, at: 7)
        try statement.run()
    }

    func remove(_ key: CellKey, writers: WriterNames) throws {
        guard let owner = writers.owner(of: key) else { return }
        willChange(key)
        let statement = try statement(.remove)
        Self.bind(key, owner: owner, to: statement)
        try statement.run()
    }
}

/// A row of the `cell` table that is to be written.
struct CellInsertion {
    /// How many parameters a row takes in a statement.
    static let parameters: Int32 = 17

    let cell: Cell
    let isLive: Bool
    /// The local number of the cell's writer.
    let writer: Int64
    /// The cell's context in local numbers.
    let context: [UInt8]
    /// The digest of the lane, if the cell is to carry it.
    let digest: Digest?

    /// Binds the row to the parameters after `offset`.
    func bind(to statement: PreparedStatement, after offset: Int32 = 0) {
        CellTable.bind(
            cell.key, owner: cell.key.owner == nil ? 0 : writer, to: statement, after: offset)
        statement.bind(Int64(cell.kind.rawValue), at: offset + 7)
        statement.bind(writer, at: offset + 8)
        statement.bind(Int64(bitPattern: cell.dot.sequence), at: offset + 9)
        statement.bind(Int64(cell.timestamp.epoch), at: offset + 10)
        statement.bind(Int64(bitPattern: cell.timestamp.ticks), at: offset + 11)
        statement.bind(Int64(bitPattern: cell.causalLength), at: offset + 12)
        statement.bind(context[...], at: offset + 13)
        StoredValue(cell).bind(to: statement, form: offset + 14, value: offset + 15)
        statement.bind(isLive ? 1 : 0, at: offset + 16)
        if let digest {
            statement.bind(Int64(bitPattern: digest.value), at: offset + 17)
        } else {
            statement.bindNull(at: offset + 17)
        }
    }
}
