package import CausalTime

extension VersionVector {
    /// Writes the number of entries, then writer and sequence of each.
    package func write(to out: inout ByteWriter) {
        out.varint(UInt64(entries.count))
        for entry in entries {
            out.fixed64(entry.writer.high)
            out.fixed64(entry.writer.low)
            out.varint(entry.sequence)
        }
    }

    /// Reads what ``write(to:)`` wrote.
    package init(from reader: inout ByteReader) throws(ByteReader.Fault) {
        let count = try reader.count(atMost: reader.remaining, of: "entries")
        var pairs: [(WriterID, UInt64)] = []
        for _ in 0..<count {
            let writer = WriterID(high: try reader.fixed64(), low: try reader.fixed64())
            pairs.append((writer, try reader.varint()))
        }
        self.init(pairs)
    }
}
