import CausalTime
import ReplicaModel
import SyncEngine

/// The columns that only some shapes have: items, causal lengths of kinds that are not stamped, and
/// contexts.
extension SegmentContext {
    /// One item for every cell; empty for cells without.
    func readItems(
        of shapes: [CellShape], from reader: inout BodyReader
    ) throws(BodyFault) -> [[UInt8]] {
        var items = [[UInt8]](repeating: [], count: shapes.count)
        let named = shapes.indices.filter { shapes[$0].hasItem }
        let lengths = try IntegerColumn.read(named.count, from: &reader)
        for (index, length) in zip(named, lengths) {
            guard length <= UInt64(CellKey.itemBytesMax) else {
                throw reader.fault(
                    "an item of more than \(CellKey.itemBytesMax) bytes", code: .tooLarge)
            }
            guard length > 0 else { throw reader.fault("an item without bytes") }
            items[index] = try reader.raw(Int(length))
        }
        return items
    }

    /// One causal length for every cell; 0 for cells without, or with a stamp.
    func readLives(
        of shapes: [CellShape], from reader: inout BodyReader
    ) throws(BodyFault) -> [UInt64] {
        var lives = [UInt64](repeating: 0, count: shapes.count)
        let living = shapes.indices.filter { shapes[$0].hasLife }
        let lengths = try IntegerColumn.read(living.count, from: &reader)
        for (index, length) in zip(living, lengths) {
            guard length <= Cell.causalLengthMax else {
                throw reader.fault("a causal length too great", code: .tooLarge)
            }
            guard length > 0 else { throw reader.fault("a causal length of 0") }
            lives[index] = length
        }
        return lives
    }

    /// One context for every cell; empty for kinds without.
    func readContexts(
        of shapes: [CellShape], by side: SyncSession.Role, limits: SessionLimits,
        writers: inout WriterTable, from reader: inout BodyReader
    ) throws(BodyFault) -> [VersionVector] {
        var contexts = [VersionVector](repeating: VersionVector(), count: shapes.count)
        for index in shapes.indices where shapes[index].kind.hasContext {
            contexts[index] = try writers.readVector(by: side, limits: limits, from: &reader)
        }
        return contexts
    }
}

extension VersionVector {
    /// Writes a vector that this one dominates, as what is missing from each entry of this one.
    func writeFrontier(_ frontier: VersionVector, to out: inout ByteWriter) {
        IntegerColumn.write(
            entries.map { $0.sequence - min($0.sequence, frontier[$0.writer]) }, to: &out)
    }

    /// Reads what ``writeFrontier(_:to:)`` wrote.
    func readFrontier(from reader: inout BodyReader) throws(BodyFault) -> VersionVector {
        let missing = try IntegerColumn.read(entries.count, from: &reader)
        var pairs: [(WriterID, UInt64)] = []
        for (entry, missing) in zip(entries, missing) {
            guard missing <= entry.sequence else {
                throw reader.fault("a frontier below nothing")
            }
            pairs.append((entry.writer, entry.sequence - missing))
        }
        return VersionVector(pairs)
    }
}
