/// How probable the two outcomes of a choice are, as far as past ones tell.
package struct AdaptiveBit: Sendable {
    /// The probability of `false` in 65,536ths; never 0 or 65,536.
    private(set) var zeros: UInt16 = 1 << 15
    /// How many outcomes have been seen, up to ``countMax``.
    private var count: UInt8 = 0

    /// From here on an outcome weighs 1/64.
    private static let countMax: UInt8 = 62

    /// Both outcomes are as probable.
    package init() {}

    /// `true` is expected once in so many times, which is about as sure as one outcome seen.
    init(trueOnceIn times: UInt16) {
        zeros = UInt16.max - UInt16.max / times
        count = 1
    }

    /// Takes an outcome into account: the first by half, later ones ever less.
    mutating func learn(_ bit: Bool) {
        // The n-th outcome weighs 1/2^⌊log₂(n + 2)⌋, about what Krichevsky and Trofimov give it.
        let rate = UInt16(7 - (count + 2).leadingZeroBitCount)
        if bit {
            zeros -= zeros >> rate
        } else {
            zeros += (UInt16.max - zeros) >> rate
        }
        if count < Self.countMax { count += 1 }
    }
}

/// What integers of one kind tend to be.
///
/// First whether it is 0, then how many bits it has, then the three bits after the highest; the
/// rest is taken as it comes. So small numbers are known one by one, great ones by their size.
package struct IntegerModel: Sendable {
    private var nodes: [AdaptiveBit] = []

    private static let sizeNodes = 64
    private static let highBits = 3

    /// Nothing is known.
    package init() {}

    /// Whether nothing has been learned.
    var isFresh: Bool { nodes.isEmpty }

    /// Writes an integer, and learns from it.
    package mutating func encode(_ value: UInt64, to out: inout RangeEncoder) {
        prepare()
        out.encode(value != 0, &nodes[0])
        guard value != 0 else { return }
        let size = 64 - value.leadingZeroBitCount
        var node = 1
        for shift in stride(from: 5, through: 0, by: -1) {
            let bit = (size - 1) >> shift & 1
            out.encode(bit != 0, &nodes[node])
            node = node << 1 | bit
        }
        var left = size - 1
        let base = Self.sizeNodes + (size - 1) << Self.highBits
        node = 1
        while left > 0, node < 1 << Self.highBits {
            left -= 1
            let bit = Int(value >> UInt64(left) & 1)
            out.encode(bit != 0, &nodes[base + node])
            node = node << 1 | bit
        }
        out.encode(value, bits: left)
    }

    /// Reads what ``encode(_:to:)`` wrote, and learns from it; any bytes are some integer.
    package mutating func decode(from reader: inout RangeDecoder) -> UInt64 {
        prepare()
        guard reader.bit(&nodes[0]) else { return 0 }
        var node = 1
        for _ in 0..<6 { node = node << 1 | (reader.bit(&nodes[node]) ? 1 : 0) }
        let size = node - Self.sizeNodes + 1
        var value: UInt64 = 1
        var left = size - 1
        let base = Self.sizeNodes + (size - 1) << Self.highBits
        node = 1
        while left > 0, node < 1 << Self.highBits {
            left -= 1
            let bit = reader.bit(&nodes[base + node])
            node = node << 1 | (bit ? 1 : 0)
            value = value << 1 | (bit ? 1 : 0)
        }
        return left > 0 ? value << UInt64(left) | reader.bits(left) : value
    }

    /// Most models of a segment are never used, and cost nothing then.
    private mutating func prepare() {
        guard nodes.isEmpty else { return }
        nodes = Array(
            repeating: AdaptiveBit(), count: Self.sizeNodes + 64 << Self.highBits)
        // Before anything is known, numbers of more than 32, 16 and 8 bits are not expected.
        nodes[1] = AdaptiveBit(trueOnceIn: 16)
        nodes[2] = AdaptiveBit(trueOnceIn: 8)
        nodes[4] = AdaptiveBit(trueOnceIn: 4)
    }
}
