import Foundation
import Simulator
import Testing

@Suite("Links from a recording")
struct LinkTraceTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "crvn-link-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    private func trace(_ text: String) throws -> LinkTrace {
        let path = folder + "/link.trace"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return try LinkTrace.load(path: path)
    }

    private func departures(_ text: String, _ sends: [(at: Int, bytes: Int)]) throws -> [Int] {
        var cursor = LinkTraceCursor(try trace(text))
        return sends.map {
            cursor.departure(of: $0.bytes, at: .milliseconds($0.at)).wholeMilliseconds
        }
    }

    @Test("1,500 bytes leave at each time, and what nobody waits for is lost")
    func oneOpportunityAtATime() throws {
        let text = "10\n20\n30\n40\n100\n"
        #expect(try departures(text, [(0, 1500)]) == [10])
        #expect(try departures(text, [(0, 1501)]) == [20])
        #expect(try departures(text, [(0, 6001)]) == [100])
        // The opportunities at 10 and 20 have passed.
        #expect(try departures(text, [(25, 1500)]) == [30])
        // What is left of one is for bytes that wait by then.
        #expect(
            try departures(text, [(0, 500), (5, 500), (5, 501), (11, 1500)]) == [10, 10, 20, 30])
        #expect(try departures(text, [(0, 500), (11, 500)]) == [10, 20])
    }

    @Test("it begins anew at its end, before time zero too")
    func beginsAnew() throws {
        let text = "10\n100\n"
        #expect(try departures(text, [(0, 3000), (100, 1500), (100, 1500)]) == [100, 110, 200])
        #expect(try departures(text, [(1_000_001, 1500)]) == [1_000_010])
        #expect(try departures(text, [(-95, 1500), (-95, 1500)]) == [-90, 0])
        #expect(try departures("0\n0\n50\n", [(0, 4500), (1, 1500)]) == [50, 50])
    }

    @Test(
        "a mistake is named with its line",
        arguments: [
            ("1\nx\n", 2, "'x' is not a time in whole milliseconds"),
            ("5\n4\n", 2, "4 is before the time of the line above"),
            ("1\n\n-3\n", 3, "'-3' is not a time in whole milliseconds"),
            ("0\n0\n", 1, "a trace needs a time above zero, which is its length"),
            ("", 1, "a trace needs a time above zero, which is its length"),
        ])
    func mistakesHaveLines(text: String, line: Int, message: String) {
        let error = #expect(throws: InputError.self) { try trace(text) }
        #expect(error?.line == line)
        #expect(error?.message == message)
    }

    @Test("it is bounded")
    func isBounded() {
        let text = String(repeating: "1\n", count: LinkTrace.linesMax + 1)
        let error = #expect(throws: InputError.self) { try trace(text) }
        #expect(error?.line == LinkTrace.linesMax + 1)
    }

    @Test("forth goes from the device that a pair names first")
    func directions() throws {
        try "1\n".write(toFile: folder + "/a", atomically: true, encoding: .utf8)
        try "1\n2\n".write(toFile: folder + "/b", atomically: true, encoding: .utf8)
        let scenario = try Scenario.parse(
            """
            scenario: test
            duration: 1h
            devices: {x: {class: phone}, y: {class: phone}, z: {class: phone}}
            links:
              trace: {back: a}
              pairs:
                - {between: [y, x], trace: {forth: a, back: b}}
                - {between: [y, z], trace: none}
            """, file: folder + "/test.yaml")
        let counts = scenario.links.map { link in
            [link.quality.traces?.forth, link.quality.traces?.back].map { $0.map(\.lineCount) }
        }
        #expect(counts == [[2, 1], [nil, 1], [nil, nil]])
    }

    @Test("a narrow recording slows an exchange down, and all arrives")
    func slowsDown() throws {
        try "1000\n".write(toFile: folder + "/slow", atomically: true, encoding: .utf8)
        let base = Worlds.pair.replacing("links: {topology: mesh, ", with: "links: {")
        func seconds(_ text: String) throws -> Double {
            let scenario = try Scenario.parse(text, file: folder + "/test.yaml")
            let report = try SimulatedRun(scenario: scenario, seed: 1).run()
            #expect(report.passed)
            return report.secondsToConverge ?? 0
        }
        let slow = base.replacing("delay: 40ms", with: "trace: slow, delay: 40ms")
        #expect(slow != base)
        #expect(try seconds(base) < 1)
        #expect(try seconds(slow) > 1)
    }

    @Test("made-up ones are the same for the same seed, and as fast as they should be")
    func madeUp() throws {
        let maker = LinkTraceMaker(bitsPerSecond: 1e6, seconds: 30, outage: 0, pause: 10)
        #expect(maker.text(seed: 3) == maker.text(seed: 3))
        #expect(maker.text(seed: 3) != maker.text(seed: 4))
        let lines = try trace(maker.text(seed: 3)).lineCount
        // 83 opportunities of 1,500 bytes in a second, give or take what the walk does.
        #expect((30 * 30...30 * 250).contains(lines))
    }
}
