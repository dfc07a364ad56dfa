import CausalTime
import ReplicaModel

extension HybridTimestamp {
    /// Writes the parts, the milliseconds as a difference.
    func write(after milliseconds: UInt64, to out: inout ByteWriter) {
        out.varint(UInt64(epoch))
        out.varint(Self.difference(from: milliseconds, to: self.milliseconds))
        out.varint(logical)
    }

    /// Reads what ``write(after:to:)`` wrote.
    init(after milliseconds: UInt64, from reader: inout BodyReader) throws(BodyFault) {
        let epoch = try reader.varint(atMost: UInt64(UInt32.max), of: "a clock's epoch")
        let own = try Self.milliseconds(milliseconds, plus: try reader.varint(), reader)
        let logical = try reader.varint(atMost: 0xffff, of: "a clock's counter")
        self.init(epoch: UInt32(epoch), milliseconds: own, logical: logical)
    }

    static func difference(from old: UInt64, to new: UInt64) -> UInt64 {
        Int64(bitPattern: new &- old).zigzag
    }

    static func milliseconds(
        _ old: UInt64, plus zigzag: UInt64, _ reader: BodyReader
    ) throws(BodyFault) -> UInt64 {
        let new = old &+ UInt64(bitPattern: zigzag.unzigzag)
        guard new <= millisecondsMax else { throw reader.fault("milliseconds beyond 48 bits") }
        return new
    }
}
