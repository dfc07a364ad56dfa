import Foundation
import Simulator
import Testing
import Yams

/// The published schema, which editors follow: it says the same as the reader.
@Suite("The schema of scenarios")
struct ScenarioSchemaTests {
    private let schema: [String: Any]

    init() throws {
        let path = ScenarioFiles.folder + "/scenario.schema.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        schema = try #require(try Yams.load(yaml: text) as? [String: Any])
    }

    private func problems(in text: String) throws -> [String] {
        let value = try #require(try Yams.load(yaml: text))
        return SchemaValidator(root: schema).problems(of: value)
    }

    @Test("has exactly the keys that the reader knows, each described")
    func keysAreThoseOfTheReader() throws {
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        for (name, keys) in ScenarioKeys.sections {
            let section = name == "scenario" ? schema : definitions[name]
            let properties = try #require(section?["properties"] as? [String: Any], "\(name)")
            #expect(Set(properties.keys) == Set(keys), "\(name)")
            #expect(section?["additionalProperties"] as? Bool == false, "\(name)")
        }
        let mappings = definitions.filter { $0.value["properties"] != nil }
        #expect(Set(mappings.keys).isSubset(of: ScenarioKeys.sections.map(\.name)))
        #expect(definitions.values.allSatisfy { $0["description"] is String })
    }

    @Test("every shipped scenario is valid, and tells editors so", arguments: ShippedScenarios.all)
    func shippedScenariosAreValid(name: String) throws {
        let path = ScenarioFiles.folder + "/" + name
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(try problems(in: text) == [])
        let up = name.contains("/") ? "../" : ""
        #expect(text.hasPrefix("# yaml-language-server: $schema=\(up)scenario.schema.json\n"))
    }

    @Test(
        "what the reader refuses for its form the schema refuses too",
        arguments: [
            "seed: -1", "timescale: 0", "settle: 10", "settle: 5s1m", "pool: {from: phone}",
            "pool: {grant: 20Gb}", "usage: {country: ch}", "usage: some", "colour: red",
            "links: {topology: rign}", "links: {bandwidth: 5Mb}", "links: {trace: {up: a}}",
            "profiles: [{iccid: 12ab}]", "rights: [{holder: phone}]",
            "timeline: [{cut: all}]", "timeline: [{at: 1m}]",
            "timeline: [{at: 1m, cut: all, heal: all}]", "timeline: [{at: 1m, heal: phone}]",
            "timeline: [{at: 1m, disk: {device: phone, state: old}}]",
            "timeline: [{at: 1m, use: {device: phone}}]",
            "timeline: [{at: 1m, expect: {device: phone, is: a}}]",
            "expect: {refusals: many}", "expect: {values: [{record: a, right: b, is: c}]}",
        ])
    func mistakesAreRefused(line: String) throws {
        let head = """
            scenario: test
            duration: 1h
            devices: {phone: {class: phone}, laptop: {class: laptop}}

            """
        #expect(try problems(in: head) == [])
        #expect(try !problems(in: head + line).isEmpty)
        #expect(throws: InputError.self) { try ScenarioFiles.parse(head + line) }
    }
}
