import PlantedBugs
import ReplicaModel

/// The rows of the cells of a segment, one after the other, as they are held here.
///
/// A segment is ordered by key. So the row is read once instead of each of its cells; and where
/// there is nothing, as in a replica that is new, the next row that there is says so for all rows
/// before it.
struct ArrivingRows {
    private let cells: [Cell]
    private let table: CellTable
    private let writers: WriterNames
    /// From the row that was looked at last up to the next one that there was; nothing ends it if
    /// there was none.
    private var empty: (from: CellKey, until: CellKey?)?
    /// Whether the row before was not there: then it is worth looking how far that goes.
    private var isBesideNothing = true

    init(of cells: [Cell], in table: CellTable, writers: WriterNames) {
        self.cells = cells
        self.table = table
        self.writers = writers
    }

    /// The row of a cell; nothing if its cells had better be looked up one by one.
    mutating func row(ofCellAt index: Int) throws -> RowInHand? {
        let key = cells[index].key
        if try isNothing(at: key) { return RowInHand(of: key, cells: []) }
        guard index + 1 < cells.count, cells[index + 1].key.rowKey == key.rowKey else { return nil }
        let held = try table.cells(ofRowOf: key, atMost: RowInHand.cellsMax, writers: writers)
        isBesideNothing = held?.isEmpty == true
        return RowInHand(of: key, cells: held)
    }

    /// Whether it is known that nothing was held of a row.
    ///
    /// Rows before it are not known any more: they hold what has arrived since.
    private mutating func isNothing(at key: CellKey) throws -> Bool {
        let row = key.rowKey
        if let known = empty, known.from <= row {
            let isBefore = known.until.map { row < $0 } ?? true
            if isBefore || PlantedBug.gapHasNoEnd.isPlanted {
                empty?.from = row
                return true
            }
        }
        empty = nil
        guard isBesideNothing else { return false }
        let next = try table.firstRow(from: row)
        isBesideNothing = next != row
        if isBesideNothing { empty = (row, next) }
        return isBesideNothing
    }
}
