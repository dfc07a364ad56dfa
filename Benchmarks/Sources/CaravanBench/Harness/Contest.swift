/// Two ways of doing the same work, in turns.
///
/// They take turns round by round (A B A B …), so that whatever else the machine does falls on
/// both. The first round warms files and caches up and does not count.
struct Contest {
    /// How many rounds count.
    let rounds: Int
    /// Does the work of a round through the library; returns what of it is measured.
    let caravan: (_ round: Int) async throws -> Duration
    /// Does the same through SQLite's C interface.
    let plain: (_ round: Int) async throws -> Duration

    /// What came out.
    struct Outcome {
        /// The median of the library's rounds.
        let caravan: Duration
        /// The median of the rounds of C.
        let plain: Duration
        /// The median over the rounds of how many times as fast as C the library was.
        ///
        /// Of each round's ratio, not of the medians: the two sides of a round ran under the same
        /// conditions.
        let ratio: Double
    }

    /// Runs all rounds.
    func run() async throws -> Outcome {
        var pairs: [(caravan: Duration, plain: Duration)] = []
        for round in 0...rounds {
            let pair = (caravan: try await caravan(round), plain: try await plain(round))
            if round > 0 { pairs.append(pair) }
        }
        return Outcome(
            caravan: median(pairs.map(\.caravan)), plain: median(pairs.map(\.plain)),
            ratio: median(pairs.map { $0.plain / $0.caravan }))
    }
}

/// The middle value; of an even number the higher one in the middle.
func median<Value: Comparable>(_ values: [Value]) -> Value {
    precondition(!values.isEmpty)
    return values.sorted()[values.count / 2]
}

/// How long `body` takes.
func measured(_ body: () async throws -> Void) async rethrows -> Duration {
    try await ContinuousClock().measure(body)
}
