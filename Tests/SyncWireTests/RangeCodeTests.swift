import CausalTime
import ReplicaModel
import SyncTestKit
import SyncWire
import Testing

@Suite("Range code")
struct RangeCodeTests {
    /// Something that is written.
    private enum Symbol: Equatable {
        case bit(Bool, model: Int)
        case integer(UInt64, model: Int)
        case bits(UInt64, count: Int)
        case value(UInt64, count: UInt64)
    }

    /// What both ends know.
    private struct Models {
        var bits = [AdaptiveBit](repeating: AdaptiveBit(), count: 4)
        var integers = [IntegerModel](repeating: IntegerModel(), count: 4)

        mutating func write(_ symbol: Symbol, to out: inout RangeEncoder) {
            switch symbol {
            case .bit(let bit, let model): out.encode(bit, &bits[model])
            case .integer(let value, let model): integers[model].encode(value, to: &out)
            case .bits(let value, let count): out.encode(value, bits: count)
            case .value(let value, let count): out.encode(value, of: count)
            }
        }

        /// Reads a symbol of the same form.
        mutating func read(like symbol: Symbol, from reader: inout RangeDecoder) -> Symbol {
            switch symbol {
            case .bit(_, let model): .bit(reader.bit(&bits[model]), model: model)
            case .integer(_, let model):
                .integer(integers[model].decode(from: &reader), model: model)
            case .bits(_, let count): .bits(reader.bits(count), count: count)
            case .value(_, let count): .value(reader.value(of: count), count: count)
            }
        }
    }

    private func symbols(_ count: Int, using random: inout SplitMix64) -> [Symbol] {
        let leanings = (0..<4).map { _ in random.next() % 101 }
        return (0..<count).map { _ in
            let model = random.below(4)
            switch random.below(4) {
            case 0: return .bit(random.chance(leanings[model]), model: model)
            case 1: return .integer(random.chance(20) ? .max : random.number(), model: model)
            case 2:
                let count = random.below(65)
                return .bits(count == 0 ? 0 : random.next() >> UInt64(64 - count), count: count)
            default:
                let count = max(1, random.number())
                return .value(random.chance(20) ? count - 1 : random.next() % count, count: count)
            }
        }
    }

    private func encoded(_ symbols: [Symbol]) -> [UInt8] {
        var models = Models()
        var out = RangeEncoder()
        for symbol in symbols { models.write(symbol, to: &out) }
        return out.finish()
    }

    @Test("Everything is read as it was written", arguments: Seed.first(40))
    func roundTrip(seed: Seed) {
        var random = seed.generator
        for _ in 0..<40 {
            let symbols = symbols(random.below(200), using: &random)
            var reader = RangeDecoder(encoded(symbols))
            var models = Models()
            for symbol in symbols { #expect(models.read(like: symbol, from: &reader) == symbol) }
        }
    }

    @Test("Any bytes are the code of something within bounds", arguments: Seed.first(40))
    func hostileBytes(seed: Seed) {
        var random = seed.generator
        for number in 0..<40 {
            let bytes =
                number == 0
                ? [UInt8](repeating: 0xff, count: 400) : random.bytes(upTo: 400)
            var reader = RangeDecoder(bytes)
            var models = Models()
            for symbol in symbols(400, using: &random) {
                switch models.read(like: symbol, from: &reader) {
                case .bit, .integer: break
                case .bits(let value, let count):
                    #expect(count == 64 || value < 1 << UInt64(count))
                case .value(let value, let count):
                    #expect(value < count || count > 1 << 16)
                    #expect(value >> 1 < count)
                }
            }
        }
    }

    @Test("What was expected costs next to nothing, and nothing at all at the end")
    func costs() {
        #expect(encoded(Array(repeating: .bit(false, model: 0), count: 1_000)).isEmpty)
        #expect(encoded(Array(repeating: .integer(7, model: 0), count: 1_000)).count < 30)
        #expect(encoded(Array(repeating: .bit(true, model: 0), count: 1_000)).count < 6)
        #expect(encoded([.bits(0xabc, count: 12)]).count == 2)
        #expect(encoded([.value(0, count: 1), .value(0, count: 0)]).isEmpty)
    }

    @Test("A carry runs through bytes that were written before")
    func carry() {
        // Each choice leaves the upper end of what is left.
        for count in 1..<300 {
            let symbols: [Symbol] = Array(repeating: .bits(0xffff, count: 16), count: count)
            var reader = RangeDecoder(encoded(symbols + [.bit(true, model: 0)]))
            var models = Models()
            for symbol in symbols { #expect(models.read(like: symbol, from: &reader) == symbol) }
        }
    }
}

@Suite("Forecast of timestamps")
struct StampModelTests {
    private let dot = Dot.at(1, 10)

    @Test("Nothing is known but the clock, then the write before")
    func fresh() {
        var model = StampModel(clock: 5_000)
        #expect(model.forecast(of: dot).milliseconds == 5_000)
        #expect(model.forecast(of: dot).context == 0)
        model.learn(.at(2, 1), .at(7_000))
        #expect(model.forecast(of: dot).milliseconds == 7_000)
        #expect(model.forecast(of: dot).context == 0)
    }

    @Test("A write between two others was made in between, in proportion")
    func between() {
        var model = StampModel(clock: 0)
        model.learn(.at(1, 10), .at(1_000))
        model.learn(.at(1, 20), .at(2_000))
        model.learn(.at(3, 1), .at(9))
        #expect(model.forecast(of: .at(1, 13)).milliseconds == 1_300)
        #expect(model.forecast(of: .at(1, 13)).context == 5)
        #expect(model.forecast(of: .at(1, 11)).context == 4)
        #expect(model.forecast(of: .at(1, 15)).context == 6)
        #expect(model.forecast(of: .at(1, 22)).milliseconds == 2_000)
        #expect([22, 30, 99].map { model.forecast(of: .at(1, $0)).context } == [1, 2, 3])
        #expect(model.forecast(of: .at(1, 9)).milliseconds == 1_000)
    }

    @Test("The counter goes on with the sequence within a millisecond, and is 0 elsewhere")
    func counter() {
        var model = StampModel(clock: 0)
        model.learn(.at(1, 10), .at(1_000, 4))
        let forecast = model.forecast(of: .at(1, 12))
        #expect(forecast.logical(at: 1_000).value == 6)
        #expect(forecast.logical(at: 1_001).value == 0)
        #expect(model.forecast(of: .at(1, 1)).logical(at: 1_000).value == 0)
        #expect(model.forecast(of: .at(1, .max)).logical(at: 1_000).value <= 0xffff)
    }

    @Test("Whatever it learns, it foretells something", arguments: Seed.first(10))
    func hostile(seed: Seed) {
        var random = seed.generator
        var model = StampModel(clock: random.next())
        let ends: [UInt64] = [1, 2, .max - 1, .max]
        for _ in 0..<5_000 {
            let dot = Dot.at(
                UInt32(random.below(2)),
                random.chance(20) ? random.pick(ends) : random.number())
            let forecast = model.forecast(of: dot)
            #expect((0..<StampModel.contextCount).contains(forecast.context))
            #expect(forecast.logical(at: forecast.milliseconds).value <= 0xffff)
            model.learn(dot, HybridTimestamp(epoch: 0, ticks: random.next()))
        }
    }
}
