/// Reads what a ``RangeEncoder`` wrote, with the same models.
///
/// Any bytes are the code of something, so nothing here can fail; what comes out is checked where
/// it is used. Behind the end there are zeros.
package struct RangeDecoder {
    private let bytes: [UInt8]
    private var offset = 0
    private var code: UInt32 = 0
    private var range: UInt32 = .max

    /// Begins to read.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        for _ in 0..<4 { code = code << 8 | UInt32(next()) }
    }

    /// Reads a choice, and teaches the model.
    package mutating func bit(_ model: inout AdaptiveBit) -> Bool {
        let bound = (range >> 16) * UInt32(model.zeros)
        let bit = code >= bound
        if bit {
            code -= bound
            range -= bound
        } else {
            range = bound
        }
        model.learn(bit)
        normalize()
        return bit
    }

    /// Reads bits as they are, at most 64 of them.
    package mutating func bits(_ count: Int) -> UInt64 {
        var value: UInt64 = 0
        var left = count
        while left > 0 {
            let step = min(left, 16)
            left -= step
            range >>= UInt32(step)
            // Bytes that no encoder wrote may lie beyond the last of the values.
            let part = min(code / range, 1 << UInt32(step) - 1)
            code -= part * range
            value = value << UInt64(step) | UInt64(part)
            normalize()
        }
        return value
    }

    /// Reads one of so many values that are all as probable; of what no encoder wrote, also one
    /// beyond them.
    package mutating func value(of count: UInt64) -> UInt64 {
        guard count > 1 else { return 0 }
        let bits = 64 - (count - 1).leadingZeroBitCount
        guard bits <= 16 else {
            let upper = value(of: (count - 1) >> UInt64(bits - 16) + 1)
            return upper << UInt64(bits - 16) | self.bits(bits - 16)
        }
        range /= UInt32(count)
        let value = min(code / range, UInt32(count) - 1)
        code -= value * range
        normalize()
        return UInt64(value)
    }

    private mutating func normalize() {
        while range < 1 << 24 {
            range <<= 8
            code = code << 8 | UInt32(next())
        }
    }

    private mutating func next() -> UInt8 {
        defer { offset += 1 }
        return offset < bytes.count ? bytes[offset] : 0
    }
}
