import CausalTime
import ReplicaModel
import SyncEngine

extension WriterTable {
    /// Writes a reference to a writer: its index plus one, or 0 and its 16 bytes if it has none.
    mutating func write(
        _ writer: WriterID, by side: SyncSession.Role, to out: inout ByteWriter
    ) throws(BodyFault) {
        if let index = index(of: writer) {
            out.varint(UInt64(index) + 1)
            return
        }
        out.byte(0)
        try write(writer, introducedBy: side, to: &out)
    }

    /// Writes a reference with a flag in its lowest bit.
    mutating func write(
        _ writer: WriterID, flag: Bool, by side: SyncSession.Role, to out: inout ByteWriter
    ) throws(BodyFault) {
        let bit: UInt64 = flag ? 1 : 0
        if let index = index(of: writer) {
            out.varint((UInt64(index) + 1) << 1 | bit)
            return
        }
        out.varint(bit)
        try write(writer, introducedBy: side, to: &out)
    }

    /// Reads what ``write(_:flag:by:to:)`` wrote.
    mutating func readFlagged(
        by side: SyncSession.Role, from reader: inout BodyReader
    ) throws(BodyFault) -> (writer: WriterID, flag: Bool) {
        let number = try reader.varint()
        return (try writer(of: number >> 1, by: side, from: &reader), number & 1 != 0)
    }

    /// Gives a writer an index, and writes its 16 bytes.
    mutating func write(
        _ writer: WriterID, introducedBy side: SyncSession.Role, to out: inout ByteWriter
    ) throws(BodyFault) {
        guard introduce(writer, by: side) != nil else { throw Self.full }
        out.fixed64(writer.high)
        out.fixed64(writer.low)
    }

    /// Reads a reference that was written by `side`.
    mutating func read(
        by side: SyncSession.Role, from reader: inout BodyReader
    ) throws(BodyFault) -> WriterID {
        try writer(of: try reader.varint(), by: side, from: &reader)
    }

    private mutating func writer(
        of reference: UInt64, by side: SyncSession.Role, from reader: inout BodyReader
    ) throws(BodyFault) -> WriterID {
        if reference == 0 {
            let writer: WriterID = try reader.identifier()
            guard introduce(writer, by: side) != nil else { throw Self.full }
            return writer
        }
        guard reference <= UInt64(indexLimit),
            let writer = self[Int(reference) - 1]
        else { throw reader.fault("writer \(reference - 1) has not been introduced") }
        return writer
    }

    static var full: BodyFault {
        BodyFault(.tooLarge, "more than \(introductionsMax) writers introduced by one side")
    }

    /// Writes a vector: the number of entries, then references and sequences.
    mutating func write(
        _ vector: VersionVector, by side: SyncSession.Role, limits: SessionLimits,
        to out: inout ByteWriter
    ) throws(BodyFault) {
        guard vector.entries.count <= limits.vectorEntriesMax else {
            throw BodyFault(.tooLarge, "a vector of more than \(limits.vectorEntriesMax) writers")
        }
        out.varint(UInt64(vector.entries.count))
        for entry in vector.entries {
            try write(entry.writer, by: side, to: &out)
            out.varint(entry.sequence)
        }
    }

    /// Reads a vector that was written by `side`.
    mutating func readVector(
        by side: SyncSession.Role, limits: SessionLimits, from reader: inout BodyReader
    ) throws(BodyFault) -> VersionVector {
        let count = try reader.count(atMost: limits.vectorEntriesMax, of: "writers in a vector")
        var vector = VersionVector()
        var previous: WriterID?
        for _ in 0..<count {
            let writer = try read(by: side, from: &reader)
            if let previous, previous >= writer {
                throw reader.fault("the writers of a vector are not ascending")
            }
            let sequence = try reader.varint()
            guard sequence > 0 else { throw reader.fault("sequence 0 in a vector") }
            vector.raise(writer, to: sequence)
            previous = writer
        }
        return vector
    }
}
