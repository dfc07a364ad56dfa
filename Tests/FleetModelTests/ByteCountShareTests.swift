import FleetModel
import Testing

@Suite struct ShareTests {
    @Test(arguments: [
        ("40%", 4000), ("12.5%", 1250), ("0.01%", 1), ("0%", 0), ("100%", 10_000), ("7.05 %", 705),
    ])
    func aPercentageIsReadInBasisPoints(text: String, basisPoints: Int) throws {
        let share = try Share(parsing: text)
        #expect(share.basisPoints == basisPoints)
        #expect(try Share(parsing: share.description) == share)
    }

    @Test(arguments: [
        ("40", "'40' is not a percentage such as 40%"),
        ("100.01%", "'100.01%' is more than 100%"),
        ("-1%", "'-1%' is not a percentage of at most two decimals such as 12.5%"),
        ("+1%", "'+1%' is not a percentage of at most two decimals such as 12.5%"),
        ("1.234%", "'1.234%' is not a percentage of at most two decimals such as 12.5%"),
        ("1.%", "'1.%' is not a percentage of at most two decimals such as 12.5%"),
        ("%", "'%' is not a percentage of at most two decimals such as 12.5%"),
        ("99999999%", "'99999999%' is not a percentage of at most two decimals such as 12.5%"),
    ])
    func whatIsNoPercentageIsRefusedWithAReason(text: String, reason: String) {
        let error = #expect(throws: Share.ParseError.self) { try Share(parsing: text) }
        #expect(error?.description == reason)
    }

    @Test func anOddTotalIsSplitWithoutAByteLostOrMade() throws {
        let shares = try [("phone", "40%"), ("laptop", "35%"), ("tablet", "15%"), ("watch", "10%")]
            .map { (key: $0.0, share: try Share(parsing: $0.1)) }
        let parts = try Share.split(total: ByteCount(20_000_000_007), shares: shares)
        #expect(parts.map(\.key) == ["phone", "laptop", "tablet", "watch"])
        #expect(
            parts.map(\.bytes.bytes) == [
                8_000_000_003, 7_000_000_002, 3_000_000_001, 2_000_000_001,
            ])
    }

    @Test func equalRemaindersGoToTheEarlierDevice() throws {
        let half = try #require(Share(basisPoints: 5000))
        let parts = try Share.split(total: ByteCount(1), shares: [("b", half), ("a", half)])
        #expect(parts.map(\.bytes.bytes) == [1, 0])
    }

    @Test func theLargestTotalDoesNotOverflow() throws {
        let whole = try #require(Share(basisPoints: 10_000))
        let none = try #require(Share(basisPoints: 0))
        let parts = try Share.split(total: ByteCount(.max), shares: [("a", whole), ("b", none)])
        #expect(parts.map(\.bytes) == [ByteCount(.max), .zero])
    }

    @Test(arguments: [
        ([4000, 3500], "the shares add up to 75%, not to 100%"),
        ([6000, 4001], "the shares add up to 100.01%, not to 100%"),
        ([], "the shares add up to 0%, not to 100%"),
    ])
    func sharesThatAreNoWholeAreRefused(basisPoints: [Int], reason: String) throws {
        let shares = try basisPoints.map { (key: $0, share: try #require(Share(basisPoints: $0))) }
        let error = #expect(throws: Share.SplitError.self) {
            try Share.split(total: ByteCount(100), shares: shares)
        }
        #expect(error?.basisPoints == basisPoints.reduce(0, +))
        #expect(error?.description == reason)
    }

    @Test func everySplitAddsUpToItsTotalAndIsFairToOneByte() throws {
        for seed in 1...1000 as ClosedRange<UInt64> {
            var draws = Draws(state: seed)
            var left = 10_000
            var shares: [(key: Int, share: Share)] = []
            while left > 0 {
                let points = min(left, Int(draws.next(below: 3000)) + 1)
                shares.append((shares.count, try #require(Share(basisPoints: points))))
                left -= points
            }
            let total = ByteCount(draws.next(below: 1 << 47))
            let parts = try Share.split(total: total, shares: shares)
            #expect(parts.reduce(0) { $0 + $1.bytes.bytes } == total.bytes, "seed \(seed)")
            for (part, (_, share)) in zip(parts, shares) {
                let exact = Double(total.bytes) * Double(share.basisPoints) / 10_000
                #expect(abs(Double(part.bytes.bytes) - exact) <= 1.001, "seed \(seed)")
            }
        }
    }

    /// A small linear generator: the cases only have to differ.
    private struct Draws {
        var state: UInt64

        mutating func next(below bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 16) % bound
        }
    }
}
