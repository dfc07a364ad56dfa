import Foundation
import Testing

/// The commands of `caravan-sim` that run random worlds, as a person types them.
@Suite("Random worlds by command")
struct SwarmCommandTests {
    private let folder: SimulatorFolder

    init() throws {
        folder = try SimulatorFolder()
    }

    @Test("a sweep says what it did as one object")
    func sweepReports() async throws {
        let run = try await folder.run(
            "sweep", "--swarm", "--seeds", "0..<3", "--jobs", "1", "--json")
        #expect(run.status == 0, "\(run.errors) \(run.output)")
        let report = try run.object()
        #expect(report["seeds"] as? Int == 3)
        #expect(report["passed"] as? Int == 3)
        #expect((report["failures"] as? [any Sendable])?.isEmpty == true)
        #expect((report["operations"] as? Int ?? 0) > 0)
        #expect((report["faults"] as? [String: any Sendable])?["crash"] != nil)
    }

    @Test("mistakes in the product are found, and named")
    func mutantsAreFound() async throws {
        let run = try await folder.run(
            "mutants", "counterSums", "syncsNever", "clockFollowsWall", "--seeds-max", "60",
            "--json")
        #expect(run.status == 0, "\(run.errors) \(run.output)")
        let mutants = try #require(try run.object()["mutants"] as? [[String: any Sendable]])
        #expect(mutants.count == 3)
        #expect(mutants.allSatisfy { $0["caught"] as? Bool == true })
        #expect(try run.object()["foundWithoutMistake"] as? [Int] == [])
    }

    @Test("a class of faults that is too rare fails a sweep")
    func rareFaultsFail() async throws {
        let rare = try await folder.run(
            "sweep", "--swarm", "--seeds", "0..<1", "--injections-min", "1000", "--json")
        #expect(rare.status == 1)
        #expect(rare.errors.contains("too rare: crash, "))
        #expect(try rare.object()["passed"] as? Int == 1)
    }

    @Test("a world that breaks a rule shrinks to a file that still breaks it")
    func shrunkHistoryFails() async throws {
        let shrunk = try await folder.run(
            "shrink", "--seed", "1", "--mutant", "segmentStartsLate", "--output", "small.yaml")
        #expect(shrunk.status == 0, "\(shrunk.errors)")
        let text = try String(contentsOfFile: folder.path + "/small.yaml", encoding: .utf8)
        #expect(text.split(separator: "\n").count { $0.hasPrefix("  - ") } <= 10, "\(text)")
        #expect(
            try await folder.run("run", "small.yaml", "--mutant", "segmentStartsLate").status == 1)
        #expect(try await folder.run("run", "small.yaml").status == 0)
    }

    @Test("a page shows what was broken, and what was said before")
    func pageShowsViolations() async throws {
        let run = try await folder.run(
            "run", "--swarm", "--seed", "1", "--mutant", "segmentStartsLate", "--report",
            "page.html", "--json")
        #expect(run.status == 1)
        let page = try String(contentsOfFile: folder.path + "/page.html", encoding: .utf8)
        let opening = try #require(page.range(of: #"id="run">"#))
        let rest = page[opening.upperBound...]
        let data = rest[..<(try #require(rest.range(of: "</script>"))).lowerBound]
        let object = try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
        let violation = try #require((object?["violations"] as? [[String: Any]])?.first)
        let failures = try #require(try run.object()["failures"] as? [[String: any Sendable]])
        let message = violation["message"] as? String ?? "nothing"
        #expect((failures.first?["violation"] as? String)?.hasSuffix(message) == true)
        #expect((violation["before"] as? [[String: Any]])?.isEmpty == false)
        #expect(violation["device"] as? Int == 0)
        // Where no page can be written, that is said.
        let lost = try await folder.run(
            "run", "--swarm", "--seed", "2", "--report", "no/where.html")
        #expect(lost.status == 1 && lost.errors.contains("no/where.html"))
    }

    @Test("mistakes on the command line end with status 2")
    func mistakesAreNamed() async throws {
        #expect(try await folder.run("sweep").status == 2)
        #expect(try await folder.run("sweep", "--swarm", "--seeds", "9..<3").status != 0)
        #expect(try await folder.run("mutants", "noSuchMistake").status == 2)
        #expect(try await folder.run("shrink").status == 2)
    }
}
