import SyncEngine
import SyncTestKit
import Testing

/// Symbols that no honest peer sends end in a failure or in a search that goes on, and never in a
/// trap, in endless work, or in a result that is not one.
@Suite struct HostileSymbolTests {
    @Test func aDamagedSymbolNeverBecomesAResult() {
        for seed in Seed.first(60) {
            var random = seed.generator
            let pair = SetPair(common: 30, differences: 6, seed: seed)
            var encoder = SketchEncoder(items: pair.theirs, key: pair.key)
            var symbols = encoder.symbols(upTo: 40)
            let place = Int(random.next() % 40)
            symbols[place] = symbols[place].flipped(using: &random)
            var decoder = SketchDecoder(ownItems: pair.ours, key: pair.key)
            decoder.add(symbols)
            #expect(!decoder.isDecoded, "\(seed)")
        }
    }

    @Test func noiseIsNotAResult() {
        for seed in Seed.first(100) {
            var random = seed.generator
            let symbols = (0..<200).map { _ in
                CodedSymbol(
                    sum: random.next(), check: random.next(),
                    count: random.pick([0, 1, -1, .min, .max, Int64(bitPattern: random.next())]))
            }
            var decoder = SketchDecoder(ownItems: [1, 2, 3], key: 9)
            decoder.add(symbols)
            #expect(!decoder.isDecoded && decoder.onlyTheirs.isEmpty && decoder.onlyOurs.isEmpty)
        }
    }

    /// Correct items are put together in ways that no set comes to: some are there several times,
    /// negated, or in symbols of which they are no part.
    @Test func whateverIsMadeOfItemsARightResultOrNone() {
        var outcomes: [String: Int] = [:]
        for seed in Seed.first(2_000) {
            var forgery = Forgery(seed: seed)
            let symbols = forgery.symbols()
            let limits = SketchLimits(symbolsMax: 64, differencesMax: 6)
            var decoder = SketchDecoder(ownItems: forgery.ours, key: Forgery.key, limits: limits)
            decoder.add(Array(symbols.prefix(20)))
            decoder.add(Array(symbols.dropFirst(20)))
            let owned = Set(forgery.ours)
            let theirs = Set(decoder.onlyTheirs)
            #expect(owned.isSuperset(of: decoder.onlyOurs), "\(seed)")
            #expect(owned.isDisjoint(with: theirs), "\(seed)")
            #expect(theirs.count == decoder.onlyTheirs.count, "\(seed)")
            #expect(decoder.onlyOurs.count + decoder.onlyTheirs.count <= 6, "\(seed)")
            if decoder.isDecoded {
                // What was found is a set that has just these symbols.
                let items = owned.subtracting(decoder.onlyOurs).union(theirs)
                var encoder = SketchEncoder(items: Array(items), key: Forgery.key, limits: limits)
                #expect(
                    encoder.symbols(upTo: decoder.received)
                        == Array(symbols.prefix(decoder.received)), "\(seed)")
            }
            let outcome = decoder.failure.map { "\($0)" } ?? (decoder.isDecoded ? "done" : "open")
            outcomes[outcome, default: 0] += 1
        }
        #expect(outcomes.count == 4, "each of the outcomes came about: \(outcomes)")
    }

    @Test func anItemInSymbolsOfWhichItIsNoPartIsAContradiction() {
        var encoder = SketchEncoder(items: [77], key: 5)
        let single = encoder.symbols(upTo: 1)
        var decoder = SketchDecoder(ownItems: [], key: 5)
        decoder.add(Array(repeating: single[0], count: 30))
        #expect(decoder.failure == .contradictory && !decoder.isDecoded)
    }

    @Test func oneSuchSymbolAmongNoiseIsEnough() {
        var encoder = SketchEncoder(items: [77], key: 5)
        let symbols = encoder.symbols(upTo: 30).map { symbol in
            // Each one that the item is part of is noise, and one of the others gives it away.
            symbol.count == 1 ? CodedSymbol(sum: 1, check: 1, count: 9) : symbol
        }
        guard let stranger = symbols.firstIndex(where: { $0.count == 0 }) else { return }
        var forged = symbols
        var again = SketchEncoder(items: [77], key: 5)
        forged[stranger] = again.symbols(upTo: 1)[0]
        var decoder = SketchDecoder(ownItems: [], key: 5)
        decoder.add(forged)
        #expect(decoder.failure == .contradictory)
    }

    /// Taken out once too often, an item would come up again with the other sign, and so on.
    @Test func anItemThatComesUpAgainEndsTheSearch() {
        var encoder = SketchEncoder(items: [77], key: 5)
        var symbols = encoder.symbols(upTo: 30)
        guard let last = symbols.lastIndex(where: { $0.count == 1 }) else { return }
        symbols[last] = CodedSymbol(sum: 0, check: 0, count: 0)
        var decoder = SketchDecoder(ownItems: [], key: 5)
        decoder.add(symbols)
        #expect(decoder.failure == .contradictory && !decoder.isDecoded)
    }

    @Test func anItemIsNotFoundMissingThatIsNotHeldNorGivenThatIs() {
        var encoder = SketchEncoder(items: [77], key: 5)
        let negated = encoder.symbols(upTo: 30).map(\.negated)
        var decoder = SketchDecoder(ownItems: [], key: 5)
        decoder.add(negated)
        #expect(decoder.failure == .contradictory && decoder.onlyOurs.isEmpty)

        var holder = SketchDecoder(ownItems: [77], key: 5)
        var twice = SketchEncoder(items: [77], key: 5)
        holder.add(
            twice.symbols(upTo: 30).map { CodedSymbol(sum: 0, check: 0, count: $0.count * 2) })
        #expect(holder.failure == .contradictory && holder.onlyTheirs.isEmpty)
    }

    @Test func theSearchEndsAtItsLimits() {
        let pair = SetPair(common: 0, differences: 100, seed: Seed(3))
        var encoder = SketchEncoder(items: pair.theirs, key: pair.key)
        let symbols = encoder.symbols(upTo: 400)
        let few = SketchLimits(symbolsMax: 1_000, differencesMax: 99)
        var decoder = SketchDecoder(ownItems: pair.ours, key: pair.key, limits: few)
        decoder.add(symbols)
        #expect(decoder.failure == .tooLarge && !decoder.isDecoded)

        let short = SketchLimits(symbolsMax: 50, differencesMax: 1_000)
        var other = SketchDecoder(ownItems: pair.ours, key: pair.key, limits: short)
        other.add(Array(symbols.prefix(50)))
        #expect(other.failure == nil && !other.isDecoded)
        other.add(Array(symbols[50...50]))
        #expect(other.failure == .tooLarge && other.received == 50)

        var bounded = SketchEncoder(items: pair.theirs, key: pair.key, limits: short)
        #expect(bounded.symbols(upTo: .max).count == 50)
        #expect(bounded.symbols(upTo: .max).isEmpty)
    }

    @Test func whatComesAfterTheEndIsIgnored() {
        let pair = SetPair(common: 10, differences: 3, seed: Seed(4))
        var decoder = pair.decodedInBatches()
        let received = decoder.received
        decoder.add([CodedSymbol(sum: 1, check: 2, count: 3)])
        #expect(decoder.isDecoded && decoder.received == received)
    }
}

