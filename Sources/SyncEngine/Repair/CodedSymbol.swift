import CausalTime

/// One symbol of a sketch: what some of the items of a set come to together.
///
/// Which items those are follows from the items themselves and from the symbol's index. The
/// difference of two symbols of one index stands for the items that only one of the two sets has.
///
/// See ``SketchEncoder`` for the source.
public struct CodedSymbol: Hashable, Sendable {
    /// The items, by exclusive or.
    public let sum: UInt64
    /// The keyed hashes of the items, by exclusive or.
    public let check: UInt64
    /// How many items there are; in a difference, how many more of one set than of the other.
    public let count: Int64

    /// Makes a symbol of what a peer sent.
    public init(sum: UInt64, check: UInt64, count: Int64) {
        self.sum = sum
        self.check = check
        self.count = count
    }

    /// The symbol of no items.
    static let empty = CodedSymbol(sum: 0, check: 0, count: 0)

    var isEmpty: Bool { self == .empty }

    /// What is left of this symbol without the items of another.
    ///
    /// The count wraps around: a peer may have sent any.
    func subtracting(_ other: CodedSymbol) -> CodedSymbol {
        CodedSymbol(
            sum: sum ^ other.sum, check: check ^ other.check, count: count &- other.count)
    }

    func adding(_ item: SketchItem) -> CodedSymbol {
        CodedSymbol(sum: sum ^ item.value, check: check ^ item.check, count: count &+ 1)
    }

    /// The one item that the symbol stands for; nothing if it stands for none or for several.
    ///
    /// It is wrong about several once in 2⁶⁴ times, unless they were chosen by someone who knows
    /// the key.
    func single(_ key: UInt64) -> SketchItem? {
        guard count == 1 || count == -1 else { return nil }
        let item = SketchItem(sum, key: key)
        return item.check == check ? item : nil
    }
}

/// An item, and what follows from it under a key.
struct SketchItem: Sendable {
    /// The item itself.
    let value: UInt64
    /// SipHash-2-4 of the item's eight bytes in little-endian order; the key's eight bytes in
    /// little-endian order, then eight zeros, are the hash's key.
    let check: UInt64

    init(_ value: UInt64, key: UInt64) {
        self.value = value
        check = StableHash.hash64(word: value, key: (key, 0))
    }

    /// The item as a symbol of itself alone, as one that only the other set has, or only this one.
    func symbol(count: Int64) -> CodedSymbol {
        CodedSymbol(sum: value, check: check, count: count)
    }
}
