package import ReplicaModel

/// A column of integers, written in the shortest of five ways.
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
        /// One byte for each value.
        case bytes = 4
    }

    /// Writes the column; of equally short ways the one with the lowest number.
    package static func write(_ values: [UInt64], to out: inout ByteWriter) {
        guard values.count > 1 else {
            for value in values { out.varint(value) }
            return
        }
        let mode = shortest(for: values)
        out.byte(mode.rawValue)
        switch mode {
        case .plain: for value in values { out.varint(value) }
        case .constant: out.varint(values[0])
        case .runs:
            forEachRun(of: values) {
                out.varint($0)
                out.varint($1)
            }
        case .differences:
            out.varint(values[0])
            for index in 1..<values.count {
                out.varint(Int64(bitPattern: values[index] &- values[index - 1]).zigzag)
            }
        case .bytes: for value in values { out.byte(UInt8(truncatingIfNeeded: value)) }
        }
    }

    private static func shortest(for values: [UInt64]) -> Mode {
        var plain = 0
        var differences = values[0].varintBytes
        var (isConstant, areBytes) = (true, true)
        for index in values.indices {
            let value = values[index]
            plain += value.varintBytes
            areBytes = areBytes && value <= 0xff
            guard index > 0 else { continue }
            isConstant = isConstant && value == values[0]
            differences += Int64(bitPattern: value &- values[index - 1]).zigzag.varintBytes
        }
        var runs = 0
        forEachRun(of: values) { runs += $0.varintBytes + $1.varintBytes }
        let candidates: [(Mode, Int)] = [
            (.plain, plain), (.constant, isConstant ? values[0].varintBytes : .max),
            (.runs, runs), (.differences, differences), (.bytes, areBytes ? values.count : .max),
        ]
        // The first of the shortest: `min(by:)` keeps the earlier of equal ones.
        return candidates.min { $0.1 < $1.1 }?.0 ?? .plain
    }

    private static func forEachRun(
        of values: [UInt64], _ body: (_ value: UInt64, _ length: UInt64) -> Void
    ) {
        var start = 0
        for index in 1...values.count where index == values.count || values[index] != values[start]
        {
            body(values[start], UInt64(index - start))
            start = index
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
        case .bytes: return try reader.raw(count).map(UInt64.init)
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
