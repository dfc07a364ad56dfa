import Foundation
import Simulator
import Testing

@Suite struct ScenarioMistakeTests {
    private static let iccid = "8999999000000001014"

    /// Lines before what a test adds: it begins in line 5.
    private static let head = """
        scenario: test
        duration: 1h
        devices: {phone: {class: phone}, laptop: {class: laptop}, tablet: {class: tablet}}
        profiles: [{iccid: \(iccid)}]

        """

    /// A text, and the place and message it must be answered with.
    struct Mistake: CustomTestStringConvertible {
        let text: String
        let answer: String
        let isWholeFile: Bool
        var testDescription: String { text.replacing("\n", with: "⏎") }

        init(_ text: String, _ answer: String) {
            self.text = text
            self.answer = answer
            isWholeFile = false
        }

        init(file text: String, _ answer: String) {
            self.text = text
            self.answer = answer
            isWholeFile = true
        }
    }

    private func check(_ mistake: Mistake) throws {
        let text = mistake.isWholeFile ? mistake.text : ScenarioMistakeTests.head + mistake.text
        let error = #expect(throws: InputError.self) { try ScenarioFiles.parse(text) }
        let description = try #require(error?.description)
        let place = ScenarioFiles.folder + "/test.yaml:"
        #expect(description.hasPrefix(place))
        #expect(description.dropFirst(place.count) == mistake.answer)
        #expect(!description.contains("\n"))
    }

    @Test(arguments: [
        Mistake(file: "", "1:1: the file is empty"),
        Mistake(file: "- a\n", "1:1: expected a mapping with \(rootKeys)"),
        Mistake(
            file: "scenario: [",
            "2:1: not YAML: did not find expected node content "
                + "while parsing a flow node that begins in line 2"),
        Mistake(
            file: "a: b\n  c: d\n",
            "2:4: not YAML: mapping values are not allowed in this context"),
        Mistake(
            file: "a: 'b\n",
            "2:1: not YAML: found unexpected end of stream "
                + "while scanning a quoted scalar that begins in line 1"),
        Mistake(file: "a: b\u{7}\n", "1:5: not YAML: control characters are not allowed"),
        Mistake(file: "a: *b\n", "1:4: not YAML: found undefined alias"),
        Mistake(
            file: "a: b\n---\nc: d\n",
            "2:1: not YAML: a second document begins here"),
        Mistake(file: "scenario: x\ndevices: {}\n", "1:1: missing key 'duration' in the scenario"),
        Mistake(
            file: "duration: 1h\ndevices: {a: {class: phone}}\n",
            "1:1: missing key 'scenario' in the scenario"),
        Mistake(
            file: "scenario: x\nduration: 1h\ndevices: {}\n",
            "3:10: a fleet has 1 to 1000 devices, found 0"),
        Mistake(
            file: "scenario: x\nduration: 1h\ndevices:\n",
            "3:9: expected a mapping with a name for each device"),
        Mistake(
            file:
                "scenario: x\nduration: 1h\ndevices:\n"
                + "  a: {class: phone}\n  b: {class: phone}\n  a: {class: watch}\n",
            "6:3: duplicate key 'a' (first in line 4)"),
        Mistake(
            file: "scenario: x\nduration: 1h\ndevices: {a: {class: phone}, a: {class: watch}}\n",
            "3:11: duplicate key 'a'"),
        Mistake(
            file: "scenario: x\nduration: 1h\ndevices:\n  Phone: {class: phone}\n",
            "4:3: 'Phone' is not a device name: 1 to 32 of the letters a-z, the digits and '-'"),
        Mistake(
            file: "scenario: x\nduration: 1h\ndevices: {all: {class: phone}}\n",
            "3:11: a device cannot be called 'all', which means every one"),
        Mistake(
            file: "scenario: ../x\nduration: 1h\ndevices: {a: {class: phone}}\n",
            "1:11: '../x' is not a scenario name of letters, digits, '.', '-' and '_'; "
                + "use 'title' for free text"),
        Mistake(
            file: "scenario: x\nduration: 0s\ndevices: {a: {class: phone}}\n",
            "2:11: the duration must be above zero"),
        Mistake(
            file: "scenario: x\nduration: [1h]\ndevices: {a: {class: phone}}\n",
            "2:11: expected a duration such as 90s or 1h30m, found a list"),
        Mistake(
            file: "scenario: x\nduration:\ndevices: {a: {class: phone}}\n",
            "2:10: expected a duration such as 90s or 1h30m, found nothing"),
    ])
    func aMistakeInTheFrameIsReportedWhereItStands(mistake: Mistake) throws {
        try check(mistake)
    }

