import Foundation
import Testing

/// The `sync-inspect` command.
@Suite("Replicas looked at by hand", .timeLimit(.minutes(3)))
struct InspectToolTests {
    private let fleet: DeviceFleet

    init() throws { fleet = try DeviceFleet() }

    private func inspect(_ arguments: String...) async throws -> DeviceTool.Run {
        try await DeviceTool.run(arguments, in: fleet.folder, of: "sync-inspect")
    }

    @Test("A replica is summed up while it is served, and has not changed")
    func summaryWhileServed() async throws {
        try await fleet.make("phone")
        let phone = try await ServingDevice("phone", in: fleet)
        try await fleet.device("phone", "profile", "add", "8941000000000000001")
        let before = try await fleet.digest("phone")
        let summary = try await inspect("summary", "phone", "--json")
        #expect(summary.status == 0, "\(summary.errors)")
        #expect(try summary.object()["digest"] as? String == before)
        #expect(try await inspect("summary", "phone").output.contains("8941000000000000001"))
        #expect(try await fleet.digest("phone") == before)
        try await phone.crash()
        // What a killed process leaves is read as it is, and is still there for the next one.
        #expect(try await inspect("summary", "phone").output.contains("8941000000000000001"))
        #expect(try await fleet.digest("phone") == before)
    }

    @Test("Two replicas are compared, and a script can ask for the verdict")
    func differenceHasAVerdict() async throws {
        try await fleet.make("phone", "laptop")
        let same = try await inspect("diff", "phone", "phone", "--exit-code")
        #expect(same.status == 0)
        #expect(same.output.contains("Equal"))
        #expect(try await inspect("diff", "phone", "laptop").status == 0)
        #expect(try await inspect("diff", "phone", "laptop", "--exit-code").status == 1)
    }

    @Test("What is no replica is the caller's mistake, said on one line")
    func mistakesEndWithTwo() async throws {
        try await fleet.make("phone")
        let note = fleet.folder + "/note"
        try "no database".write(toFile: note, atomically: true, encoding: .utf8)
        let mistakes = [["summary", "nowhere"], ["summary", "note"], ["diff", "phone", "note"]]
        for arguments in mistakes {
            let run = try await DeviceTool.run(arguments, in: fleet.folder, of: "sync-inspect")
            #expect(run.status == 2, "\(arguments)")
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
            #expect(run.output.isEmpty)
        }
        #expect(try await inspect("look", "phone").status == 2)
    }
}
