extension Share {
    /// 50 %, 75 % and 90 %.
    public static let alertThresholds: [Share] = [5_000, 7_500, 9_000].compactMap(
        Share.init(basisPoints:))

    /// Which parts of a total a rising amount has passed, ascending.
    ///
    /// A part is passed when the amount reaches it. Of nothing no part is ever passed.
    public static func crossed(
        of total: ByteCount, from before: ByteCount, to after: ByteCount, _ thresholds: [Share]
    ) -> [Share] {
        guard total > .zero else { return [] }
        return thresholds.sorted().filter { share in
            before.isBelow(share, of: total) && !after.isBelow(share, of: total)
        }
    }
}

extension ByteCount {
    /// Whether the count is less than a part of a total; exact, without rounding.
    fileprivate func isBelow(_ share: Share, of total: ByteCount) -> Bool {
        let own = bytes.multipliedFullWidth(by: UInt64(Share.wholeBasisPoints))
        let part = total.bytes.multipliedFullWidth(by: UInt64(share.basisPoints))
        return (own.high, own.low) < (part.high, part.low)
    }
}
