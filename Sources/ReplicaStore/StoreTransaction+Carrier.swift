import CausalTime
import ReplicaModel

// Most transactions write one cell. They need not touch the tables of the state if the cell itself
// says what is new of it, which saves the disk half of what it would have to write: the dot says
// how far the vector goes, the timestamp how far the clock does, and a column the digest of the
// lane. What is not in the tables is taken from there when the replica is loaded; see
// StateTables. Every other transaction writes the tables in full, so that it does not matter then
// what becomes of such cells.

extension StoreTransaction {
    /// Whether a cell that is about to be written may turn out to be all that is new.
    func mayCarryState(_ cell: Cell) -> Bool {
        guard table.changes == 0, let writer = state.writer else { return false }
        return cell.dot.writer == writer
            && cell.dot.sequence == state.vectors[cell.key.lane][writer] + 1
    }

    /// Whether one cell says all that this transaction has changed of a state.
    func isStateCarried(since before: StoreState) -> Bool {
        guard let carrier, table.changes == 1, state.nonce == before.nonce,
            state.written == before.written + 1, state.frontier == before.frontier
        else { return false }
        // Only the last cell of a lane is looked at, so it has to say the time if any does.
        let time = state.clock.latest
        guard time == carrier.timestamp || time == state.tabled.clock else { return false }
        return Lane.all.allSatisfy { lane in
            let (old, new) = (before.vectors[lane], state.vectors[lane])
            guard lane == carrier.key.lane else { return new == old }
            let writes = new.entries(above: old)
            return writes.count == 1 && writes[0].writer == carrier.dot.writer
                && writes[0].sequence == carrier.dot.sequence
        }
    }
}
