/// SipHash-2-4 under a published key: the same result on every device, in every process.
///
/// Used where a name or a digest has to be equal everywhere. It is not a defence against someone
/// who searches for collisions on purpose, because the key is public.
///
/// Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF" (2012); the 128-bit
/// variant follows the authors' reference implementation.
public enum StableHash {
    /// The 64-bit hash of `bytes` under the all-zero key.
    ///
    /// Linear in the number of bytes.
    public static func hash64(_ bytes: [UInt8]) -> UInt64 {
        hash64(bytes, key: (0, 0))
    }

    /// The 128-bit hash of `bytes` under the all-zero key, as two halves.
    public static func hash128(_ bytes: [UInt8]) -> (UInt64, UInt64) {
        hash128(bytes, key: (0, 0))
    }

    package static func hash64(_ bytes: [UInt8], key: (UInt64, UInt64)) -> UInt64 {
        var state = State(key: key)
        state.absorb(bytes)
        state.v2 ^= 0xff
        return state.squeezed()
    }

    /// The 64-bit hash of the eight bytes of `word` in little-endian order, without an array.
    package static func hash64(word: UInt64, key: (UInt64, UInt64)) -> UInt64 {
        var state = State(key: key)
        state.absorb(word: word)
        state.absorb(word: 8 << 56)
        state.v2 ^= 0xff
        return state.squeezed()
    }

    package static func hash128(_ bytes: [UInt8], key: (UInt64, UInt64)) -> (UInt64, UInt64) {
        var state = State(key: key)
        state.v1 ^= 0xee
        state.absorb(bytes)
        state.v2 ^= 0xee
        let first = state.squeezed()
        state.v1 ^= 0xdd
        return (first, state.squeezed())
    }

    private struct State {
        var v0: UInt64
        var v1: UInt64
        var v2: UInt64
        var v3: UInt64

        init(key: (UInt64, UInt64)) {
            v0 = 0x736f_6d65_7073_6575 ^ key.0
            v1 = 0x646f_7261_6e64_6f6d ^ key.1
            v2 = 0x6c79_6765_6e65_7261 ^ key.0
            v3 = 0x7465_6462_7974_6573 ^ key.1
        }

        mutating func round() {
            v0 &+= v1
            v2 &+= v3
            v1 = v1.rotated(by: 13) ^ v0
            v3 = v3.rotated(by: 16) ^ v2
            v0 = v0.rotated(by: 32)
            v2 &+= v1
            v0 &+= v3
            v1 = v1.rotated(by: 17) ^ v2
            v3 = v3.rotated(by: 21) ^ v0
            v2 = v2.rotated(by: 32)
        }

        mutating func absorb(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { buffer in
                let whole = buffer.count & ~7
                for offset in stride(from: 0, to: whole, by: 8) {
                    absorb(
                        word: UInt64(
                            littleEndian: buffer.loadUnaligned(
                                fromByteOffset: offset, as: UInt64.self)))
                }
                // The last word carries what is left over and, in its top byte, the length.
                var last = UInt64(truncatingIfNeeded: buffer.count) << 56
                for offset in whole..<buffer.count {
                    last |= UInt64(buffer[offset]) << (8 * UInt64(offset - whole))
                }
                absorb(word: last)
            }
        }

        mutating func absorb(word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func squeezed() -> UInt64 {
            for _ in 0..<4 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }
    }
}

extension UInt64 {
    fileprivate func rotated(by bits: UInt64) -> UInt64 {
        self << bits | self >> (64 - bits)
    }
}
