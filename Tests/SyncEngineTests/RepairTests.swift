import SyncEngine
import SyncTestKit
import Testing

/// Two sets that differ, and the search for where.
@Suite struct RepairTests {
    @Test(arguments: [0, 1, 2, 5, 10, 100, 1_000])
    func theDifferenceIsFoundWhateverTheSizeOfTheSets(differences: Int) {
        for seed in Seed.first(8) {
            for common in [0, 1, 500, 10_000 - differences] {
                let pair = SetPair(common: common, differences: differences, seed: seed)
                let decoder = pair.decodedInBatches()
                #expect(decoder.isDecoded, "\(seed), \(common) in common")
                #expect(decoder.onlyTheirs == pair.onlyTheirs.sorted(), "\(seed)")
                #expect(decoder.onlyOurs == pair.onlyOurs.sorted(), "\(seed)")
            }
        }
    }

    /// The figures that are published for the authors' implementation.
    @Test(arguments: [
        (1, 1.00, 500), (2, 1.58, 20_000), (5, 1.79, 8_000), (10, 1.71, 4_000), (100, 1.46, 300),
        (1_000, 1.37, 12),
    ])
    func symbolsPerDifferenceAreThoseOfThePaper(
        differences: Int, published: Double, runs: UInt64
    ) {
        var needed = 0
        for seed in Seed.first(runs) {
            let pair = SetPair(common: 0, differences: differences, seed: seed)
            needed += pair.symbolsNeeded()
        }
        let seeds = Seed.first(runs).count
        let mean = Double(needed) / Double(seeds * differences)
        #expect(abs(mean - published) < 0.03, "\(mean) for each of \(differences)")
    }

    @Test func sixteenSymbolsAreEnoughForThreeDifferencesInNinetyNineOfAHundredCases() {
        let seeds = Seed.first(5_000)
        let decoded = seeds.count { seed in
            let pair = SetPair(common: 20, differences: 3, seed: seed)
            return pair.decoder(after: 16).isDecoded
        }
        let share = Double(decoded) / Double(seeds.count)
        #expect(share > 0.985 && share < 0.9999, "\(share)")
    }

    @Test func equalSetsNeedOneSymbolAndNothingIsKnownWithoutOne() {
        let pair = SetPair(common: 100, differences: 0, seed: Seed(1))
        var decoder = SketchDecoder(ownItems: pair.ours, key: pair.key)
        #expect(!decoder.isDecoded)
        decoder.add([])
        #expect(!decoder.isDecoded)
        var encoder = SketchEncoder(items: pair.theirs, key: pair.key)
        decoder.add(encoder.symbols(upTo: 1))
        #expect(decoder.isDecoded)
        let noSet = SketchDecoder(ownItems: [], key: 1)
        #expect(!noSet.isDecoded)
    }

    @Test func anItemThatIsThereTwiceCountsOnce() {
        var once = SketchEncoder(items: [7, 9, 0], key: 3)
        var twice = SketchEncoder(items: [9, 0, 7, 9, 0], key: 3)
        #expect(once.symbols(upTo: 50) == twice.symbols(upTo: 50))
    }

    @Test func batchesOfAnySizeGiveTheSameSymbols() {
        let items = SetPair(common: 300, differences: 0, seed: Seed(5)).ours
        var whole = SketchEncoder(items: items, key: 11)
        var parts = SketchEncoder(items: items, key: 11)
        var random = Seed(6).generator
        var symbols: [CodedSymbol] = []
        while parts.produced < 400 {
            symbols += parts.symbols(upTo: min(400, parts.produced + Int(random.next() % 9)))
        }
        #expect(symbols == whole.symbols(upTo: 400))
        #expect(parts.symbols(upTo: 400).isEmpty && parts.symbols(upTo: -1).isEmpty)
    }

    @Test func underAnotherKeyThereIsNoResult() {
        let pair = SetPair(common: 50, differences: 5, seed: Seed(2))
        var encoder = SketchEncoder(items: pair.theirs, key: pair.key)
        var decoder = SketchDecoder(ownItems: pair.ours, key: pair.key ^ 1)
        decoder.add(encoder.symbols(upTo: 1_000))
        #expect(!decoder.isDecoded)
    }

