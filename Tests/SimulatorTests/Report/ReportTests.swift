import Foundation
import Simulator
import Testing

/// What a run's report holds, and that making one changes nothing.
@Suite("Reports")
struct ReportTests {
    /// Two devices that lose each other, contradict each other, crash, and hand on rights.
    private static let story = """
        scenario: story
        title: "</script><script>alert('title')</script> & <b>"
        duration: 10m
        devices:
          phone: {class: phone, share: 60%}
          laptop: {class: laptop, share: 40%}
        pool: {grant: 1GB, from: phone}
        profiles: [{iccid: 8999999000000001014, nickname: "<!--<script>"}]
        links: {topology: mesh, delay: 40ms, jitter: 10ms}
        usage: {every: 15s, bytes: 100kB..1MB}
        timeline:
          - {at: 1m, grant: {device: phone, bytes: 1GB}}
          - {at: 1m30s, allocate: {device: phone, shares: {phone: 10%, laptop: 90%}}}
          - {at: 2m, cut: all}
          - at: 3m
            edit: {device: phone, profile: 8999999000000001014, field: nickname, value: "</script>"}
          - at: 4m
            edit:
              device: laptop
              profile: 8999999000000001014
              field: nickname
              value: "{{script}}"
          - {at: 6m, restore: all}
          - {at: 7m, crash: laptop}
          - {at: 8m, restart: laptop}
          - {at: 9m, say: "<img src=x onerror=alert(1)>\u{2028}"}
        """

    private static func record(
        _ text: String, seed: UInt64 = 1, limits: RunRecorder.Limits = RunRecorder.Limits()
    ) throws -> (report: RunReport, document: ReportDocument) {
        let scenario = try Scenario.parse(text, file: "test.yaml")
        let recorder = RunRecorder(command: "caravan-sim run test.yaml", limits: limits)
        let report = try SimulatedRun(scenario: scenario, seed: seed, recorder: recorder).run()
        return (report, recorder.document)
    }

    @Test("it tells what happened, in the numbers of the run's own report")
    func tellsWhatHappened() throws {
        let (report, document) = try Self.record(Self.story)
        #expect(document.passed && report.passed)
        #expect(document.devices.map(\.name) == report.devices.map(\.name))
        #expect(document.devices.map(\.sent) == report.devices.map(\.bytesSent))
        #expect(document.bytes == report.wire.bytes)
        #expect(document.sessions == Int(report.wire.sessions))
        for device in document.devices {
            let cells = device.lanes.reduce(0, +)
            #expect(cells > 0 && cells < device.sent)
        }
        func marks(_ kind: ReportDocument.MarkKind) -> [ReportDocument.Mark] {
            document.marks.filter { $0.kind == kind }
        }
        #expect(marks(.crash).map(\.device) == [1])
        #expect(marks(.crash).map(\.at) == [420_000])
        #expect(marks(.restart).map(\.at) == [480_000])
        #expect(document.spans.contains { $0.kind == .down && $0.from == 420_000 })
        #expect(document.links.contains { !$0.isUp && $0.from == 120_000 && $0.to == 360_000 })
        // The two edits did not know of each other; they meet once the link is back.
        let conflict = try #require(marks(.conflict).first)
        #expect(marks(.conflict).count == 1)
        #expect((360_000..<370_000).contains(conflict.at))
        #expect(document.texts[conflict.text].contains("phone"))
        let handover = try #require(document.handovers.first)
        #expect(handover.from == 0 && handover.to == 1 && handover.bytes > 0)
        #expect(try #require(handover.arrived) > handover.sent)
    }

    @Test("devices are behind while they are apart, and level at the end")
    func measuresLag() throws {
        let document = try Self.record(Self.story).document
        let apart = try #require(document.lag.last { $0.at < 360_000 })
        #expect(apart.behind == 2)
        #expect(apart.worst > 200_000)
        #expect(document.lag.last?.behind == 0)
        #expect(document.pool.last?.granted == 2_000_000_000)
        #expect(try #require(document.pool.last).used > 0)
    }

    @Test("equal seeds give equal pages, and other seeds others")
    func isDeterministic() throws {
        let pages = try [1, 1, 2].map {
            try ReportPage.html(of: Self.record(Self.story, seed: $0).document)
        }
        #expect(pages[0] == pages[1])
        #expect(pages[0] != pages[2])
    }

    @Test("no text of a scenario ends the element that it stands in")
    func textsAreInert() throws {
        let document = try Self.record(Self.story).document
        let page = String(decoding: try ReportPage.html(of: document), as: UTF8.self)
        #expect(page.ranges(of: "<script").count == 2)
        #expect(page.ranges(of: "</script").count == 2)
        #expect(!page.contains("<img"))
        #expect(!page.contains("<!--"))
        #expect(!page.contains("\u{2028}"))
        #expect(page.contains("<title>&lt;/script&gt;"))
        // What stands there is the document, to the last character.
        let opening = try #require(page.range(of: #"<script type="application/json" id="run">"#))
        let rest = page[opening.upperBound...]
        let data = rest[..<(try #require(rest.range(of: "</script>"))).lowerBound]
        let read = try JSONDecoder().decode(ReportDocument.self, from: Data(data.utf8))
        #expect(read == document)
        #expect(read.title == "</script><script>alert('title')</script> & <b>")
        // The page itself asks nobody for anything.
        let code = page[..<opening.upperBound] + rest[data.endIndex...]
        #expect(!code.contains("src=") && !code.contains("href=") && !code.contains("@import"))
    }

    @Test("it is bounded, says what it left out, and loses no byte")
    func isBounded() throws {
        var limits = RunRecorder.Limits()
        limits.transfers = 20
        limits.routineMarks = 10
        limits.poolSamples = 10
        limits.lagSamples = 20
        let whole = try Self.record(Self.story).document
        let small = try Self.record(Self.story, limits: limits).document
        #expect(small.transfers.count <= 20)
        #expect(small.lag.count <= 21)
        #expect(small.pool.count <= 10)
        func bytes(_ document: ReportDocument) -> UInt64 {
            document.transfers.reduce(0) { $0 + $1.bytes }
        }
        #expect(bytes(small) == bytes(whole))
        #expect(
            small.transfers.reduce(0) { $0 + $1.count }
                == whole.transfers.reduce(0) { $0 + $1.count })
        #expect(whole.omissions.isEmpty)
        #expect(small.omissions.count >= 3)
        #expect(small.omissions.allSatisfy { $0.shown < $0.of })
    }

    @Test("a run goes the same way with a recorder and without", arguments: UInt64(0)..<10)
    func changesNothing(seed: UInt64) throws {
        let recorder = RunRecorder(command: "")
        let recorded = SwarmRun.run(SwarmScript(drawnFrom: seed), recorder: recorder)
        #expect(recorded.traceHash == SwarmRun.run(seed: seed).traceHash)
        #expect(recorder.document.kind == .world)
        #expect(recorder.document.marks.contains { $0.kind == .operation })
        #expect(recorder.document.transfers.count > 10)
        let alone = try Worlds.run(Self.story, seed: seed)
        #expect(try Self.record(Self.story, seed: seed).report.traceHash == alone.traceHash)
    }
}