    private static let rootKeys =
        "scenario, title, seed, duration, timescale, settle, trip, devices, pool, profiles, "
        + "rights, links, usage, timeline, expect"

    @Test(arguments: [
        Mistake(
            "timescal: 2",
            "5:1: unknown key 'timescal' in the scenario; did you mean 'timescale'?"),
        Mistake("seed: -1", "5:7: '-1' is not a whole number from 0 to 2^64 - 1"),
        Mistake("timescale: 0", "5:12: '0' is not a number from 0.001 to 100000"),
        Mistake("settle: 10", "5:9: '10' is not a duration such as 90s, 38m, 1h30m or 250ms"),
        Mistake(
            "settle: 10min",
            "5:9: unknown unit 'min' in the duration '10min'; known: d, h, m, s, ms"),
        Mistake(
            "settle: 5s1m", "5:9: '5s1m' must have each unit once, the larger first, as in 1h30m"),
        Mistake("settle: -5s", "5:9: a duration cannot be negative: '-5s'"),
        Mistake("settle: 9999d", "5:9: '9999d' is longer than ten years"),
        Mistake("settle: 0.1ms", "5:9: '0.1ms' is not a whole number of milliseconds"),
        Mistake("title: \"a\\nb\"", "5:8: the title must be one line without control characters"),
        Mistake("pool: {from: phone}", "5:7: missing key 'grant' in the pool"),
        Mistake("pool: {grant: 20Gb}", "5:15: unknown unit 'Gb'; did you mean 'GB'?"),
        Mistake("pool: {grant: 0B}", "5:15: the grant must be at least 1 byte"),
        Mistake(
            "pool: {grant: 1GB, from: fone}", "5:26: unknown device 'fone'; did you mean 'phone'?"),
        Mistake(
            "pool: {grant: 1GB, from: zeppelin}",
            "5:26: unknown device 'zeppelin'; known: phone, laptop, tablet"),
        Mistake(
            "usage: {bytes: 2MB..1MB}",
            "5:16: '2MB..1MB' must go from at least 1 byte up to as much or more"),
        Mistake("usage: {every: 0s}", "5:16: the interval must be above zero"),
        Mistake(
            "usage: {country: ch}",
            "5:18: 'ch' is not a country of two capital letters such as CH, or from-trip"),
        Mistake("usage: some", "5:8: expected none, or a mapping with every, bytes, country"),
        Mistake("links: {topology: rign}", "5:19: unknown topology 'rign'; did you mean 'ring'?"),
        Mistake(
            "links: {topology: star fone}", "5:19: unknown device 'fone'; did you mean 'phone'?"),
        Mistake(
            "links: {topology: [[phone, laptop]]}",
            "5:19: no chain of links joins 'tablet' to 'phone'"),
        Mistake(
            "links: {topology: [[phone, phone]]}", "5:28: device 'phone' stands twice in the list"),
        Mistake(
            "links: {topology: [[phone, laptop], [laptop, phone]]}",
            "5:37: the link between 'phone' and 'laptop' stands twice"),
        Mistake(
            "links: {delay: 5ms, jitter: 6ms}",
            "5:29: the jitter 6ms is longer than the delay 5ms"),
        Mistake(
            "links: {bandwidth: 5Mb}",
            "5:20: unknown unit 'Mb' in the bandwidth '5Mb'; known: bit/s, kbit/s, Mbit/s, Gbit/s"),
        Mistake(
            "links: {topology: line, pairs: [{between: [phone, tablet]}]}",
            "5:43: there is no link between 'phone' and 'tablet' in this topology"),
        Mistake(
            "links: {topology: line}\ntimeline: [{at: 0s, silence: {from: phone, to: tablet}}]",
            "6:48: there is no link between 'phone' and 'tablet' in this topology"),
        Mistake(
            "trip: {itinerary: rail-de-cz}",
            "5:19: unknown itinerary 'rail-de-cz'; did you mean 'rail-de-ch'?"),
        Mistake(
            "trip: {itinerary: rail-de-ch, data: nowhere}",
            "5:37: found no itineraries.json in \(ScenarioFiles.folder)/nowhere"),
        Mistake(
            "expect: {converge: 1m}",
            "5:10: unknown key 'converge' in expect; known: converge-within, bytes-at-most, "
                + "conflicts-at-least, refusals, values"),
    ])
    func aMistakeInASectionIsReportedWhereItStands(mistake: Mistake) throws {
        try check(mistake)
    }

