import FleetModel
import Foundation
import Simulator
import Testing

/// Where this package's scenarios stand.
enum ScenarioFiles {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Simulations").path(percentEncoded: false)

    /// Reads a text as if it were a file of that folder.
    static func parse(_ text: String) throws(InputError) -> Scenario {
        try Scenario.parse(text, file: folder + "/test.yaml")
    }

    /// The smallest scenario, with more lines at its end.
    static func minimal(
        devices: String = "{phone: {class: phone}, laptop: {class: laptop}}", and more: String = ""
    ) throws(InputError) -> Scenario {
        try parse("scenario: test\nduration: 1h\ndevices: \(devices)\n\(more)\n")
    }
}

@Suite struct ScenarioFileTests {
    @Test func theShippedScenarioReadsAsItSays() throws {
        let scenario = try Scenario.load(path: ScenarioFiles.folder + "/rail-de-ch.yaml")
        #expect(scenario.name == "rail-de-ch")
        #expect(scenario.deviceNames == ["phone", "laptop", "tablet", "watch"])
        #expect(scenario.duration == .seconds(55 * 60))
        #expect(scenario.devices.map(\.share?.basisPoints) == [4000, 3500, 1500, 1000])
        #expect(scenario.devices.map(\.handover) == [.byClass, .stuck, .byClass, .byClass])
        #expect(scenario.devices.allSatisfy { $0.usage != nil && $0.profile != nil })
        #expect(scenario.pool?.grant == .gigabytes(20))
        #expect(scenario.profiles.count == 4)
        #expect(scenario.links.count == 6)
        #expect(scenario.trip?.itinerary.legs.first?.border?.crossed == .seconds(38 * 60))
        #expect(scenario.timeline.contains { $0.at == .seconds(3000) && $0.action == .free(1) })
        #expect(scenario.expectation.convergeWithin == .seconds(60))
    }

    @Test func theSmallestScenarioHasTheDocumentedDefaults() throws {
        let scenario = try ScenarioFiles.minimal()
        #expect(scenario.title == "test")
        #expect(scenario.seed == 1)
        #expect(scenario.timescale == 1)
        #expect(scenario.settle == .seconds(600))
        #expect(scenario.pool == nil && scenario.trip == nil && scenario.timeline.isEmpty)
        let usage = try #require(scenario.devices[0].usage)
        #expect(usage.every == .seconds(20) && usage.country == .fromTrip)
        #expect(usage.bytes == ByteCount(200_000)...ByteCount(2_000_000))
        let quality = try #require(scenario.links.first?.quality)
        #expect(quality.delay == .milliseconds(60) && quality.jitter == .milliseconds(15))
        #expect(quality.bandwidth == nil)
    }

    @Test func aDevicesUsageTakesFromTheCommonOneWhatItDoesNotSay() throws {
        let scenario = try ScenarioFiles.minimal(
            devices: "{a: {class: phone, usage: {every: 5s}}, b: {class: router, usage: none}}",
            and: "usage: {every: 1m, bytes: 1MB, country: CH}")
        let usage = try #require(scenario.devices[0].usage)
        #expect(usage.every == .seconds(5) && usage.country == .fixed("CH"))
        #expect(usage.bytes == .megabytes(1) ... .megabytes(1))
        #expect(scenario.devices[1].usage == nil)
        let quiet = try ScenarioFiles.minimal(
            devices: "{a: {class: phone}, b: {class: phone, usage: {every: 5s}}}",
            and: "usage: none")
        #expect(quiet.devices.map { $0.usage?.every } == [nil, .seconds(5)])
    }