    /// Computed by a program in another language, from the description alone.
    @Test(
        arguments: [
            (0, 0, 0xe849_e8bb_6ffe_2567, [0, 1, 4, 5, 8, 15, 20, 69, 181, 234, 252, 454]),
            (0, 1, 0x8004_c5a6_9410_5f5e, [0, 4, 5, 7, 25, 43, 108, 185, 312, 391, 463, 488]),
            (
                0, 0xdead_beef_cafe_f00d, 0xac36_264d_d7e1_d97e,
                [0, 1, 4, 10, 64, 96, 270, 596, 1_239, 3_279, 3_669, 15_027]
            ),
            (
                0x0706_0504_0302_0100, 0, 0x02f4_c034_ec7d_04fa,
                [0, 1, 2, 4, 7, 9, 184, 212, 1_253, 1_367, 16_222, 18_723]
            ),
            (
                0x0706_0504_0302_0100, 1, 0x9467_5481_14ca_a8c6,
                [0, 1, 2, 3, 4, 5, 6, 13, 24, 29, 38, 42]
            ),
        ] as [(UInt64, UInt64, UInt64, [Int])])
    func anItemIsPartOfTheSameSymbolsInEveryLanguage(
        key: UInt64, item: UInt64, check: UInt64, indexes: [Int]
    ) {
        var encoder = SketchEncoder(items: [item], key: key)
        let symbols = encoder.symbols(upTo: (indexes.last ?? 0) + 1)
        #expect(symbols.indices.filter { symbols[$0].count == 1 } == indexes)
        #expect(symbols.first == CodedSymbol(sum: item, check: check, count: 1))
    }

    @Test func theSymbolsOfASetAreTheSameInEveryLanguage() {
        var encoder = SketchEncoder(items: [1, 2, 3, 4, 5], key: 42)
        #expect(
            encoder.symbols(upTo: 6) == [
                CodedSymbol(sum: 1, check: 0x1269_1696_090c_10d8, count: 5),
                CodedSymbol(sum: 4, check: 0xb1d5_071f_efc8_cac0, count: 2),
                CodedSymbol(sum: 6, check: 0xb4a0_704f_cf03_a105, count: 3),
                CodedSymbol(sum: 5, check: 0xca49_fb05_2156_7e56, count: 1),
                CodedSymbol(sum: 0, check: 0xa01b_0af5_4822_3fc4, count: 3),
                CodedSymbol(sum: 3, check: 0xdef2_81bf_a677_e097, count: 1),
            ])
    }
}

/// Two sets of random items.
struct SetPair {
    let key: UInt64
    let theirs: [UInt64]
    let ours: [UInt64]
    let onlyTheirs: [UInt64]
    let onlyOurs: [UInt64]

    init(common: Int, differences: Int, seed: Seed) {
        var random = seed.generator
        key = random.next()
        let shared = (0..<common).map { _ in random.next() }
        var mine: [UInt64] = []
        var other: [UInt64] = []
        for _ in 0..<differences {
            if random.chance(50) { mine.append(random.next()) } else { other.append(random.next()) }
        }
        onlyOurs = mine
        onlyTheirs = other
        theirs = shared + other
        ours = mine + shared
    }

    /// What becomes of so many symbols in one batch.
    func decoder(after count: Int) -> SketchDecoder {
        var encoder = SketchEncoder(items: theirs, key: key)
        var decoder = SketchDecoder(ownItems: ours, key: key)
        decoder.add(encoder.symbols(upTo: count))
        return decoder
    }

    /// What becomes of batches that double, until the difference is found.
    func decodedInBatches() -> SketchDecoder {
        var encoder = SketchEncoder(items: theirs, key: key)
        var decoder = SketchDecoder(ownItems: ours, key: key)
        var count = 16
        while !decoder.isDecoded, decoder.failure == nil {
            decoder.add(encoder.symbols(upTo: count))
            count *= 2
        }
        return decoder
    }

    /// After how many symbols the difference is found.
    func symbolsNeeded() -> Int {
        var encoder = SketchEncoder(items: theirs, key: key)
        var decoder = SketchDecoder(ownItems: ours, key: key)
        while !decoder.isDecoded, decoder.failure == nil {
            decoder.add(encoder.symbols(upTo: encoder.produced + 1))
        }
        return decoder.received
    }
}
