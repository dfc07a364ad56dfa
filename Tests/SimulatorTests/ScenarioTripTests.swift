import Foundation
import Simulator
import Testing

@Suite struct ScenarioTripTests {
    private static let data = ScenarioFiles.folder + "/data"

    /// Writes itineraries of these legs to a folder that goes away, and hands it over.
    private func withData<Value>(legs: String, _ body: (String) throws -> Value) throws -> Value {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "scenario-\(UUID().uuidString)")
        let data = folder.appending(path: "data")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        defer {
            do {
                try FileManager.default.removeItem(at: folder)
            } catch {
                Issue.record(error)
            }
        }
        let json = #"{"itineraries": [{"id": "own", "legs": \#(legs)}]}"#
        try Data(json.utf8).write(to: data.appending(path: "itineraries.json"))
        try Data("# none\n".utf8).write(to: data.appending(path: "plmn.tsv"))
        return try body(folder.path(percentEncoded: false))
    }

    @Test func everyShippedItineraryNamesNetworksThatTheTableKnows() throws {
        let operators = try Operators.load(path: ScenarioTripTests.data + "/plmn.tsv")
        let path = ScenarioTripTests.data + "/itineraries.json"
        let itineraries = try Itinerary.loadAll(path: path)
        #expect(itineraries.count == 6)
        for leg in itineraries.flatMap(\.legs) {
            for place in [leg.from, leg.to] {
                #expect(place.plmns.allSatisfy { operators.network($0).country == place.country })
            }
        }
        #expect(operators.network("22803").name == "Salt")
        #expect(operators.network("99999").country == "ZZ")
    }

    @Test func thePositionMovesFromStopToStopAndChangesCountryAtTheBorder() throws {
        let path = ScenarioTripTests.data + "/itineraries.json"
        let trip = try Itinerary.load(id: "rail-de-ch", path: path)
        let middle = trip.position(at: .seconds(1701))
        #expect(middle.text == "Freiburg (Breisgau) Hbf → Basel SBB 63 % · DE")
        #expect(trip.position(at: .seconds(2279)).country == "DE")
        #expect(trip.position(at: .seconds(2280)).country == "CH")
        #expect(trip.position(at: .seconds(2700)).text == "Basel SBB · CH")
        #expect(trip.position(at: .seconds(9999)).fraction == 1)
        let flight = try Itinerary.load(id: "air-sin-zrh", path: path)
        #expect(flight.position(at: .seconds(40_000)).country == "SG")
        #expect(flight.position(at: .seconds(46_200)).country == "CH")
    }

    private static let twoLegs = """
        [{"from": "A", "to": "B", "depart_s": 60, "arrive_s": 200, "border_s": 100, "a": "AA",
          "b": "BB", "plmn_a": ["00101"], "plmn_b": ["00201", "00202"]},
         {"from": "B", "to": "C", "depart_s": 300, "arrive_s": 500, "border_s": 400, "a": "BB",
          "b": "CC", "plmn_a": ["00201", "00202"], "plmn_b": ["00301"]}]
        """

    @Test func aTripOfSeveralLegsKeepsTheNetworkAndTheStuckDevice() throws {
        try withData(legs: ScenarioTripTests.twoLegs) { folder in
            let scenario = try Scenario.parse(
                """
                scenario: own
                duration: 10m
                trip: {itinerary: own}
                devices: {a: {class: phone, handover: 30s}, b: {class: phone, handover: stuck}}
                timeline: [{at: 9m, free: b}]
                """, file: folder + "/own.yaml")
            let plan = SignalPlan.make(scenario: scenario, random: SeededRandom(seed: 1))
            #expect(plan.losses[0].count == 2)
            #expect(plan.losses[0][0].toOperator == plan.losses[0][1].fromOperator)
            let stuck = try #require(plan.losses[1].first)
            #expect(plan.losses[1].count == 1 && stuck.freedAt == .seconds(540))
            #expect(stuck.fromOperator.plmn == "00101" && stuck.toOperator.plmn == "00301")
            let trip = try #require(scenario.trip).itinerary
            #expect(trip.position(at: .zero).text == "A · AA")
            #expect(trip.position(at: .seconds(250)).text == "B · BB")
            #expect(trip.position(at: .seconds(350)).leg == 1)
        }
    }

    @Test func whoeverIsStuckAtOneBorderIsStillStuckAtTheNext() throws {
        try withData(legs: ScenarioTripTests.twoLegs) { folder in
            let scenario = try Scenario.parse(
                "scenario: own\nduration: 10m\ntrip: {itinerary: own}\n"
                    + "devices: {a: {class: laptop}}", file: folder + "/own.yaml")
            let stuck = (1...1000).count { seed in
                let random = SeededRandom(seed: UInt64(seed))
                let plan = SignalPlan.make(scenario: scenario, random: random)
                return !plan.hasSignal(device: 0, at: .seconds(1_000_000))
            }
            // Half at the first border, and half of the others at the second.
            #expect((700...800).contains(stuck))
        }
    }

    @Test(arguments: [
        ("[]", "has no legs"),
        (#"[{"from": "A"}]"#, "no 'to' in itineraries.Index 0.legs.Index 0"),
        (leg(#""border_s": 300"#), "border_s with gap_s must lie within the leg to B"),
        (
            leg(#""border_s": 100, "gap_s": 101"#),
            "border_s with gap_s must lie within the leg to B"
        ),
        (leg(#""flap": true"#), "no border_s or offline_s from AA to BB"),
        (leg(#""offline_s": [50]"#), "offline_s must be [from, until] within the leg"),
        (leg(#""border_s": "soon""#), "wrong value at itineraries.Index 0.legs.Index 0.border_s"),
        ("[", "wrong value at the top"),
    ])
    func anItineraryThatMakesNoSenseIsReportedAtItsName(legs: String, reason: String) throws {
        try withData(legs: legs) { folder in
            let error = #expect(throws: InputError.self) {
                try Scenario.parse(
                    "scenario: own\nduration: 10m\ndevices: {a: {class: phone}}\n"
                        + "trip: {itinerary: own}", file: folder + "/own.yaml")
            }
            #expect(error?.line == 4 && error?.column == 19)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
    }

    private static func leg(_ border: String) -> String {
        """
        [{"from": "A", "to": "B", "depart_s": 0, "arrive_s": 200, "a": "AA", "b": "BB",
          "plmn_a": ["00101"], "plmn_b": ["00201"], \(border)}]
        """
    }

    @Test func dataMayLieInAFolderThatTheScenarioNames() throws {
        try withData(legs: ScenarioTripTests.twoLegs) { folder in
            let text = """
                scenario: own
                duration: 10m
                devices: {a: {class: phone}}
                trip: {itinerary: own, data: ../data}
                """
            let scenario = try Scenario.parse(text, file: folder + "/below/own.yaml")
            #expect(scenario.trip?.itinerary.legs.count == 2)
        }
    }
}