    @Test(arguments: [
        Mistake("timeline: {at: 1m}", "5:11: expected a list of steps"),
        Mistake("timeline: [{cut: all}]", "5:12: missing key 'at' in the step"),
        Mistake(
            "timeline: [{at: 61m, cut: all}]", "5:17: 1h1m is past the end of the scenario at 1h"),
        Mistake(
            "timeline: [{at: 1m, cut: all, heal: all}]",
            "5:12: a step does one thing, this one cut and heal: write two steps at the same time"),
        Mistake(
            "timeline: [{at: 1m, cutt: all}]",
            "5:21: unknown key 'cutt' in the step; did you mean 'cut'?"),
        Mistake(
            "timeline: [{at: 1m, cut: tablt}]",
            "5:26: unknown device 'tablt'; did you mean 'tablet'?"),
        Mistake("timeline: [{at: 1m, cut: []}]", "5:26: the list of devices is empty"),
        Mistake(
            "timeline: [{at: 1m, cut: {betwen: [phone, tablet]}}]",
            "5:27: unknown key 'betwen' in the link; did you mean 'between'?"),
        Mistake(
            "timeline: [{at: 1m, restore: {between: [phone]}}]",
            "5:40: expected two devices [a, b], found 1"),
        Mistake(
            "timeline: [{at: 1m, split: [[phone], [laptop, phone]]}]",
            "5:38: device 'phone' is in two groups"),
        Mistake(
            "timeline: [{at: 1m, split: [[phone, laptop, tablet]]}]",
            "5:28: the split leaves all devices in one group"),
        Mistake(
            "timeline: [{at: 1m, split: [phone, laptop]}]",
            "5:29: expected a list of device names"),
        Mistake(
            "timeline: [{at: 1m, heal: phone}]",
            "5:27: unknown extent of heal 'phone'; known: all"),
        Mistake(
            "timeline: [{at: 1m, crash: [phone]}]",
            "5:28: expected the name of a device, found a list"),
        Mistake(
            "timeline: [{at: 1m, crash: phone}, {at: 2m, crash: phone}]",
            "5:36: 'phone' is down since 1m"),
        Mistake(
            "timeline: [{at: 1m, crash: phone}, {at: 2m, use: {device: phone, bytes: 1MB}}]",
            "5:36: 'phone' is down since 1m"),
        Mistake(
            "timeline: [{at: 1m, restart: phone}]", "5:12: 'phone' is running and cannot restart"),
        Mistake(
            "timeline: [{at: 1m, free: phone}]",
            "5:12: 'phone' cannot be stuck: the trip crosses no border"),
        Mistake(
            "trip: {itinerary: rail-de-ch}\ntimeline: [{at: 37m, free: phone}]",
            "6:12: 'phone' cannot be stuck before the border at 38m"),
        Mistake("timeline: [{at: 1m, use: {device: phone}}]", "5:26: missing key 'bytes' in use"),
        Mistake(
            "timeline: [{at: 1m, use: {device: phone, bytes: -1}}]",
            "5:49: a byte count cannot be negative: '-1'"),
        Mistake(
            "timeline: [{at: 1m, edit: "
                + "{device: phone, profile: 8999999000000001015, field: apn, value: x}}]",
            "5:12: unknown profile '8999999000000001015'; did you mean '\(iccid)'?"),
        Mistake(
            "timeline: [{at: 1m, edit: {device: phone, profile: \(iccid), field: nick, value: x}}]",
            "5:80: unknown field 'nick'; known: nickname, provider, home-plmn, apn, roaming"),
        Mistake(
            "timeline: [{at: 1m, edit: "
                + "{device: phone, profile: \(iccid), field: roaming, value: yes}}]",
            "5:96: expected true or false, found 'yes'"),
        Mistake(
            "timeline: [{at: 1m, edit: "
                + "{device: phone, profile: \(iccid), field: home-plmn, value: DE}}]",
            "5:98: 'DE' is not a network code of 5 or 6 digits such as 26201"),
        Mistake(
            "timeline: [{at: 1m, remove-profile: {device: phone, profile: 899999900000000103}}, "
                + "{at: 2m, add-profile: {device: phone, iccid: 899999900000000103}}]",
            "5:12: profile '899999900000000103' is added at 2m only"),
        Mistake(
            "timeline: [{at: 1m, add-profile: {device: phone, iccid: 12}}]",
            "5:57: '12' is not an ICCID of 18 to 20 digits"),
        Mistake(
            "timeline: [{at: 1m, allocate: {device: phone, shares: {phone: 60%, laptop: 41%}}}]",
            "5:55: the shares add up to 101%, not to 100%"),
        Mistake(
            "timeline: [{at: 1m, allocate: {device: phone, shares: {phone: 60}}}]",
            "5:63: '60' is not a percentage such as 40%"),
        Mistake(
            "timeline:\n  - at: 1m\n    cut: all\n    colour: red\n",
            "8:5: unknown key 'colour' in the step; known: at, cut, restore, split, silence, heal, "
                + "free, edit, add-profile, remove-profile, use, reserve, …"
        ),
    ])
    func aMistakeInTheTimelineIsReportedWhereItStands(mistake: Mistake) throws {
        try check(mistake)
    }

