import CausalTime
import SyncEngine
import SyncTestKit
import Testing

@Suite struct CrossingSessionsTests {
    private func session(_ caller: UInt32, _ seconds: Int) -> CrossingSessions.Session {
        CrossingSessions.Session(
            caller: .numbered(caller), greetedAt: MonotonicTime(sinceStart: .seconds(seconds)))
    }

    /// Each side sees the two in its own order, and both close the same.
    @Test func bothSidesCloseTheSameOfTwoThatCross() {
        let (low, high) = (session(1, 10), session(2, 11))
        #expect(!CrossingSessions.closesEarlier(low, later: high), "the lesser's was first: stays")
        let (first, second) = (session(2, 10), session(1, 11))
        #expect(CrossingSessions.closesEarlier(first, later: second), "and also if it was second")
    }

    @Test func aSessionThatComesLaterTakesThePlace() {
        for caller in [1, 2] as [UInt32] {
            #expect(CrossingSessions.closesEarlier(session(1, 10), later: session(caller, 15)))
        }
        #expect(CrossingSessions.closesEarlier(session(1, 10), later: session(1, 10)))
        #expect(!CrossingSessions.closesEarlier(session(1, 10), later: session(2, 14)))
    }
}
