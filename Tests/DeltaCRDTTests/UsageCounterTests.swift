import CausalTime
import DeltaCRDT
import SyncTestKit
import Testing

@Suite struct UsageCounterTests {
    @Test func mergingObeysTheLaws() throws {
        let states = sequences(of: [0, 1, 2] as [UInt64], count: 3).map { amounts in
            var counter = UsageCounter<Int>()
            counter.record(amounts[0], in: 1, by: .numbered(1))
            counter.record(amounts[1], in: 1, by: .numbered(2))
            counter.record(amounts[2], in: 2, by: .numbered(2))
            return counter
        }
        try checkMergeLaws(of: states)
    }

    /// All worlds of four measurements in one period, and of three in two.
    @Test(arguments: [(periods: [1], operations: 4), (periods: [1, 2], operations: 3)])
    func theTotalIsTheSumOfAllMeasurements(periods: [Int], operations: Int) throws {
        let model = Measurements<UsageCounter<Int>>(periods: periods)
        let worlds = try checkMeaning(of: model, operations: operations)
        #expect(worlds > 6_000)
    }

    /// Why laws are not enough: a total that merges by taking the larger one obeys all of them.
    @Test func aCounterThatKeepsTheLargerTotalObeysTheLawsAndLosesMeasurements() throws {
        try checkMergeLaws(
            of: sequences(of: [0, 1, 2] as [UInt64], count: 2).map {
                LossyCounter(totals: [1: $0[0], 2: $0[1]])
            })
        #expect(throws: OperationWorld<Measurements<LossyCounter>>.Misreading.self) {
            try checkMeaning(of: Measurements<LossyCounter>(periods: [1]), operations: 2)
        }
    }

    @Test func entriesThatArriveOneByOneInAnyOrderAddUp() {
        var sent: [(UsageCounter<Int>.Key, UInt64)] = []
        for writer in [1, 2] as [UInt32] {
            var counter = UsageCounter<Int>()
            for amount in [1, 10] as [UInt64] {
                counter.record(amount * UInt64(writer), in: 1, by: .numbered(writer))
                sent += counter.entries.map { ($0.key, $0.value) }
            }
        }
        for order in deliveryOrders(of: sent, copies: 2) {
            var counter = UsageCounter<Int>()
            for (key, amount) in order { counter.merge(amount, for: key) }
            #expect(counter.total(in: 1) == 33)
        }
    }

    @Test func aTotalStopsAtItsEndRatherThanStartAnew() {
        var counter = UsageCounter<Int>()
        counter.record(.max, in: 1, by: .numbered(1))
        counter.record(1, in: 1, by: .numbered(1))
        counter.record(1, in: 1, by: .numbered(2))
        #expect(counter.total(in: 1) == .max)
        #expect(counter.total(in: 2) == 0)
    }
}

private protocol MeasurementCounter: Mergeable {
    init()
    mutating func record(_ amount: UInt64, in period: Int, by writer: WriterID)
    func total(in period: Int) -> UInt64
}

extension UsageCounter<Int>: MeasurementCounter {}

/// The mistake that this project must not make.
private struct LossyCounter: MeasurementCounter {
    var totals: [Int: UInt64] = [:]

    mutating func record(_ amount: UInt64, in period: Int, by writer: WriterID) {
        totals[period, default: 0] += amount
    }

    mutating func merge(_ other: LossyCounter) { totals.merge(other.totals) { max($0, $1) } }

    func total(in period: Int) -> UInt64 { totals[period] ?? 0 }
}

/// Measures a power of two, so that the total tells which measurements are in it.
private struct Measurements<Counter: MeasurementCounter>: OperationModel {
    struct Deed: Hashable {
        let amount: UInt64
        let period: Int
    }

    let periods: [Int]

    func operations(
        on state: Counter?, at place: Int, order: NextOrder
    ) -> [(Deed, Counter)] {
        periods.map { period in
            var counter = state ?? Counter()
            let amount = Self.amount(of: order.dot)
            counter.record(amount, in: period, by: order.dot.writer)
            return (Deed(amount: amount, period: period), counter)
        }
    }

    func expected(of log: [LogEntry<Deed>]) -> [UInt64] {
        [1, 2].map { period in
            log.filter { $0.deed.period == period }.reduce(0) { $0 + $1.deed.amount }
        }
    }

    func reading(of state: Counter?) -> [UInt64] {
        [1, 2].map { state?.total(in: $0) ?? 0 }
    }

    /// Bit `4 w + s` for the s-th measurement of writer w.
    private static func amount(of dot: Dot) -> UInt64 {
        1 << ((dot.writer.high >> 32) * 4 + dot.sequence)
    }
}
