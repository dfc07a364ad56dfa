import Simulator
import Testing

@Suite struct ScenarioSignalPlanTests {
    private static let border: Duration = .seconds(2280)

    private func plan(_ scenario: Scenario, seed: UInt64 = 1) -> SignalPlan {
        SignalPlan.make(scenario: scenario, random: SeededRandom(seed: seed))
    }

    /// One device of a class on a trip, and when it gets its signal back after it could, in
    /// seconds, for many seeds; `nil` for never.
    private func handovers(
        _ device: String, itinerary: String = "rail-de-ch", seeds: UInt64 = 2000
    ) throws -> [Double?] {
        let scenario = try ScenarioFiles.minimal(
            devices: "{a: \(device)}", and: "trip: {itinerary: \(itinerary)}")
        return try (1...seeds).map { seed in
            let loss = try #require(plan(scenario, seed: seed).losses[0].last)
            return loss.regainAt.map { ($0 - loss.coverageAt).inSeconds }
        }
    }

    @Test func thePlanOfTheShippedScenarioIsTheSameOnEveryRun() throws {
        let scenario = try Scenario.load(path: ScenarioFiles.folder + "/rail-de-ch.yaml")
        let first = plan(scenario)
        #expect(first == plan(scenario))
        #expect(first != plan(scenario, seed: 2))
        let laptop = try #require(first.losses[1].first)
        #expect(laptop.isStuck && laptop.freedAt == .seconds(3000))
        for losses in first.losses {
            let loss = try #require(losses.first)
            #expect(losses.count == 1 && loss.reason == .border)
            let distance = loss.loseAt - ScenarioSignalPlanTests.border
            #expect((.seconds(-5) ... .seconds(5)).contains(distance))
            #expect(loss.fromOperator.country == "DE" && loss.toOperator.country == "CH")
        }
    }

    @Test func oneDeviceMoreLeavesThePlansOfTheOthersAsTheyWere() throws {
        let two = try ScenarioFiles.minimal(and: "trip: {itinerary: rail-de-ch}")
        let three = try ScenarioFiles.minimal(
            devices: "{new: {class: watch}, phone: {class: phone}, laptop: {class: laptop}}",
            and: "trip: {itinerary: rail-de-ch}")
        #expect(plan(three).losses[1...] == plan(two).losses[...])
    }

    @Test(arguments: [("phone", 30, 0.5), ("watch", 60, 0.6), ("tablet", 180, 0.6)])
    func eachClassTakesItsMedianTime(name: String, median: Double, sigma: Double) throws {
        let times = try handovers("{class: \(name)}").map { try #require($0) }.sorted()
        #expect(abs(times[1000] / median - 1) < 0.08)
        // In a log-normal distribution 84 % lie below the median times e to the sigma.
        let expected = [0.5: 1.6487, 0.6: 1.8221][sigma, default: 0] * median
        #expect(abs(times[1683] / expected - 1) < 0.1)
    }

    @Test func halfOfTheLaptopsStayStuckUntilFreed() throws {
        let times = try handovers("{class: laptop}")
        #expect((920...1080).contains(times.count { $0 == nil }))
        let others = times.compactMap(\.self).sorted()
        #expect(abs(others[others.count / 2] / 240 - 1) < 0.1)
    }

    @Test func aHandoverGivenInTheFileIsKept() throws {
        #expect(
            try handovers("{class: laptop, handover: 42s}", seeds: 50)
                == .init(repeating: 42, count: 50))
        #expect(
            try handovers("{class: phone, handover: stuck}", seeds: 50)
                == .init(repeating: nil, count: 50))
        let untouched = try ScenarioFiles.minimal(
            devices: "{a: {class: phone, handover: none}}", and: "trip: {itinerary: road-sg-my}")
        let plan = plan(untouched)
        #expect(plan.losses == [[]])
        #expect(plan.country(device: 0, at: .zero) == "SG")
        #expect(plan.country(device: 0, at: .seconds(600)) == "MY")
    }

    @Test func aStuckDeviceIsFreedByTheTimelineAndNotBefore() throws {
        func freed(at text: String) throws -> SignalLoss {
            let scenario = try ScenarioFiles.minimal(
                devices: "{a: {class: laptop, handover: stuck}}",
                and: "trip: {itinerary: rail-de-ch}\ntimeline: [{at: \(text), free: a}]")
            let plan = plan(scenario)
            let loss = try #require(plan.losses[0].first)
            let end = try #require(loss.endsAt)
            #expect(!plan.hasSignal(device: 0, at: end - .milliseconds(1)) || end == loss.loseAt)
            #expect(plan.hasSignal(device: 0, at: end))
            #expect(plan.network(device: 0, at: end) == loss.toOperator)
            return loss
        }
        #expect(try freed(at: "50m").endsAt == .seconds(3000))
        // On the minute of the border, whichever second the signal goes.
        let early = try freed(at: "38m")
        let expected = max(ScenarioSignalPlanTests.border, early.loseAt)
        #expect(early.endsAt == expected)
    }

    @Test func aTunnelAndAFlightTakeTheSignalForTheirWholeLength() throws {
        for seed in 1...50 as ClosedRange<UInt64> {
            let scenario = try ScenarioFiles.parse(
                """
                scenario: gaps
                duration: 14h
                trip: {itinerary: \(seed % 2 == 0 ? "rail-gb-fr-tunnel" : "air-sin-zrh")}
                devices: {a: {class: phone, handover: 30s}}
                """)
            let loss = try #require(plan(scenario, seed: seed).losses[0].first)
            let regain = try #require(loss.regainAt)
            #expect(regain == loss.coverageAt + .seconds(30))
            let dark = (loss.coverageAt - loss.loseAt).inSeconds
            switch loss.reason {
            case .tunnel: #expect(dark == 1260)
            case .flight: #expect(abs(dark - 45_600) <= 10)
            default: Issue.record("unexpected \(loss.reason)")
            }
        }
    }

    @Test func nearAFlappingBorderTheSignalGoesSeveralTimesBeforeItIsCrossed() throws {
        let scenario = try ScenarioFiles.minimal(
            devices: "{a: {class: phone, handover: 10s}}", and: "trip: {itinerary: road-sg-my}")
        for seed in 1...200 as ClosedRange<UInt64> {
            let losses = plan(scenario, seed: seed).losses[0]
            #expect((3...6).contains(losses.count), "seed \(seed)")
            for flap in losses.dropLast() {
                let length = try #require(flap.regainAt) - flap.loseAt
                #expect(flap.reason == .flap)
                #expect((.seconds(5) ... .seconds(40)).contains(length))
            }
            #expect(losses.last?.reason == .border && losses.last?.toOperator.country == "MY")
            for (earlier, later) in zip(losses, losses.dropFirst()) {
                #expect(try #require(earlier.endsAt) <= later.loseAt, "seed \(seed)")
                #expect(earlier.toOperator == later.fromOperator, "seed \(seed)")
            }
        }
    }

    @Test func nothingIsPlannedAfterTheEndOrWithoutATrip() throws {
        let short = try ScenarioFiles.parse(
            "scenario: s\nduration: 30m\ndevices: {a: {class: phone}}\n"
                + "trip: {itinerary: rail-de-ch}"
        )
        #expect(plan(short).losses == [[]])
        #expect(plan(short).country(device: 0, at: .seconds(60)) == "DE")
        let home = try ScenarioFiles.minimal()
        #expect(plan(home).losses == [[], []])
        #expect(plan(home).country(device: 1, at: .zero) == "ZZ")
        #expect(plan(home).network(device: 1, at: .zero) == nil)
    }
}
