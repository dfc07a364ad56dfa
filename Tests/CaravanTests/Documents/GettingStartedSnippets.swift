import Caravan
import Testing

@Suite("Getting started")
struct GettingStartedSnippets {
    @Test("works as it is written")
    func works() async throws {
        try await TemporaryFolder.with { folder in
            let phone = try await makePhone(folder)
            let travel = try ICCID("8999999000000001014")
            #expect(try await edit(phone, travel) == ["Japan"])
            try await spend(phone)
            try await observe(phone)
            #expect(try await meet(phone, in: folder) == ["Japan"])
            try await phone.close()
        }
    }

    private func makePhone(_ folder: String) async throws -> Replica {
        // GettingStarted.md (1)
        let phone = try await Replica.create(
            at: folder + "/phone", name: "Anna's phone", deviceClass: .phone)
        // end
        return phone
    }

    private func edit(_ phone: Replica, _ travel: ICCID) async throws -> [String] {
        // GettingStarted.md (2)
        try await phone.write { fleet in
            try fleet.addProfile(travel, [.nickname: "Japan", .roaming: "true"])
        }

        let nicknames = try await phone.read { fleet in
            try fleet.profiles().map { $0.fields[.nickname] ?? "unnamed" }
        }
        // end
        return nicknames
    }

    private func spend(_ phone: Replica) async throws {
        // GettingStarted.md (3)
        try await phone.write { fleet in
            let now = fleet.cells.now
            let end = WallTime(milliseconds: now.milliseconds + 30 * 24 * 3_600_000)
            _ = try fleet.grant(.gigabytes(10), from: now, until: end)
        }
        // end

        // GettingStarted.md (4)
        do {
            try await phone.reserve(.megabytes(400))
        } catch FleetError.insufficientRights(_, let available) {
            print("this device may reserve no more than \(available)")
        }

        let used = UsageAmount(received: .megabytes(25), sent: .megabytes(2))
        let receipt = try await phone.recordUsage(used, country: "JP")
        for share in receipt.crossed { print("the fleet has used \(share) of its data") }
        // end
    }

    private func observe(_ phone: Replica) async throws {
        let showing = Task { try await show(phone) }
        try await showing.value
    }

    private func show(_ phone: Replica) async throws {
        // GettingStarted.md (5)
        for try await profiles in phone.values(of: .profiles) {
            print("\(profiles.count) profiles")
            if profiles.count > 0 { break }
        }
        // end
    }

    private func meet(_ phone: Replica, in folder: String) async throws -> [String] {
        // GettingStarted.md (6)
        let laptop = try await Replica.create(
            at: folder + "/laptop", fleet: phone.fleet, name: "laptop", deviceClass: .laptop)

        var near = phone.session()
        var far = laptop.answeringSession()
        var bytes = try near.start()
        while !bytes.isEmpty {
            let answer = try far.receive(bytes)
            bytes = answer.isEmpty ? [] : try near.receive(answer)
        }
        // end
        let names = try await laptop.read { try $0.profiles().compactMap { $0.fields[.nickname] } }
        try await laptop.close()
        return names
    }
}
