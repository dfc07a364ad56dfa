public import CausalTime

/// The name of a row that is named by its creation: the dot of the write that created it.
///
/// No two rows ever share one, and whoever knows what a replica has seen can tell from the name
/// alone whether that replica has seen the row. So such a row can be forgotten once it is deleted,
/// and is recognized if it is brought back.
public struct RowID: Hashable, Sendable {
    /// The write that created the row.
    public let creation: Dot

    /// Names the row that `creation` created.
    public init(creation: Dot) { self.creation = creation }

    /// The key of the row: the writer's 16 bytes, then the sequence as a varint.
    public var bytes: [UInt8] {
        var out = ByteWriter(creation.writer.bytes)
        out.varint(creation.sequence)
        return out.bytes
    }

    /// Reads a key; nothing if it is not one of a row that is named by its creation.
    public init?(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        do {
            guard let writer = WriterID(bytes: try reader.raw(16)) else { return nil }
            creation = Dot(writer: writer, sequence: try reader.varint())
            try reader.end()
        } catch {
            return nil
        }
    }
}

extension RowID: CustomStringConvertible {
    /// The dot, abbreviated, as in `3fa9c011:42`.
    public var description: String { creation.description }
}
