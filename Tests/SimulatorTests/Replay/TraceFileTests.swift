import Foundation
import Simulator
import Testing

@Suite("Trace files")
struct TraceFileTests {
    private static func parse(_ lines: String...) throws(InputError) -> ReplayTrace {
        try ReplayTrace.parse(Array(lines.joined(separator: "\n").utf8), file: "t.jsonl")
    }

    private static let first = #"{"trace":"t","devices":3}"#

    @Test("every kind of line is read")
    func kinds() throws {
        let trace = try Self.parse(
            Self.first,
            #"{"at":0,"load":{"profiles":{"p":{"a":1,"b":"x\u00e9\ud83d\ude00"}},"#
                + #""allocations":{"2":-7}},"t":5}"#,
            #"{"at":1,"set":["p","a","y"]}"#, "", #"{"at":1,"allocation":[2,9]}"#,
            #"{"at":2,"usage":12}"#, #"{"sync":[0,1]}"#, #"{"open":[0,2]}"#,
            #" { "flush" : [0, 2] } "#, #"{"close":[2,0]}"#, #"{"stabilize":true}"#,
            #"{"measure":"m"}"#, #"{"measure":null}"#, #"{"expect":{"equal":[0,1],"usage":12}}"#)
        #expect(
            trace.lines.map(\.operation) == [
                .load(
                    device: 0,
                    profiles: [
                        .init(
                            id: "p",
                            fields: [.init("a", .integer(1)), .init("b", .text("xé😀"))])
                    ],
                    allocations: [.init(device: 2, value: .integer(-7))]),
                .set(device: 1, profile: "p", field: "a", .text("y")),
                .allocation(device: 1, .init(device: 2, value: .integer(9))),
                .usage(device: 2, amount: 12), .sync(0, 1), .open(0, 2), .flush(0, 2),
                .close(2, 0), .stabilize, .measure("m"), .measure(nil),
                .expect(equal: [0, 1], usage: 12),
            ])
        #expect(trace.lines.map(\.number) == [2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
        #expect(trace.lines[0].time == 5)
        #expect(trace.lines[1].time == nil)
    }

    @Test("what is written is read back", arguments: Workload.allCases)
    func roundTrip(workload: Workload) throws {
        let trace = workload.trace(seed: 3, part: 20)
        let again = try ReplayTrace.parse(Array(trace.text().utf8), file: trace.file)
        #expect(again == trace)
    }

