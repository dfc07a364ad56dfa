import CausalTime
import Foundation
import ReplicaModel
import Simulator
import Testing

@Suite("Replays of traces")
struct ReplayTests {
    private static func run(_ lines: String...) throws -> ReplayReport {
        let text = lines.joined(separator: "\n")
        return try Replay(try ReplayTrace.parse(Array(text.utf8), file: "t.jsonl")).run()
    }

    private static let first = #"{"trace":"t","devices":3}"#

    private static func example() throws -> ReplayTrace {
        try ReplayTrace.load(path: ScenarioFiles.folder + "/traces/two-meetings.jsonl")
    }

    /// A report without what differs from run to run.
    private static func timeless(_ report: ReplayReport) -> ReplayReport {
        var report = report
        for index in report.measures.indices {
            report.measures[index].encodeSeconds = 0
            report.measures[index].applySeconds = 0
        }
        return report
    }

    @Test("the example passes, and says the same on every run")
    func example() throws {
        let report = try Replay(Self.example()).run()
        #expect(report.passed)
        #expect(report.problems == nil)
        #expect(report.expectations.map(\.line) == [15, 27])
        #expect(
            report.measures.map(\.label) == [
                "after-the-border", "nothing-new", "push", "newcomer",
            ])
        for measure in report.measures {
            #expect(measure.messages > 0)
            #expect(measure.bytesFramed > measure.acknowledgementBytes)
            #expect(measure.encodeSeconds > 0)
        }
        #expect(Self.timeless(try Replay(Self.example()).run()) == Self.timeless(report))
    }

    @Test("a row of more fields than a segment has shapes arrives")
    func manyFields() throws {
        let fields = (0..<1500).map { number in "\"f\(number)\":\(number)" }.joined(separator: ",")
        let report = try Self.run(
            Self.first, #"{"at":0,"load":{"profiles":{"p":{\#(fields)}}},"t":1780300800000}"#,
            #"{"measure":"all"}"#, #"{"sync":[0,1],"t":1780300801000}"#,
            #"{"sync":[1,2],"t":1780300802000}"#, #"{"measure":null}"#,
            #"{"expect":{"equal":[0,1,2],"usage":0}}"#)
        #expect(report.passed)
    }

    @Test("files hold what memory holds")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "replay-\(UUID().uuidString)")
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch {
                Issue.record("\(error)")
            }
        }
        var options = ReplayOptions()
        options.folder = folder.path(percentEncoded: false)
        let report = try Replay(Self.example(), options: options).run()
        #expect(Self.timeless(report) == Self.timeless(try Replay(Self.example()).run()))
        let names = try FileManager.default.contentsOfDirectory(atPath: options.folder ?? "")
        #expect(names.contains("device-3.sqlite"))
        let again = #expect(throws: InputError.self) {
            try Replay(Self.example(), options: options)
        }
        #expect(again?.message == "holds replicas already; name a folder that has none")
    }

    @Test("a path that cannot be a folder is named with the reason")
    func noFolder() {
        for (path, reason) in [("/dev/null/x", "not a directory"), ("/dev/null", "file exists")] {
            var options = ReplayOptions()
            options.folder = path
            let error = #expect(throws: InputError.self) {
                try Replay(Self.example(), options: options)
            }
            #expect(error?.description == "\(path): cannot be a folder for replicas: \(reason)")
        }
    }

    @Test("a push takes half a round trip, and is not what opened the connection")
    func push() throws {
        let report = try Self.run(
            Self.first, #"{"at":0,"set":["p","a",1]}"#, #"{"measure":"opening"}"#,
            #"{"open":[0,1]}"#, #"{"flush":[0,1]}"#, #"{"measure":"push"}"#,
            #"{"at":1,"set":["p","a",2]}"#, #"{"flush":[0,1]}"#, #"{"measure":null}"#,
            #"{"expect":{"equal":[0,1]}}"#)
        #expect(report.passed)
        let (opening, push) = (report.measures[0], report.measures[1])
        #expect(opening.preambleBytes == 88)
        #expect(push.preambleBytes == 0)
        #expect(push.roundTrips == 0.5)
        #expect(push.roundTripsAcknowledged == 1)
        #expect(push.acknowledgementBytes > 0)
        #expect(push.bytesFramed < opening.bytesFramed)
        #expect((opening.cells, push.cells) == (1, 1))
    }

    @Test("what compression saves is the difference of two figures")
    func compression() throws {
        let fields = (0..<40).map { #""f\#($0)":"the same words again""# }.joined(separator: ",")
        let report = try Self.run(
            Self.first, #"{"at":0,"load":{"profiles":{"p":{\#(fields)}}}}"#,
            #"{"measure":"m"}"#, #"{"sync":[1,0]}"#)
        #expect(report.measures[0].bytesRaw > 40 * 20)
        #expect(report.measures[0].bytesFramed < 600)
    }

    @Test("an expectation that does not hold fails the replay, and says why")
    func expectations() throws {
        let apart = try Self.run(
            Self.first, #"{"at":0,"usage":5}"#, #"{"expect":{"equal":[0,1]}}"#,
            #"{"sync":[0,1]}"#, #"{"expect":{"equal":[0,1],"usage":6}}"#,
            #"{"expect":{"equal":[1,0],"usage":5}}"#)
        #expect(!apart.passed)
        #expect(apart.expectations.map(\.held) == [false, false, true])
        #expect(apart.expectations[0].difference == "devices 0 and 1 hold different states")
        #expect(apart.expectations[1].difference == "the usage on device 0 is 5, not 6")
    }

    @Test("the later write wins, by the clocks of the trace")
    func clocks() throws {
        let report = try Self.run(
            Self.first, #"{"at":0,"set":["p","a","late"],"t":2000000000000}"#,
            #"{"at":1,"set":["p","a","early"],"t":1900000000000}"#,
            #"{"at":2,"set":["p","a","late"],"t":2000000000001}"#, #"{"sync":[0,1]}"#,
            #"{"expect":{"equal":[0,1]}}"#, #"{"expect":{"equal":[2,1]}}"#)
        #expect(report.passed)
    }

    @Test("what comes over one connection is passed on over another")
    func relay() throws {
        let report = try Self.run(
            Self.first, #"{"open":[0,1]}"#, #"{"open":[1,2]}"#, #"{"at":0,"usage":7}"#,
            #"{"flush":[0,1]}"#, #"{"flush":[1,2]}"#, #"{"expect":{"equal":[0,1,2],"usage":7}}"#)
        #expect(report.passed)
    }

    @Test("a fleet that stabilizes forgets up to there, and waits for nobody who never came")
    func stabilization() throws {
        let replay = try Replay(Self.example())
        let before = replay.frontier(of: 0)
        #expect(before[.settings].isEmpty && before[.usage].isEmpty)
        _ = try replay.run()
        let frontiers = (0..<3).map { replay.frontier(of: $0) }
        #expect(frontiers[0][.settings].total > 0)
        #expect(frontiers[0][.usage].total > 0)
        #expect(Set(frontiers).count == 1)
    }

    @Test("what the store refuses is a mistake in its line")
    func refusals() {
        let long = String(repeating: "x", count: 600)
        let error = #expect(throws: InputError.self) {
            try Self.run(Self.first, "", #"{"at":0,"set":["\#(long)","a",1]}"#)
        }
        #expect(error?.line == 3)
        let most = "9223372036854775807"
        #expect(throws: InputError.self) {
            try Self.run(
                Self.first, #"{"at":0,"usage":\#(most)}"#, #"{"at":0,"usage":\#(most)}"#,
                #"{"at":0,"usage":\#(most)}"#)
        }
    }

    @Test("a connection that stays up over years does not run for ever")
    func longPauses() throws {
        let report = try Self.run(
            Self.first, #"{"open":[0,1],"t":0}"#, #"{"at":0,"usage":1,"t":140000000000000}"#,
            #"{"flush":[0,1]}"#, #"{"expect":{"equal":[0,1]}}"#)
        #expect(report.passed)
    }
}
