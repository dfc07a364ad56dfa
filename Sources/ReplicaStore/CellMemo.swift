import ReplicaModel

/// The cells that a transaction looked at last.
///
/// A domain reads a cell before it writes it, the merge rules read it again and ask for its row,
/// which is the same for the fields of a row. Few are enough, and going through them costs less
/// than SQLite does.
struct CellMemo {
    private static let countMax = 8

    private var entries: [(key: CellKey, cell: Cell?)] = []
    /// The one that has been here longest, once there are as many as there may be.
    private var oldest = 0

    /// What is at a key; nothing if it is not known, which is not the same as no cell.
    subscript(key: CellKey) -> Cell?? {
        for entry in entries where entry.key == key { return entry.cell }
        return nil
    }

    /// Notes what is at a key that was not known.
    mutating func note(_ cell: Cell?, at key: CellKey) {
        guard entries.count == Self.countMax else { return entries.append((key, cell)) }
        entries[oldest] = (key, cell)
        oldest = (oldest + 1) % Self.countMax
    }

    /// Notes what is at a key from now on, if that key is known.
    mutating func update(_ cell: Cell?, at key: CellKey) {
        for index in entries.indices where entries[index].key == key { entries[index].cell = cell }
    }
}