    @Test(
        "a mistake is named with its place",
        arguments: [
            (#"{"sync":[0,1]"#, 14, "',' or '}' expected"),
            (#"{"sync":[0,1]} x"#, 16, "something follows"),
            (#"[1]"#, 1, "an object expected"),
            (#"{"walk":[0,1]}"#, 2, "unknown key 'walk'; a line has one of the keys 'trace', "),
            (#"{"at":0,"usag":1}"#, 9, "unknown key 'usag'; did you mean 'usage'? a line has one"),
            (#"{"at":0}"#, 1, "a line has one of the keys 'trace', "),
            (#"{"sync":[0,1],"usage":3}"#, 15, "about one thing"),
            (#"{"sync":[0,1],"tt":3}"#, 15, "unknown key 'tt'"),
            (#"{"sync":[0,1],"sync":[0,2]}"#, 15, "stands here twice"),
            (#"{"sync":[0,3]}"#, 12, "no device '3'"),
            (#"{"sync":[1,1]}"#, 9, "does not connect to itself"),
            (#"{"sync":[0]}"#, 9, "[DEVICE, DEVICE] expected"),
            (#"{"usage":3}"#, 1, "'at' is missing"),
            (#"{"at":0,"usage":-3}"#, 17, "an amount in KiB"),
            (#"{"at":0,"usage":1.5}"#, 17, "an amount in KiB"),
            (#"{"at":0,"usage":99999999999999999999}"#, 17, "an amount in KiB"),
            (#"{"at":0,"usage":01}"#, 19, "a number expected"),
            (#"{"at":0,"set":["p","é",true]}"#, 24, "a value is a text or a whole number"),
            (#"{"at":0,"set":["p",1,2]}"#, 20, "a field's name expected"),
            (#"{"at":0,"load":{"profile":{}}}"#, 17, "known are 'profiles', 'allocations'"),
            (#"{"at":0,"load":{"allocations":{"3":1}}}"#, 32, "no device '3'"),
            (#"{"at":0,"usage":3,"t":-1}"#, 23, "milliseconds since 1970"),
            (#"{"measure":3}"#, 12, "a label, or null"),
            (#"{"stabilize":false}"#, 14, "true expected, not false"),
            (#"{"expect":{"usage":3}}"#, 11, "at least one device"),
            (#"{"close":[0,1]}"#, 1, "no open connection"),
            (#"{"flush":[0,1]}"#, 1, "open one first"),
            (#"{"trace":"t","devices":3}"#, 1, "first line only"),
            (#"{"at":0,"set":["\ud83d","a",1]}"#, 23, "half a surrogate pair"),
            (#"{"at":0,"set":["\ud83d\u0041","a",1]}"#, 29, "half a surrogate pair"),
            (#"{"at":0,"set":["p","a",[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}"#, 38, "too deeply"),
        ])
    func mistakes(line: String, column: Int, message: String) throws {
        let error = #expect(throws: InputError.self) { try Self.parse(Self.first, line) }
        #expect(error?.line == 2)
        #expect(error?.column == column, "\(error?.description ?? "")")
        #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test("what a message quotes of a file is fit for a terminal, and short")
    func quotes() throws {
        let hostile = #expect(throws: InputError.self) {
            try Self.parse(Self.first, #"{"sync":[0,1],"\u001b[2J\u0007\u202e":1}"#)
        }
        #expect(
            hostile?.message
                == #"unknown key '\u{1b}[2J\u{7}\u{202e}'; beside 'sync' may stand 't'"#)
        let long = String(repeating: "x", count: 100_000)
        let cut = #expect(throws: InputError.self) {
            try Self.parse(Self.first, #"{"sync":[0,1],"\#(long)":1}"#)
        }
        let shown = String(repeating: "x", count: InputError.quoteMax)
        #expect(cut?.message == "unknown key '\(shown)…'; beside 'sync' may stand 't'")
        // Apostrophes in a key hide where it ends; the whole is short all the same.
        let marked = #expect(throws: InputError.self) {
            try Self.parse(Self.first, #"{"sync":[0,1],"'\#(long)' '\#(long)":1}"#)
        }
        #expect((marked?.message.count ?? .max) <= InputError.messageMax + 1)
        let name = InputError(file: "a\u{1b}b", line: 2, column: 3, message: "a device's 'x'\ny")
        #expect(name.description == #"a\u{1b}b:2:3: a device's 'x' y"#)
    }

    @Test("a byte order mark is called by its name")
    func byteOrderMark() {
        let error = #expect(throws: InputError.self) {
            try ReplayTrace.parse([0xef, 0xbb, 0xbf] + Array(Self.first.utf8), file: "t")
        }
        #expect(
            error?.description
                == "t:1:1: the file begins with a byte order mark; write it without one")
    }

    @Test("a file without a first line, or that is not there, is refused")
    func beginnings() {
        for text in ["", "\n \n", #"{"sync":[0,1]}"#, #"{"trace":"t"}"#] {
            #expect(throws: InputError.self) { try Self.parse(text) }
        }
        for devices in ["0", "-1", "1001", "1e2"] {
            #expect(throws: InputError.self) {
                try Self.parse(#"{"trace":"t","devices":\#(devices)}"#)
            }
        }
        let missing = #expect(throws: InputError.self) {
            try ReplayTrace.load(path: ScenarioFiles.folder + "/none.jsonl")
        }
        #expect(missing?.message == "cannot be read: no such file")
        #expect(throws: InputError.self) {
            try ReplayTrace.parse(Array(Self.first.utf8) + [10, 0xff, 0xfe], file: "t")
        }
    }

    @Test("bytes that are changed, cut and moved are read or refused, and replay or fail")
    func damaged() throws {
        let path = ScenarioFiles.folder + "/traces/two-meetings.jsonl"
        let whole = Array(try Data(contentsOf: URL(filePath: path)))
        var random = SeededRandom(seed: 11)
        var replayed = 0
        for _ in 0..<1000 {
            var bytes = whole
            for _ in 0..<random.uniform(in: 1...3) {
                let index = random.uniform(in: 0...bytes.count - 1)
                switch random.uniform(in: 0...3) {
                case 0: bytes[index] = UInt8(random.uniform(in: 0...255))
                case 1: bytes.remove(at: index)
                case 2: bytes[index] = random.choice(of: Array("0123456789{}[],:\"\\".utf8))
                default: bytes.swapAt(index, random.uniform(in: 0...bytes.count - 1))
                }
            }
            guard let trace = Self.parsed(bytes) else { continue }
            guard trace.devices < 10, replayed < 40 else { continue }
            replayed += 1
            do { _ = try Replay(trace).run() } catch is InputError { continue }
        }
        #expect(replayed > 10)
    }

    private static func parsed(_ bytes: [UInt8]) -> ReplayTrace? {
        do { return try ReplayTrace.parse(bytes, file: "damaged") } catch { return nil }
    }
}
