import CausalTime
import ReplicaModel

extension HybridTimestamp {
    /// Writes the milliseconds and, unless both are 0, epoch and counter.
    func write(to out: inout ByteWriter) {
        let isPlain = epoch == 0 && logical == 0
        out.varint(milliseconds << 1 | (isPlain ? 0 : 1))
        guard !isPlain else { return }
        out.varint(UInt64(epoch))
        out.varint(logical)
    }

    /// Reads what ``write(to:)`` wrote.
    init(from reader: inout BodyReader) throws(BodyFault) {
        let number = try reader.varint()
        guard number >> 1 <= Self.millisecondsMax else {
            throw reader.fault("milliseconds beyond 48 bits")
        }
        var (epoch, logical): (UInt64, UInt64) = (0, 0)
        if number & 1 != 0 {
            epoch = try reader.varint(atMost: UInt64(UInt32.max), of: "a clock's epoch")
            logical = try reader.varint(atMost: 0xffff, of: "a clock's counter")
        }
        self.init(epoch: UInt32(epoch), milliseconds: number >> 1, logical: logical)
    }

    /// Whether epoch and counter follow from an earlier clock: the same epoch, and no counter.
    func isPlain(after earlier: HybridTimestamp) -> Bool {
        epoch == earlier.epoch && logical == 0
    }

    /// Writes the milliseconds as a difference and, unless they are plain, epoch and counter.
    func write(after earlier: HybridTimestamp, to out: inout ByteWriter) {
        out.varint(Self.difference(from: earlier.milliseconds, to: milliseconds))
        guard !isPlain(after: earlier) else { return }
        out.varint(UInt64(epoch))
        out.varint(logical)
    }

    /// Reads what ``write(after:to:)`` wrote.
    init(
        after earlier: HybridTimestamp, isPlain: Bool, from reader: inout BodyReader
    ) throws(BodyFault) {
        let own = try Self.milliseconds(earlier.milliseconds, plus: try reader.varint(), reader)
        guard !isPlain else {
            self.init(epoch: earlier.epoch, milliseconds: own, logical: 0)
            return
        }
        let epoch = try reader.varint(atMost: UInt64(UInt32.max), of: "a clock's epoch")
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
