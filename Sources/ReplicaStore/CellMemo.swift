import ReplicaModel

/// The cells that a transaction looked at last.
///
/// A domain reads a cell before it writes it, the merge rules read it again and ask for its row,
/// which is the same for the fields of a row. Few are enough, and going through them costs less
/// than SQLite does.
///
/// What a transaction leaves is known to the next one: no other connection writes, and whoever
/// edits a row will often edit it again.
struct CellMemo {
    private static let countMax = 8
    /// Up to how many bytes in all cells are kept between transactions.
    private static let keptBytesMax = 4096

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

    /// The same for the next transaction; nothing if it is too much to keep in an idle replica.
    var kept: CellMemo {
        let bytes = entries.reduce(0) { sum, entry in
            sum + entry.key.row.count + entry.key.item.count + (entry.cell?.value.count ?? 0)
        }
        return bytes <= Self.keptBytesMax ? self : CellMemo()
    }
}
