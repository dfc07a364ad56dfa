import Foundation
import Simulator
import Testing

@Suite("Looking for mistakes without running")
struct ScenarioCheckTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "crvn-check-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    private func check(_ text: String, name: String = "test.yaml") throws -> FileCheck {
        let path = folder + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return FileCheck.check(path: path)
    }

    @Test("finds every mistake of a file, each once and by place")
    func findsAllMistakes() throws {
        let check = try check(
            """
            scenario: two words
            duration: 1hour
            settle: 10
            devices:
              phone: {class: fone, shar: 50%, sher: 50%}
              Laptop: {class: laptop}
            profiles: [{iccid: 12}, {iccid: 8999999000000001014, nikname: a}]
            links: {delay: fast, pairs: [{between: [phone, phome]}]}
            timeline:
              - {at: 1m, cut: phome}
              - {at: 2m, crash: Laptop}
              - {at: 99h, heal: all}
              - {att: 3m, heal: all}
            expect: {converge-within: 0s, values: [{pool: grnted, is: 1GB}]}
            """)
        #expect(check.kind == .scenario)
        let places = check.mistakes.map { "\($0.line):\($0.column)" }
        #expect(
            places == [
                "1:11", "2:11", "3:9", "5:18", "5:24", "5:35", "6:3", "7:20", "7:54", "8:16",
                "8:48", "10:19", "13:6", "14:27",
            ])
        #expect(check.excerpt(of: check.mistakes[2]) == "  settle: 10\n          ^")
    }

    @Test("looks at how steps fit each other once they can be read")
    func findsWhatDoesNotFit() throws {
        let check = try check(
            """
            scenario: test
            duration: 1h
            devices: {phone: {class: phone}, laptop: {class: laptop}}
            timeline: [{at: 2m, restart: phone}]
            """)
        #expect(check.mistakes.map(\.message) == ["'phone' is running and cannot restart"])
    }

    @Test("tells histories, traces and recordings of links apart, and where they are wrong")
    func tellsFilesApart() throws {
        let history = "history: 1\nseed: 1\ndevices: 2\nmilliseconds: 5\ncutHours: 1\nhealing: 3\n"
        let good = try check(history + "events:\n  - {at: 1, kind: {lose: {seat: 0}}}\n")
        #expect(good.kind == .history && good.mistakes == [])
        let bad = try check(
            history + "events:\n  - {at: 1, kind: {lose: {seat: 0}}}\n"
                + "  - {at: 1, kind: {lose: {seat: x}}}\n")
        #expect(bad.mistakes.map { "\($0.line):\($0.column)" } == ["9:33"])
        let later = try check(history.replacing("history: 1", with: "history: 9") + "events: []\n")
        #expect(later.mistakes.map(\.message) == ["a history of version 9; this reads version 1"])
        let trace = try check("{\"trace\": \"t\", \"devices\": 2}\n{\"bad\": 1}\n", name: "t.jsonl")
        #expect(trace.kind == .trace && trace.mistakes.map(\.line) == [2])
        let link = try check("1\n2\n2\n1\n", name: "l.trace")
        #expect(link.kind == .link)
        #expect(link.mistakes.map(\.message) == ["1 is before the time of the line above"])
        #expect(FileCheck.check(path: folder + "/none.yaml").mistakes.map(\.line) == [0])
    }

    @Test("shows a line without what would steer a terminal")
    func excerpt() throws {
        let check = try check("{\"trace\":\"t\",\"devices\":3}\n{\"sync\":[0,1],\"\u{202e}\":3}\n")
        let mistake = try #require(check.mistakes.first)
        #expect(
            check.excerpt(of: mistake) == """
                  {"sync":[0,1],"\u{fffd}":3}
                                ^
                """)
    }
}
