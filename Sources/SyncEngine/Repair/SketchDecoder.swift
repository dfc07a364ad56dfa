/// Finds in what two sets differ, from one's items and the other's symbols.
///
/// A symbol of the difference that stands for one item gives it away; taken out of all symbols that
/// it is part of, it leaves others that stand for one item. See ``SketchEncoder`` for the source.
///
/// The symbols may be made up. Whatever they are, nothing traps, and the work is bounded: an item
/// is found once at most, at most ``SketchLimits/differencesMax`` are, and each costs one walk over
/// the symbols. What is found fits the own set: ``onlyOurs`` are items of it, ``onlyTheirs`` are
/// not. That the peer has the latter is its word alone.
public struct SketchDecoder: Sendable {
    /// A difference that has been found, and the next symbol that it is part of.
    private struct Difference {
        let item: SketchItem
        let isTheirs: Bool
        var walk: SymbolWalk
    }

    private var own: SketchEncoder
    /// What the peer's symbols come to without the own items and the differences found so far.
    private var remainders: [CodedSymbol] = []
    /// How many of them are not empty.
    private var openCount = 0
    /// The indexes of those that may stand for one item.
    private var candidates: [Int] = []
    private var differences: [Difference] = []
    private var found: Set<UInt64> = []
    /// Why there will be no result.
    public private(set) var failure: SketchFailure?

    /// Begins to search; the limits are the peer's as well.
    ///
    /// - Parameters:
    ///   - ownItems: The own set; an item that is there several times counts once.
    ///   - key: The number that the peer's symbols were made with.
    ///   - limits: When to give up.
    public init(ownItems: [UInt64], key: UInt64, limits: SketchLimits = SketchLimits()) {
        own = SketchEncoder(items: ownItems, key: key, limits: limits)
    }

    /// How many symbols have been taken in.
    public var received: Int { remainders.count }

    /// Whether ``onlyTheirs`` and ``onlyOurs`` are the whole difference of the two sets.
    public var isDecoded: Bool { failure == nil && openCount == 0 && !remainders.isEmpty }

    /// What only the peer's set has, in ascending order; a part of it until it is decoded.
    public var onlyTheirs: [UInt64] {
        differences.filter(\.isTheirs).map(\.item.value).sorted()
    }

    /// What only the own set has, in ascending order; a part of it until it is decoded.
    public var onlyOurs: [UInt64] {
        differences.filter { !$0.isTheirs }.map(\.item.value).sorted()
    }

    /// Takes in the peer's next symbols.
    ///
    /// They are ignored once it is decoded or has failed. A batch costs a pass over the own items,
    /// and as many steps as the differences found so far are part of its symbols.
    public mutating func add(_ symbols: [CodedSymbol]) {
        guard failure == nil, !isDecoded, !symbols.isEmpty else { return }
        let start = remainders.count
        guard symbols.count <= own.limits.symbolsMax - start else {
            failure = .tooLarge
            return
        }
        let owned = own.symbols(upTo: start + symbols.count)
        for (theirs, ours) in zip(symbols, owned) { remainders.append(theirs.subtracting(ours)) }
        openCount += remainders[start...].count { !$0.isEmpty }
        for place in differences.indices { settle(place) }
        candidates = Array(start..<remainders.count)
        while failure == nil, let index = candidates.popLast() { examine(index) }
        candidates = []
    }

    /// Finds the difference that a symbol stands for, if it is one.
    private mutating func examine(_ index: Int) {
        let remainder = remainders[index]
        guard let item = remainder.single(own.key) else { return }
        let isTheirs = remainder.count > 0
        guard own.contains(item.value) != isTheirs, found.insert(item.value).inserted else {
            failure = .contradictory
            return
        }
        guard differences.count < own.limits.differencesMax else {
            failure = .tooLarge
            return
        }
        differences.append(
            Difference(item: item, isTheirs: isTheirs, walk: SymbolWalk(of: item)))
        settle(differences.count - 1)
        // An item that is not part of the symbol it stood in was put there.
        if !remainders[index].isEmpty { failure = .contradictory }
    }

    /// Takes a difference out of the symbols that it is part of and has not been taken out of yet.
    private mutating func settle(_ place: Int) {
        let item = differences[place].item
        let symbol = item.symbol(count: differences[place].isTheirs ? 1 : -1)
        while differences[place].walk.index < remainders.count {
            let index = differences[place].walk.index
            let before = remainders[index]
            let after = before.subtracting(symbol)
            remainders[index] = after
            openCount += (after.isEmpty ? 0 : 1) - (before.isEmpty ? 0 : 1)
            if after.count == 1 || after.count == -1 { candidates.append(index) }
            differences[place].walk.advance()
        }
    }
}
