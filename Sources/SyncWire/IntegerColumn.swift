package import ReplicaModel

/// A column of integers, written in the shortest of four ways.
///
/// No values take no bytes and one value is a plain varint; from two on a byte says which way.
package enum IntegerColumn {
    private enum Mode: UInt8, CaseIterable {
        /// One varint for each value.
        case plain = 0
        /// All values are equal: one varint.
        case constant = 1
        /// Pairs of a value and how often it stands in a row.
        case runs = 2
        /// The first value, then the zigzag of each difference, modulo 2⁶⁴.
        case differences = 3
    }

    /// Writes the column; of equally short ways the one with the lowest number.
    package static func write(_ values: [UInt64], to out: inout ByteWriter) {
        guard values.count > 1 else {
            for value in values { out.varint(value) }
            return
        }
        let candidates = Mode.allCases.compactMap { mode in
            integers(of: values, mode).map { (mode, $0, $0.reduce(0) { $0 + $1.varintBytes }) }
        }
        // The first of the shortest: `min(by:)` keeps the earlier of equal ones.
        guard let (mode, integers, _) = candidates.min(by: { $0.2 < $1.2 }) else { return }
        out.byte(mode.rawValue)
        for integer in integers { out.varint(integer) }
    }

    /// What stands after the mode byte; nothing if the mode cannot express the values.
    private static func integers(of values: [UInt64], _ mode: Mode) -> [UInt64]? {
        switch mode {
        case .plain: return values
        case .constant: return values.allSatisfy { $0 == values[0] } ? [values[0]] : nil
        case .runs:
            var pairs: [UInt64] = []
            for value in values {
                if !pairs.isEmpty, pairs[pairs.count - 2] == value {
                    pairs[pairs.count - 1] += 1
                } else {
                    pairs += [value, 1]
                }
            }
            return pairs
        case .differences:
            return [values[0]]
                + zip(values, values.dropFirst()).map { Int64(bitPattern: $1 &- $0).zigzag }
        }
    }

    /// Reads a column of a known number of values, which the caller has checked against its limit:
    /// a few bytes can stand for all of them.
    static func read(
        _ count: Int, from reader: inout BodyReader
    ) throws(BodyFault) -> [UInt64] {
        guard count > 1 else { return count == 1 ? [try reader.varint()] : [] }
        let byte = try reader.byte()
        switch Mode(rawValue: byte) {
        case .plain: return try readPlain(count, from: &reader)
        case .constant: return Array(repeating: try reader.varint(), count: count)
        case .runs: return try readRuns(count, from: &reader)
        case .differences:
            var values = try readPlain(count, from: &reader)
            for index in values.indices.dropFirst() {
                let difference = UInt64(bitPattern: values[index].unzigzag)
                values[index] = values[index - 1] &+ difference
            }
            return values
        case nil: throw reader.fault("column mode \(byte) is unknown")
        }
    }

    private static func readPlain(
        _ count: Int, from reader: inout BodyReader
    ) throws(BodyFault) -> [UInt64] {
        guard count <= reader.remaining else {
            throw reader.fault("a column of \(count) integers in \(reader.remaining) bytes")
        }
        var values: [UInt64] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try reader.varint()) }
        return values
    }

    private static func readRuns(
        _ count: Int, from reader: inout BodyReader
    ) throws(BodyFault) -> [UInt64] {
        var values: [UInt64] = []
        while values.count < count {
            let value = try reader.varint()
            let length = try reader.varint()
            guard length > 0, length <= UInt64(count - values.count) else {
                throw reader.fault("a run of \(length) where \(count - values.count) are left")
            }
            values += Array(repeating: value, count: Int(length))
        }
        return values
    }
}

extension UInt64 {
    /// How many bytes the value takes as a varint.
    var varintBytes: Int { self == 0 ? 1 : (70 - leadingZeroBitCount) / 7 }
}
