import CausalTime
import SyncEngine
import Testing

@Suite("Sessions of a replica greet in turn")
struct CatchUpTurnsTests {
    private var turns = CatchUpTurns()

    private func at(_ milliseconds: Int) -> MonotonicTime {
        MonotonicTime(sinceStart: .milliseconds(milliseconds))
    }

    @Test("one that calls waits until the one before has brought all, and the earlier goes first")
    mutating func oneAfterTheOther() {
        #expect(turns.take(1, as: .initiator, at: at(0)) == nil)
        #expect(turns.take(2, as: .initiator, at: at(10)) == at(1000))
        #expect(turns.take(3, as: .initiator, at: at(20)) == at(1000))
        #expect(turns.note(1, isBehind: true, at: at(900)).isEmpty)
        #expect(turns.take(3, as: .initiator, at: at(1000)) == at(1900))
        #expect(turns.note(1, isBehind: false, at: at(1100)) == [2, 3])
        #expect(turns.take(2, as: .initiator, at: at(1100)) == nil)
        #expect(turns.take(3, as: .initiator, at: at(1100)) == at(2100))
        #expect(turns.leave(2) == [3])
        #expect(turns.take(3, as: .initiator, at: at(1200)) == nil)
    }

    @Test("one that answers a call waits only for one that is known to bring something")
    mutating func answering() {
        #expect(turns.take(1, as: .initiator, at: at(0)) == nil)
        #expect(turns.take(2, as: .responder, at: at(10)) == nil)
        #expect(turns.note(1, isBehind: nil, at: at(20)).isEmpty)
        #expect(turns.take(3, as: .responder, at: at(30)) == nil)
        #expect(turns.note(1, isBehind: true, at: at(40)).isEmpty)
        #expect(turns.take(4, as: .responder, at: at(50)) == at(1040))
    }

    @Test("nobody waits for a caller that is not known to bring anything")
    mutating func called() {
        #expect(turns.take(1, as: .responder, at: at(0)) == nil)
        #expect(turns.note(1, isBehind: nil, at: at(10)).isEmpty)
        #expect(turns.take(2, as: .initiator, at: at(20)) == nil)
        #expect(turns.note(2, isBehind: false, at: at(30)).isEmpty)
        #expect(turns.note(1, isBehind: true, at: at(40)).isEmpty)
        #expect(turns.take(3, as: .initiator, at: at(50)) == at(1040))
    }

    @Test("nobody waits for one that is silent, or for longer than five seconds")
    mutating func neverForLong() {
        #expect(turns.take(1, as: .initiator, at: at(0)) == nil)
        #expect(turns.take(2, as: .initiator, at: at(10)) == at(1000))
        #expect(turns.take(2, as: .initiator, at: at(1000)) == nil)
        for time in stride(from: 1500, through: 6500, by: 500) {
            _ = turns.note(2, isBehind: true, at: at(time))
            let due = turns.take(3, as: .initiator, at: at(time))
            #expect(due == (time == 6500 ? nil : at(min(time + 1000, 6500))))
        }
    }

    @Test("the end of a session that had no turn wakes nobody, and what is over stays over")
    mutating func over() {
        #expect(turns.take(1, as: .initiator, at: at(0)) == nil)
        #expect(turns.take(2, as: .initiator, at: at(0)) != nil)
        #expect(turns.take(3, as: .initiator, at: at(0)) != nil)
        #expect(turns.leave(2).isEmpty)
        #expect(turns.note(1, isBehind: false, at: at(1)) == [3])
        #expect(turns.note(1, isBehind: true, at: at(2)).isEmpty)
        #expect(turns.take(3, as: .initiator, at: at(3)) == nil)
    }
}
