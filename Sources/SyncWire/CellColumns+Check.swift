import CausalTime
import ReplicaModel
import SyncEngine

extension SegmentContext {
    /// Why cells cannot be sent in this segment; nothing if they can.
    ///
    /// A decoder refuses what fails here, or could not tell it from something else.
    func fault(in cells: [Cell], lane: Lane, limits: SessionLimits) -> BodyFault? {
        guard cells.count <= limits.chunkCellsMax else {
            return BodyFault(.tooLarge, "more than \(limits.chunkCellsMax) cells in a chunk")
        }
        guard zip(cells, cells.dropFirst()).allSatisfy({ $0.key < $1.key }) else {
            return BodyFault(.failed, "the cells of a chunk are not ascending")
        }
        var newShapes: [CellShape] = []
        for cell in cells {
            let shape = CellShape(of: cell)
            if !models.shapes.contains(shape), !newShapes.contains(shape) {
                newShapes.append(shape)
            }
            // One cell alone says its shape itself.
            guard
                cells.count == 1
                    || models.shapes.count + newShapes.count <= CellModels.shapesMax
            else {
                return BodyFault(
                    .tooLarge, "a segment of more than \(CellModels.shapesMax) shapes")
            }
            guard cell.key.lane == lane else { return BodyFault(.failed, "a cell of another lane") }
            guard let place = index(of: cell.dot.writer), cell.dot.sequence > 0,
                cell.dot.sequence <= writers[place].sequence,
                writers[place].sequence - cell.dot.sequence < counts[place]
            else { return BodyFault(.failed, "a cell at \(cell.dot), which is not claimed") }
            if let fault = cell.wireFault { return fault }
        }
        return nil
    }
}

extension Cell {
    /// Why the cell cannot be sent at all.
    var wireFault: BodyFault? {
        guard key.row.count <= CellKey.rowBytesMax, key.item.count <= CellKey.itemBytesMax,
            value.count <= Self.valueBytesMax, causalLength <= Self.causalLengthMax,
            context.entries.count <= Self.contextEntriesMax
        else { return BodyFault(.tooLarge, "the cell at \(dot) is too large") }
        guard isWellFormed else {
            return BodyFault(.failed, "the cell at \(dot) is not one of its kind")
        }
        guard kind.isStamped || timestamp == .zero, kind.hasContext || context.isEmpty else {
            return BodyFault(.failed, "the \(kind) at \(dot) has what its kind does not have")
        }
        var reader = ByteReader(value)
        let isValueExpressible =
            switch kind {
            case .register, .fact, .sibling, .maximum, .unknown: true
            case .row, .uniqueRow, .vector: value.isEmpty
            case .counter: reader.onlyVarint() != nil
            }
        return isValueExpressible
            ? nil : BodyFault(.failed, "the \(kind) at \(dot) has a value that it cannot have")
    }
}
