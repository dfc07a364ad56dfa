/// The indexes of the symbols that one item is part of, in ascending order and without end.
///
/// Every item is part of symbol 0, and of symbol i with a probability of about 1/(1 + i/2). The
/// steps from one index to the next are drawn by inverting the distribution of their lengths, so a
/// walk over n symbols takes about 2 · ln n steps.
///
/// The arithmetic is exact in every language with IEEE 754 doubles: each operation is one that the
/// standard rounds correctly, and no product is followed by a sum, which could be fused.
struct SymbolWalk: Sendable {
    /// The index at which the walk is.
    private(set) var index = 0
    private var state: UInt64

    /// No walk goes beyond this: its next step would no longer be exact.
    static let indexMax = 1 << 24

    /// Begins at symbol 0.
    init(of item: SketchItem) { state = item.check }

    /// Goes to the next index, which is beyond ``indexMax`` if this one is beyond it.
    mutating func advance() {
        guard index <= Self.indexMax else { return }
        let share = nextShare()
        let step = (Double(index) + 1.5) * (1 / share.squareRoot() - 1)
        // A share of one, or so near to it that its root is one, would not step at all.
        index += max(1, Int(step.rounded(.up)))
    }

    /// A number above 0, and at most 1, of 53 random bits.
    ///
    /// SplitMix64, started from the item's hash: its state may be any number, also zero.
    private mutating func nextShare() -> Double {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        mixed ^= mixed >> 31
        return Double((mixed >> 11) + 1) / 0x1p53
    }
}
