extension Share {
    /// Shares that do not make a whole.
    public struct SplitError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What the shares add up to, in basis points.
        public let basisPoints: Int

        /// The reason, one line.
        public var description: String {
            let (percent, hundredths) = basisPoints.quotientAndRemainder(dividingBy: 100)
            let decimals = hundredths == 0 ? "" : ".\(hundredths / 10)\(hundredths % 10)"
            return "the shares add up to \(percent)\(decimals)%, not to 100%"
        }
    }

    /// Throws unless the shares add up to exactly 100 %.
    package static func checkWhole(_ shares: [Share]) throws(SplitError) {
        let sum = shares.reduce(0) { $0 + $1.basisPoints }
        guard sum == wholeBasisPoints else { throw SplitError(basisPoints: sum) }
    }

    /// Splits a total by shares so that the parts add up to it exactly.
    ///
    /// Largest remainder: every part is first rounded down, then the bytes left over go one each
    /// to the parts that lost most by it; where two lost the same, to the earlier one. The parts
    /// stand in the order of `shares`, and each is within one byte of its exact share.
    ///
    /// - Throws: `SplitError` where the shares do not add up to 100 %.
    /// - Complexity: O(n log n) in the number of shares.
    public static func split<Key>(
        total: ByteCount, shares: [(key: Key, share: Share)]
    ) throws(SplitError) -> [(key: Key, bytes: ByteCount)] {
        try checkWhole(shares.map(\.share))
        var parts: [UInt64] = []
        var remainders: [UInt64] = []
        for (_, share) in shares {
            // 128 bits wide: the product of a total and a share may not fit in 64.
            let product = total.bytes.multipliedFullWidth(by: UInt64(share.basisPoints))
            let (part, remainder) = UInt64(wholeBasisPoints).dividingFullWidth(product)
            parts.append(part)
            remainders.append(remainder)
        }
        let left = total.bytes - parts.reduce(0, +)
        let byLoss = parts.indices.sorted { a, b in
            remainders[a] == remainders[b] ? a < b : remainders[a] > remainders[b]
        }
        for index in byLoss.prefix(Int(left)) { parts[index] += 1 }
        return zip(shares, parts).map { ($0.key, ByteCount($1)) }
    }
}
