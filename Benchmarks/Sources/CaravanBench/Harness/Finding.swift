/// What one workload came to, and what it must come to.
struct Finding: Sendable {
    /// A number with its unit.
    enum Quantity: Sendable {
        case seconds(Double)
        case bytes(Double)
        case count(Int)
        /// How many times as fast as C.
        case ratio(Double)

        var value: Double {
            switch self {
            case .seconds(let value), .bytes(let value), .ratio(let value): value
            case .count(let value): Double(value)
            }
        }

        var unit: String {
            switch self {
            case .seconds: "seconds"
            case .bytes: "bytes"
            case .count: "count"
            case .ratio: "ratio"
            }
        }
    }

    /// What is allowed, in the unit of what is measured.
    enum Limit: Sendable {
        case atLeast(Double)
        case atMost(Double)

        func holds(for value: Double) -> Bool {
            switch self {
            case .atLeast(let limit): value >= limit
            case .atMost(let limit): value <= limit
            }
        }
    }

    /// What was done.
    let name: String
    /// What the limit is about.
    let measured: Quantity
    let limit: Limit
    /// The medians that a ratio is of: the library's time and that of C.
    var times: (caravan: Duration, plain: Duration)?

    var isHeld: Bool { limit.holds(for: measured.value) }
}

extension Finding {
    /// A workload that must be at least `limit` times as fast as C.
    init(_ name: String, _ outcome: Contest.Outcome, atLeast limit: Double) {
        self.init(
            name: name, measured: .ratio(outcome.ratio), limit: .atLeast(limit),
            times: (outcome.caravan, outcome.plain))
    }
}

extension Duration {
    /// The same as a number.
    var inSeconds: Double { self / .seconds(1) }
}