    @Test func everyActionIsReadIntoItsTypedForm() throws {
        let iccid = try ICCID("8999999000000001014")
        let scenario = try ScenarioFiles.minimal(
            devices: "{a: {class: phone}, b: {class: other}, c: {class: vehicle}}",
            and: """
                trip: {itinerary: rail-de-ch}
                profiles: [{iccid: \(iccid.digits), home-plmn: 262-02, by: b}]
                timeline:
                  - {at: 59m, say: "late: last"}
                  - {at: 1m, cut: all}
                  - {at: 1m, restore: a}
                  - {at: 1m, cut: [a, b]}
                  - {at: 1m, cut: {between: [c, a]}}
                  - {at: 1m, split: [[b]]}
                  - {at: 1m, silence: {from: c, to: a}}
                  - {at: 1m, heal: all}
                  - {at: 38m, free: b}
                  - at: 2m
                    edit: {device: a, profile: \(iccid.digits), field: roaming, value: true}
                  - {at: 2m, add-profile: {device: a, iccid: 899999900000000101, apn: web}}
                  - {at: 2m, remove-profile: {device: c, profile: \(iccid.digits)}}
                  - {at: 2m, use: {device: a, bytes: 1MB, country: FR}}
                  - {at: 2m, reserve: {device: a, bytes: 2MB}}
                  - {at: 2m, grant: {device: a, bytes: 3MB, valid: 7d}}
                  - {at: 2m, allocate: {device: a, shares: {c: 50%, a: 50%}}}
                  - {at: 3m, crash: a}
                  - {at: 4m, restart: a}
                """)
        let half = try #require(Share(basisPoints: 5000))
        #expect(
            scenario.timeline.map(\.action) == [
                .cut(.all), .restore(.devices([0])), .cut(.devices([0, 1])), .cut(.between(0, 2)),
                .split([[1], [0, 2]]), .silence(from: 2, to: 0), .heal,
                .edit(device: 0, iccid: iccid, field: .roaming, value: "true"),
                .addProfile(
                    device: 0, iccid: try ICCID("899999900000000101"), fields: [.apn: "web"]),
                .removeProfile(device: 2, iccid: iccid),
                .use(device: 0, bytes: .megabytes(1), country: .fixed("FR")),
                .reserve(device: 0, bytes: .megabytes(2)),
                .grant(device: 0, bytes: .megabytes(3), valid: .seconds(7 * 86_400)),
                .allocate(
                    device: 0,
                    shares: [.init(device: 2, share: half), .init(device: 0, share: half)],
                    lease: nil),
                .crash(0), .restart(0), .free(1), .say("late: last"),
            ])
        #expect(scenario.timeline.last?.line == 7)
        #expect(scenario.profiles.first?.fields == [.homePLMN: "26202"])
        #expect(scenario.profiles.first?.by == 1)
    }

    @Test(arguments: [
        ("mesh", ["01", "02", "03", "12", "13", "23"]), ("line", ["01", "12", "23"]),
        ("ring", ["01", "03", "12", "23"]), ("star", ["01", "02", "03"]),
        ("star c", ["02", "12", "23"]), ("[[c, a], [a, b], [d, c]]", ["01", "02", "23"]),
    ])
    func aTopologyLinksTheDevicesItNames(topology: String, pairs: [String]) throws {
        let scenario = try ScenarioFiles.minimal(
            devices: "{a: {class: phone}, b: {class: phone}, c: {class: phone}, d: {class: phone}}",
            and: "links: {topology: \(topology)}")
        #expect(scenario.links.map { "\($0.a)\($0.b)" } == pairs)
    }

    @Test func smallFleetsHaveEachLinkOnce() throws {
        let two = try ScenarioFiles.minimal(and: "links: {topology: ring}")
        #expect(two.links.count == 1)
        let one = try ScenarioFiles.minimal(devices: "{a: {class: phone}}")
        #expect(one.links.isEmpty)
        let names = (1...1000).map { "d\($0): {class: other}" }.joined(separator: ", ")
        let large = try ScenarioFiles.minimal(devices: "{\(names)}", and: "links: {topology: ring}")
        #expect(large.links.count == 1000)
    }

    @Test func onePairMayHaveAQualityOfItsOwn() throws {
        let scenario = try ScenarioFiles.minimal(
            devices: "{a: {class: phone}, b: {class: phone}, c: {class: phone}}",
            and: """
                links:
                  delay: 40ms
                  bandwidth: 64kbit/s
                  pairs: [{between: [c, b], delay: 200ms}, {between: [a, c], bandwidth: unlimited}]
                """)
        let narrow = try Bandwidth(scenarioText: "64kbit/s")
        #expect(narrow.time(toSend: 8000) == .seconds(1))
        let delays = scenario.links.map { $0.quality.delay.wholeMilliseconds }
        #expect(delays == [40, 40, 200])
        #expect(scenario.links.map { $0.quality.jitter.wholeMilliseconds } == [10, 10, 50])
        #expect(scenario.links.map(\.quality.bandwidth) == [narrow, nil, narrow])
    }

    @Test(arguments: [
        ("90s", 90_000), ("1h30m", 5_400_000), ("250ms", 250), ("30d", 2_592_000_000), ("0", 0),
        ("1.5h", 5_400_000), ("37m30s", 2_250_000),
    ])
    func aDurationIsReadAndWrittenAlike(text: String, milliseconds: Int) throws {
        let duration = try Duration(scenarioText: text)
        #expect(duration == .milliseconds(milliseconds))
        #expect(try Duration(scenarioText: duration.scenarioText) == duration)
    }
}

@Suite struct ScenarioLinkCutsTests {
    private func scenario() throws -> Scenario {
        try ScenarioFiles.minimal(
            devices: "{a: {class: phone}, b: {class: phone}, c: {class: phone}, d: {class: phone}}")
    }

    @Test func aSplitCutsWhatRunsBetweenGroupsAndHealUndoesEverything() throws {
        var cuts = LinkCuts(links: try scenario().links)  // ab ac ad bc bd cd
        #expect(cuts.apply(.cut(.between(0, 1))) == [0])
        #expect(cuts.apply(.split([[0, 1], [2, 3]])) == [1, 2, 3, 4])
        #expect((0..<6).map(cuts.isCut) == [true, true, true, true, true, false])
        #expect(cuts.apply(.restore(.devices([3]))) == [2, 4])
        #expect(cuts.apply(.free(0)).isEmpty)
        #expect(cuts.apply(.heal) == [0, 1, 3])
        #expect(cuts.apply(.heal).isEmpty)
    }

    @Test func silenceIsOfOneDirectionAndEndsWithTheCuts() throws {
        var cuts = LinkCuts(links: try scenario().links)
        #expect(cuts.apply(.silence(from: 2, to: 0)).isEmpty)
        #expect(cuts.isSilent(link: 1, from: 2) && !cuts.isSilent(link: 1, from: 0))
        #expect(!cuts.isCut(link: 1) && cuts.silences == 1)
        #expect(cuts.apply(.silence(from: 0, to: 2)).isEmpty && cuts.silences == 2)
        _ = cuts.apply(.restore(.devices([3])))
        #expect(cuts.silences == 2)
        _ = cuts.apply(.restore(.between(0, 2)))
        #expect(cuts.silences == 0)
        _ = cuts.apply(.silence(from: 0, to: 1))
        #expect(cuts.apply(.heal).isEmpty && cuts.silences == 0)
    }

    @Test func cuttingADeviceCutsAllItsLinks() throws {
        var cuts = LinkCuts(links: try scenario().links)
        #expect(cuts.apply(.cut(.devices([2]))) == [1, 3, 5])
        #expect(cuts.apply(.cut(.all)) == [0, 2, 4])
    }
}
