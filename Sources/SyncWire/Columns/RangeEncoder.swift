/// Turns choices, each with the probability that a model gives it, into about as many bits as they
/// are worth.
///
/// A choice with probability p costs −log₂ p bits, however little that is. Both ends keep the same
/// models and teach them the same choices, so nothing about them is sent.
///
/// Source: G. N. N. Martin, "Range encoding: an algorithm for removing redundancy from a digitised
/// message" (1979); carries are settled as in I. Pavlov's LZMA. Differences: no leading byte, and
/// zeros at the end are left out.
package struct RangeEncoder {
    private var low: UInt64 = 0
    private var range: UInt32 = .max
    /// The last byte that a carry may still change; nothing before the first.
    private var held: UInt8?
    /// How many bytes of 255 follow it.
    private var heldOnes = 0
    private var out: [UInt8] = []

    /// Nothing has been written.
    package init() {}

    /// Writes a choice, and teaches the model.
    package mutating func encode(_ bit: Bool, _ model: inout AdaptiveBit) {
        let bound = (range >> 16) * UInt32(model.zeros)
        if bit {
            low += UInt64(bound)
            range -= bound
        } else {
            range = bound
        }
        model.learn(bit)
        normalize()
    }

    /// Writes the lowest bits of a value as they are, at most 64 of them.
    package mutating func encode(_ value: UInt64, bits: Int) {
        var left = bits
        while left > 0 {
            let step = min(left, 16)
            left -= step
            range >>= UInt32(step)
            low += UInt64(range) * (value >> UInt64(left) & (1 << UInt64(step) - 1))
            normalize()
        }
    }

    /// Writes one of so many values that are all as probable.
    ///
    /// - Precondition: `value < count`.
    package mutating func encode(_ value: UInt64, of count: UInt64) {
        guard count > 1 else { return }
        let bits = 64 - (count - 1).leadingZeroBitCount
        guard bits <= 16 else {
            // The lower part as it is; the upper one is nearly as probable everywhere.
            encode(value >> UInt64(bits - 16), of: (count - 1) >> UInt64(bits - 16) + 1)
            encode(value, bits: bits - 16)
            return
        }
        range /= UInt32(count)
        low += UInt64(range) * value
        normalize()
    }

    /// What has been written; a decoder reads zeros behind it.
    package mutating func finish() -> [UInt8] {
        // Of all numbers that are left, one that ends in as many zeros as there can be.
        for zeros in stride(from: UInt64(31), through: 0, by: -1) {
            let rounded = (low + (1 << zeros - 1)) & ~(1 << zeros - 1)
            guard rounded < low + UInt64(range) else { continue }
            low = rounded
            break
        }
        for _ in 0..<5 { shift() }
        while out.last == 0 { out.removeLast() }
        return out
    }

    private mutating func normalize() {
        while range < 1 << 24 {
            range <<= 8
            shift()
        }
    }

    private mutating func shift() {
        if low < 0xff00_0000 || low > 0xffff_ffff {
            let carry = UInt8(truncatingIfNeeded: low >> 32)
            if let held { out.append(held &+ carry) }
            for _ in 0..<heldOnes { out.append(0xff &+ carry) }
            heldOnes = 0
            held = UInt8(truncatingIfNeeded: low >> 24)
        } else {
            heldOnes += 1
        }
        low = (low & 0x00ff_ffff) << 8
    }
}
