import ReplicaModel

/// All cells of one row, while several cells of it arrive together.
///
/// A segment is ordered by key. So the row is read once instead of each of its cells, and the row's
/// own cell with every one of them. A row of many cells, such as one with a large set, is not kept:
/// its cells are looked up one by one.
struct RowInHand {
    /// How many cells are kept at most.
    static let cellsMax = 64

    private let row: CellKey
    /// The cells of the row; nothing if there are too many.
    private(set) var cells: [Cell]?

    /// Takes the cells of the row of a key, or nothing if there are too many.
    init(of key: CellKey, cells: [Cell]?) {
        row = key.rowKey
        self.cells = cells
    }

    /// Whether a key belongs to the row.
    func covers(_ key: CellKey) -> Bool {
        key.row == row.row && key.collection == row.collection && key.lane == row.lane
    }

    /// Notes what is at a key from now on.
    mutating func update(_ cell: Cell?, at key: CellKey) {
        guard covers(key), let count = cells?.count else { return }
        let index = cells?.firstIndex { $0.key == key }
        switch (index, cell) {
        case (let index?, let cell?): cells?[index] = cell
        case (let index?, nil): cells?.remove(at: index)
        case (nil, _) where count == Self.cellsMax && cell != nil: cells = nil
        case (nil, let cell?): cells?.append(cell)
        case (nil, nil): break
        }
    }
}
