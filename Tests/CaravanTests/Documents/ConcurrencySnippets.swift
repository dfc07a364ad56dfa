import Caravan
import Testing

@Suite("The rules of concurrency")
struct ConcurrencySnippets {
    @Test("refuse a replica that is open already, also in the same process")
    func secondOpening() async throws {
        try await TemporaryFolder.with { folder in
            let phone = try await Replica.create(
                at: folder, name: "phone", deviceClass: .phone)
            #expect(throws: StoreError(.inUse, "")) { try Replica.open(at: folder) }
            #expect(try open(folder) == nil)
            try await phone.close()
            // Closed, it lets go of the folder, though it is still referred to.
            #expect(try open(folder)?.device == phone.device)
            try await phone.close()
        }
    }

    private func open(_ folder: String) throws -> Replica? {
        // Concurrency.md (1)
        do {
            return try Replica.open(at: folder)
        } catch let error as StoreError where error.code == .inUse {
            // This process has it open further up, or another process has it.
            return nil
        }
        // end
    }

    @Test("make what is decided on and what is done one transaction")
    func oneTransaction() async throws {
        let replica = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        try await addTogether(replica, SessionTests.travel)
        try await addApart(replica, SessionTests.travel)
        try await addTogether(replica, SessionTests.travel)
        try await addAll(replica)
        #expect(try await replica.read { try $0.profiles().count } == 3)
    }

    private func addApart(_ replica: Replica, _ travel: ICCID) async throws {
        // Concurrency.md (2)
        // Wrong: what a peer sends may arrive between the two calls.
        let profiles = try await replica.read { try $0.profiles() }
        if !profiles.contains(where: { $0.iccid == travel }) {
            try await replica.write { try $0.addProfile(travel) }
        }
        // end
    }

    private func addTogether(_ replica: Replica, _ travel: ICCID) async throws {
        // Concurrency.md (3)
        // Right: what is decided on and what is done are one transaction.
        try await replica.write { fleet in
            let profiles = try fleet.view.profiles()
            if !profiles.contains(where: { $0.iccid == travel }) {
                try fleet.addProfile(travel)
            }
        }
        // end
    }

    private func addAll(_ replica: Replica) async throws {
        // Concurrency.md (4)
        let offers = try await download()
        try await replica.write { fleet in
            for iccid in offers { try fleet.addProfile(iccid, [.provider: "Example"]) }
        }
        // end
    }

    private func download() async throws -> [ICCID] {
        [try ICCID("8999999000000001022"), try ICCID("8999999000000001030")]
    }
}
