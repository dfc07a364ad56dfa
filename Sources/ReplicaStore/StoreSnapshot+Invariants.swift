import CausalTime
internal import GRDB
import ReplicaModel

extension StoreSnapshot {
    /// Checks everything that must hold of a replica by itself; a line for each violation.
    ///
    /// Reads the whole replica, and goes on where a part of it is damaged. For tests, the simulator
    /// and the inspector.
    package func violations() throws -> [String] {
        let (cells, problems) = readableCells()
        return integrity() + problems + digests(of: cells) + dots(of: cells) + rows(of: cells)
    }

    private func integrity() -> [String] {
        do {
            return try String.fetchAll(db, sql: "PRAGMA integrity_check")
                .filter { $0 != "ok" }.map { "SQLite: \($0)" }
        } catch {
            return ["SQLite: \(StoreError.reason(for: error, at: path))"]
        }
    }

    private func digests(of cells: [Cell]) -> [String] {
        let places = Dictionary(grouping: cells.filter { $0.kind == .sibling }) {
            $0.key.owned(by: nil)
        }.mapValues { Siblings($0) }
        return Lane.all.compactMap { lane in
            var digest = Digest()
            for cell in cells
            where cell.key.lane == lane
                && cell.counts(among: places[cell.key.owned(by: nil)])
            {
                digest.insert(cell)
            }
            let kept = state.digests[lane]
            return digest == kept ? nil : "\(lane): digest \(kept), but the cells say \(digest)"
        }
    }

    private func dots(of cells: [Cell]) -> [String] {
        cells.compactMap { cell in
            if !state.vectors[cell.key.lane].contains(cell.dot) {
                return "\(cell.key.lane): a cell at \(cell.dot), beyond the vector"
            }
            if !cell.isWellFormed {
                return "\(cell.key.lane): the cell at \(cell.dot) is not one of its kind"
            }
            if cell.kind.isStamped, cell.timestamp > state.clock.latest {
                return "\(cell.key.lane): the cell at \(cell.dot) is later than the clock"
            }
            return nil
        }
    }

    private func rows(of cells: [Cell]) -> [String] {
        var rows: [CellKey: Cell] = [:]
        for cell in cells where cell.kind.isRow { rows[cell.key] = cell }
        return cells.compactMap { cell in
            guard let row = rows[cell.key.rowKey], MergeDecision.isBuried(cell, under: row) else {
                return nil
            }
            return "\(cell.key.lane): the cell at \(cell.dot) belongs to a former life of its row"
        }
    }
}
