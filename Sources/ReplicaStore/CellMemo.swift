import ReplicaModel

/// The cells that a transaction looked at last.
///
/// A domain reads a cell before it writes it, the merge rules read it again and ask for its row,
/// which is the same for the fields of a row. Few are enough, and going through them costs less
/// than SQLite does.
struct CellMemo {
    private static let countMax = 4

    /// The latest last.
    private var entries: [(key: CellKey, cell: Cell?)] = []

    /// What is at a key; nothing if it is not known, which is not the same as no cell.
    subscript(key: CellKey) -> Cell?? {
        mutating get {
            guard let index = entries.lastIndex(where: { $0.key == key }) else { return nil }
            if index < entries.count - 1 { entries.append(entries.remove(at: index)) }
            return entries[entries.count - 1].cell
        }
    }

    /// Notes what is at a key now.
    mutating func note(_ cell: Cell?, at key: CellKey) {
        if let index = entries.lastIndex(where: { $0.key == key }) {
            entries.remove(at: index)
        } else if entries.count == Self.countMax {
            entries.removeFirst()
        }
        entries.append((key, cell))
    }
}