/// Symbols made of what items come to, but wrongly.
private struct Forgery {
    static let key: UInt64 = 0xfeed
    private static let length = 60

    private var random: SplitMix64
    let ours: [UInt64]

    init(seed: Seed) {
        var random = seed.generator
        ours = (0..<8).map { _ in random.next() % 24 }
        self.random = random
    }

    mutating func symbols() -> [CodedSymbol] {
        var encoder = SketchEncoder(items: ours, key: Self.key)
        var symbols = encoder.symbols(upTo: Self.length)
        for _ in 0..<random.next() % 30 {
            var one = SketchEncoder(items: [random.next() % 40], key: Self.key)
            let parts = one.symbols(upTo: Self.length)
            let isNegated = random.chance(40)
            for index in symbols.indices where parts[index].count != 0 {
                symbols[index].take(isNegated ? parts[index].negated : parts[index])
            }
            guard random.chance(3), let part = parts.first else { continue }
            symbols[Int(random.next() % UInt64(Self.length))].take(part)
        }
        return symbols
    }
}

extension CodedSymbol {
    fileprivate var negated: CodedSymbol { CodedSymbol(sum: sum, check: check, count: 0 &- count) }

    fileprivate mutating func take(_ other: CodedSymbol) {
        self = CodedSymbol(
            sum: sum ^ other.sum, check: check ^ other.check, count: count &+ other.count)
    }

    /// With one bit changed.
    fileprivate func flipped(using random: inout SplitMix64) -> CodedSymbol {
        let bit = UInt64(1) << (random.next() % 64)
        switch random.next() % 3 {
        case 0: return CodedSymbol(sum: sum ^ bit, check: check, count: count)
        case 1: return CodedSymbol(sum: sum, check: check ^ bit, count: count)
        default:
            return CodedSymbol(sum: sum, check: check, count: count ^ Int64(bitPattern: bit))
        }
    }
}
