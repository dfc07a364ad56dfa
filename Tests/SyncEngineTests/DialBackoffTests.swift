import SyncEngine
import SyncTestKit
import Testing

@Suite struct DialBackoffTests {
    /// Draws one delay after so many failures, with each of many seeds.
    private func delays(afterFailures failures: Int) -> [Duration] {
        Seed.first(100).map { seed in
            var generator = seed.generator
            var backoff = DialBackoff(first: .milliseconds(100), longest: .seconds(2))
            for _ in 0..<failures { _ = backoff.nextDelay(using: &generator) }
            return backoff.nextDelay(using: &generator)
        }
    }

    @Test(arguments: [
        (0, 100), (1, 200), (2, 400), (3, 800), (4, 1600), (5, 2000), (6, 2000), (1000, 2000),
    ])
    func delaysDoubleUpToTheLongestLessUpToHalf(failures: Int, milliseconds: Int) {
        let step = Duration.milliseconds(milliseconds)
        let drawn = delays(afterFailures: failures)
        #expect(drawn.allSatisfy { $0 >= step / 2 && $0 <= step })
        #expect(Set(drawn).count > 50, "devices do not call at the same moment")
    }

    @Test func successStartsTheScheduleAnew() {
        var generator = Seed(1).generator
        var backoff = DialBackoff(first: .milliseconds(100), longest: .seconds(2))
        for _ in 0..<8 { _ = backoff.nextDelay(using: &generator) }
        backoff.succeeded()
        #expect(backoff.nextDelay(using: &generator) <= .milliseconds(100))
    }
}