    @Test(arguments: [
        ("{}", "missing key 'class' in device 'a'"),
        ("{class: fone}", "unknown class 'fone'; did you mean 'phone'?"),
        (
            "{class: phone, color: red}",
            "unknown key 'color' in device 'a'; "
                + "known: class, count, share, handover, usage, profile"
        ),
        ("{class: phone, share: 99%}", "the shares add up to 99%, not to 100%"),
        ("{class: phone, share: 101%}", "'101%' is more than 100%"),
        (
            "{class: phone, handover: stuk}",
            "unknown handover 'stuk'; expected a duration or a word; did you mean 'stuck'?"
        ),
        ("{class: phone, handover: 30}", "'30' is not a duration such as 90s, 38m, 1h30m or 250ms"),
        ("{class: phone, profile: \(iccid)}", "unknown profile '\(iccid)'"),
    ])
    func aMistakeInADeviceIsReported(device: String, message: String) {
        let error = #expect(throws: InputError.self) {
            try ScenarioFiles.minimal(devices: "{a: \(device)}")
        }
        #expect(error?.message == message)
        #expect(error?.line == 3)
    }

    @Test func aFileThatCannotBeReadIsNamedWithoutAPlace() {
        let error = #expect(throws: InputError.self) {
            try Scenario.load(path: "/nowhere/none.yaml")
        }
        #expect(error?.description == "/nowhere/none.yaml: cannot be read: no such file")
    }

    @Test func deepNestingAndRepeatedAliasesAreRefusedWithoutATrap() {
        for text in [
            String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000),
            String(repeating: "- ", count: 100_000),
            "scenario: &a [x, x]\ndevices: &b [*a, *a]\nduration: &c [*b, *b]\n",
        ] {
            #expect(throws: InputError.self) { try ScenarioFiles.parse(text) }
        }
    }

    @Test func cuttingAnyPieceOutOfTheShippedFileNeverTraps() throws {
        let path = ScenarioFiles.folder + "/rail-de-ch.yaml"
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        var random = SeededRandom(seed: 7)
        let letters = Array(text)
        var refused = 0
        for _ in 0..<300 {
            let start = random.uniform(in: 0...letters.count - 1)
            let length = random.uniform(in: 1...30)
            let rest = String(letters[..<start] + letters.dropFirst(start + length))
            do {
                _ = try Scenario.parse(rest, file: path)
            } catch {
                refused += 1
                #expect(error.line > 0 && error.column > 0 && !error.message.contains("\n"))
            }
        }
        #expect(refused > 100)
    }
}
