import Caravan
import Foundation
import Testing

@Suite("Durability")
struct DurabilitySnippets {
    @Test("tells apart why a replica does not open")
    func openingFails() async throws {
        try await TemporaryFolder.with { folder in
            #expect(try await open(folder) == nil)
            try Data("no database at all, but long enough to be one".utf8)
                .write(to: URL(filePath: folder + "/replica.sqlite"))
            await #expect(throws: StoreError(.notAReplica, "")) { try await open(folder) }
        }
    }

    private func open(_ folder: String) async throws -> Replica? {
        // Durability.md (2)
        do {
            return try Replica.open(at: folder)
        } catch let error as StoreError {
            switch error.code {
            case .notFound: return nil  // make one: Replica.create
            case .damaged: print("left as it is: \(error)")
            case .newerSchema: print("update this app: \(error)")
            default: break
            }
            throw error
        }
        // end
    }

    @Test("has nothing to undo when a write fails")
    func writeFails() async throws {
        let replica = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        let before = try await replica.summary()
        await #expect(throws: FleetError.noGrant) { try await reserve(replica) }
        #expect(try await replica.summary() == before)
    }

    private func reserve(_ replica: Replica) async throws {
        // Durability.md (1)
        do {
            try await replica.reserve(.megabytes(400))
        } catch let error as StoreError where error.code == .diskFull {
            // Nothing was reserved, and the replica is as it was.
            print("free some space and try again: \(error)")
        }
        // end
    }

    @Test("shows signs of a copy")
    func alarms() async throws {
        let replica = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        #expect(try await replica.alarms().isEmpty)
        // Durability.md (3)
        for alarm in try await replica.alarms() {
            print("a copy of this device's replica is in use: \(alarm.detail)")
        }
        // end
    }
}
