/// Sketches a set of 64-bit items: a stream of symbols without end, of which a peer with a similar
/// set needs about as many as there are differences, whatever the size of the sets.
///
/// Nobody has to know beforehand how many differences there are: the peer takes symbols until
/// ``SketchDecoder/isDecoded``. It needs 1.0 for one difference, up to 1.8 for each of a few, and
/// 1.35 for each of many.
///
/// Source: L. Yang, Y. Gilad, M. Alizadeh, "Practical Rateless Set Reconciliation" (SIGCOMM 2024).
/// What is different here:
/// - One keyed hash of an item, under a key that both sides agree on, is its check and where its
///   walk begins; the walk draws from SplitMix64, with operations that every language rounds alike.
/// - Symbols come in batches. A batch costs a pass over the items, where the authors keep a heap.
/// - Symbols may be of someone who means harm: see ``SketchDecoder``.
public struct SketchEncoder: Sendable {
    /// An item, and the next symbol that it is part of.
    private struct Entry {
        let item: SketchItem
        var walk: SymbolWalk
    }

    private var entries: [Entry]
    /// How many symbols have been made.
    public private(set) var produced = 0
    let key: UInt64
    let limits: SketchLimits

    /// Takes note of a set.
    ///
    /// Takes 40 bytes for each item, and time to sort them.
    ///
    /// - Parameters:
    ///   - items: The set; an item that is there several times counts once.
    ///   - key: Any number, the same on both sides. Whoever knows it beforehand can make up items
    ///     that are never told apart.
    ///   - limits: How many symbols there can be.
    public init(items: [UInt64], key: UInt64, limits: SketchLimits = SketchLimits()) {
        self.key = key
        self.limits = limits
        entries = []
        entries.reserveCapacity(items.count)
        for value in items.sorted() where entries.last?.item.value != value {
            let item = SketchItem(value, key: key)
            entries.append(Entry(item: item, walk: SymbolWalk(of: item)))
        }
    }

    /// The symbols from ``produced`` on, until there have been `count` in all.
    ///
    /// Looks at every item once, so symbols are best asked for in batches that double. There are
    /// never more in all than ``SketchLimits/symbolsMax``: nothing comes when those are spent.
    public mutating func symbols(upTo count: Int) -> [CodedSymbol] {
        let end = min(count, limits.symbolsMax)
        guard end > produced else { return [] }
        var made = [CodedSymbol](repeating: .empty, count: end - produced)
        for place in entries.indices {
            while entries[place].walk.index < end {
                let offset = entries[place].walk.index - produced
                made[offset] = made[offset].adding(entries[place].item)
                entries[place].walk.advance()
            }
        }
        produced = end
        return made
    }

    /// Whether an item is in the set; takes the logarithm of its size.
    func contains(_ value: UInt64) -> Bool {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].item.value < value { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].item.value == value
    }
}
