import Caravan
import DeviceControl
import Foundation
import SyncEngine
import Testing

/// So many seconds after the start.
private func second(_ number: Int) -> MonotonicTime {
    MonotonicTime(sinceStart: .seconds(number))
}

@Suite("Callers that are told of")
struct CallerLimitTests {
    /// How many of so many callers are to be told of.
    private func told(of number: Int, at now: MonotonicTime, _ limit: inout CallerLimit) -> Int {
        var told = 0
        for _ in 0..<number where limit.admits(at: now) { told += 1 }
        return told
    }

    @Test("The first ten in a minute are told of, the others are counted")
    func minute() {
        var limit = CallerLimit()
        #expect(told(of: 4, at: second(100), &limit) == 4)
        #expect(told(of: 3000, at: second(159), &limit) == 6)
        #expect(limit.takeLeftOut(at: second(159)) == 0)
        #expect(limit.takeLeftOut(at: second(160)) == 2994)
        #expect(limit.takeLeftOut(at: second(160)) == 0)
    }

    @Test("A minute begins with the first caller after the one before")
    func nextMinute() {
        var limit = CallerLimit()
        #expect(told(of: 11, at: second(0), &limit) == 10)
        #expect(limit.takeLeftOut(at: second(90)) == 1)
        #expect(told(of: 10, at: second(90), &limit) == 10)
        #expect(told(of: 1, at: second(149), &limit) == 0)
        #expect(told(of: 1, at: second(150), &limit) == 1)
    }

    @Test("What is not asked for in time is told later, and nothing twice")
    func lateQuestion() {
        var limit = CallerLimit()
        #expect(told(of: 15, at: second(0), &limit) == 10)
        #expect(told(of: 12, at: second(60), &limit) == 10)
        #expect(limit.takeLeftOut() == 7)
        #expect(limit.takeLeftOut() == 0)
    }

    @Test("Few callers leave nothing to count")
    func fewCallers() {
        var limit = CallerLimit()
        #expect(limit.takeLeftOut() == 0)
        for number in 0..<100 {
            #expect(told(of: 1, at: second(number * 7), &limit) == 1)
        }
        #expect(limit.takeLeftOut() == 0)
    }
}

@Suite("The log of a serving process")
struct EventLinesTests {
    private let caller = SyncEvent.unknownCaller(address: "127.0.0.1:9", reason: "refused: noise")
    private let peer = SyncEvent.failed(address: "127.0.0.1:7421", reason: "nobody answers")

    /// The lines for many events at one time.
    private func add(
        _ event: SyncEvent, times: Int, to log: EventLines, at now: MonotonicTime
    ) -> [String] {
        var lines: [String] = []
        for _ in 0..<times { log.add(event, at: now) { lines.append($0) } }
        return lines
    }

    private func end(_ log: EventLines) -> [String] {
        var lines: [String] = []
        log.end { lines.append($0) }
        return lines
    }

    @Test("Three thousand callers are ten lines and a number, which any event brings")
    func flood() {
        let log = EventLines(isJSON: false)
        let lines = add(caller, times: 3000, to: log, at: second(0))
        #expect(lines == Array(repeating: "127.0.0.1:9: refused: noise", count: 10))
        #expect(
            add(peer, times: 1, to: log, at: second(60)) == [
                "… and 2990 more connections within a minute that did not get as far as a greeting",
                "127.0.0.1:7421: nobody answers",
            ])
        #expect(add(caller, times: 1, to: log, at: second(61)) == [lines[0]])
        #expect(end(log).isEmpty)
    }

    @Test("Events of peers are all told, also during a flood")
    func peersInFlood() {
        let log = EventLines(isJSON: false)
        #expect(add(peer, times: 50, to: log, at: second(0)).count == 50)
        #expect(add(caller, times: 11, to: log, at: second(1)).count == 10)
        #expect(add(peer, times: 50, to: log, at: second(2)).count == 50)
        #expect(
            end(log) == [
                "… and 1 more connection within a minute that did not get as far as a greeting"
            ])
        #expect(end(log).isEmpty)
    }

    @Test("The same holds for programs, with the number by itself")
    func json() throws {
        let log = EventLines(isJSON: true)
        let lines = add(caller, times: 100, to: log, at: second(0))
        #expect(lines.count == 10)
        #expect(lines.allSatisfy { $0.contains(#""event":"failed""#) })
        let last = end(log)
        #expect(last.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data((last.first ?? "").utf8))
        let line = try #require(object as? [String: any Sendable])
        #expect(line["event"] as? String == "omitted")
        #expect(line["count"] as? Int == 90)
        #expect((line["message"] as? String)?.hasPrefix("… and 90 more") == true)
    }
}
