import CausalTime
import DeltaCRDT
import SyncTestKit
import Testing

@Suite struct RightsMatrixTests {
    private let phone = DeviceID.numbered(1)
    private let tablet = DeviceID.numbered(2)

    @Test func mergingObeysTheLaws() throws {
        let states = sequences(of: [0, 1, 2] as [UInt64], count: 4).map { amounts in
            var rights = RightsMatrix(granted: 4, minter: phone)
            rights.merge(amounts[0], for: transfer(1, to: tablet))
            rights.merge(amounts[1], for: reservation(1))
            rights.merge(amounts[1], for: reservation(2))
            if amounts[2] > 0 { rights.merge(amounts[2] - 1, for: closing(2)) }
            if amounts[3] > 0 {
                rights.merge(leaseUntil: at(Int64(amounts[3]) - 2), of: tablet)
            }
            return rights
        }
        try checkMergeLaws(of: states)
    }

    // MARK: Every world

    /// All worlds of four operations on a grant of 3, merged as whole states: transfers and
    /// reservations, then with parts that are closed, then with leases that end.
    @Test(arguments: [RightsDeed.lasting, RightsDeed.closing, RightsDeed.leased])
    func everyReplicaReadsTheBooksOfAllThatItHasSeen(
        deeds: @escaping @Sendable (Int) -> [RightsDeed]
    ) throws {
        let worlds = try checkMeaning(of: Rights(deeds: deeds), operations: 4)
        #expect(worlds > 11_000)
    }

    /// The same where every entry travels by itself, in any order: causally closed or not.
    @Test(arguments: [RightsDeed.lasting, RightsDeed.closing])
    func reservationsNeverExceedTheGrant(
        deeds: @escaping @Sendable (Int) -> [RightsDeed]
    ) throws {
        let worlds = try Self.explored(EntryWorld(deeds))
        #expect(worlds > 23_000)
    }

    /// Why a closing says how much its device had handed on and reserved.
    @Test func closingsThatDoNotStateTheOutflowWouldBeUnsound() {
        #expect(throws: EntryWorld.Overdraft.self) {
            try Self.explored(EntryWorld(RightsDeed.closing, statesOutflow: false))
        }
    }

    private static func explored(_ world: EntryWorld) throws -> Int {
        try explore(from: world, by: \.key) { world in
            let next = world.successors(operations: 4)
            for world in next { try world.check() }
            return next
        }
    }

    // MARK: Random lives

    @Test func noGrantIsOverdrawnWhateverArrivesWhen() {
        for seed in Seed.first(5000) {
            var game = RightsGame(.none, seed: seed)
            let isOverdrawn = game.isOverdrawn()
            #expect(!isOverdrawn, "\(seed)")
        }
    }

    /// The same lives show each of the faults that the rules are there for.
    @Test(arguments: RightsGame.Fault.allCases.filter { $0 != .none })
    func faultsAreSeen(fault: RightsGame.Fault) {
        let isSeen = Seed.first(5000).contains { seed in
            var game = RightsGame(fault, seed: seed)
            return game.isOverdrawn()
        }
        #expect(isSeen, "\(fault)")
    }

    // MARK: Refusals

    @Test func rightsThatAreNotThereCannotBeTaken() throws {
        var rights = RightsMatrix(granted: 10, minter: phone)
        try rights.transfer(6, transfer(1, to: tablet), at: at(0))
        let before = rights
        #expect(throws: RightsMatrix.Refusal.insufficient(requested: 5, available: 4)) {
            try rights.transfer(5, transfer(1, to: tablet), at: at(0))
        }
        #expect(throws: RightsMatrix.Refusal.insufficient(requested: 5, available: 4)) {
            try rights.reserve(5, reservation(1), at: at(0))
        }
        #expect(throws: RightsMatrix.Refusal.insufficient(requested: 1, available: 0)) {
            try rights.reserve(1, reservation(3), at: at(0))
        }
        #expect(rights == before)
        try rights.reserve(4, reservation(1), at: at(0))
        #expect(rights.available(to: phone) == 0)
        #expect(rights.reserved == 4)
    }

    @Test func aLeaseLimitsItsDeviceUntilItIsExtendedAndNeverTheMinter() throws {
        var rights = RightsMatrix(granted: 10, minter: phone)
        try rights.transfer(6, transfer(1, to: tablet), at: at(0))
        rights.merge(leaseUntil: at(5), of: tablet)
        rights.merge(leaseUntil: at(5), of: phone)
        try rights.reserve(1, reservation(2), at: at(4))
        let before = rights
        #expect(throws: RightsMatrix.Refusal.leaseEnded(at(5))) {
            try rights.reserve(1, reservation(2), at: at(5))
        }
        #expect(rights == before)
        #expect(rights.available(to: tablet) == 5, "it still holds them")
        rights.merge(leaseUntil: at(9), of: tablet)
        rights.merge(leaseUntil: at(3), of: tablet)
        try rights.reserve(1, reservation(2), at: at(8))
        try rights.reserve(1, reservation(1), at: at(100))
        #expect(rights.leaseEnd(of: tablet) == at(9) && rights.leaseEnd(of: phone) == nil)
    }

    @Test func whatAClosedDeviceHasLeftOrStillReceivesIsTheMinters() throws {
        var rights = RightsMatrix(granted: 10, minter: phone)
        try rights.transfer(6, transfer(1, to: tablet), at: at(0))
        try rights.reserve(2, reservation(2), at: at(0))
        try rights.close(closing(2))
        #expect(rights.available(to: tablet) == 0 && rights.available(to: phone) == 8)
        #expect(rights.returned(by: tablet) == 4 && rights.received(by: phone) == 14)
        for refused in [1, 0] as [UInt64] {
            #expect(throws: RightsMatrix.Refusal.closed) {
                try rights.reserve(refused, reservation(2), at: at(0))
            }
        }
        // Someone who has not heard of it.
        try rights.transfer(3, transfer(1, to: tablet), at: at(0))
        #expect(rights.available(to: phone) == 8 && rights.returned(by: tablet) == 7)
        let before = rights
        try rights.close(closing(2))
        #expect(rights == before)
        #expect(throws: RightsMatrix.Refusal.minter) { try rights.close(closing(1)) }
        rights.merge(0, for: closing(1))
        #expect(rights.available(to: phone) == 8, "not even if it claims to have")
    }

    @Test func aTransferToOneselfAndNothingAtAllChangeNothing() throws {
        var rights = RightsMatrix(granted: 10, minter: phone)
        let before = rights
        try rights.transfer(3, transfer(1, to: phone), at: at(0))
        try rights.transfer(0, transfer(1, to: tablet), at: at(0))
        try rights.reserve(0, reservation(1), at: at(0))
        #expect(rights == before)
    }

    @Test func entriesThatOnlyAFaultyPeerCanSendLeaveNothingAvailable() {
        var rights = RightsMatrix(granted: 10, minter: phone)
        rights.merge(.max, for: transfer(1, to: tablet))
        rights.merge(.max, for: reservation(1))
        rights.merge(.max, for: reservation(2))
        #expect(rights.available(to: phone) == 0)
        #expect(rights.available(to: tablet) == 0)
        #expect(rights.reserved == .max)
    }

    // MARK: A device that was restored from a backup

    /// For each moment of a backup: what the former writer did and the restored device did not
    /// know comes back with the first merge, because the restored device is another writer.
    @Test(arguments: 0...4)
    func aRestoredDeviceLearnsWhatItsFormerWriterGaveAway(backupAfter: Int) throws {
        var device = RightsMatrix(granted: 100, minter: phone)
        var backup = device
        for step in 0..<4 {
            if step == backupAfter { backup = device }
            if step.isMultiple(of: 2) {
                try device.transfer(10, transfer(1, to: tablet), at: at(0))
            } else {
                try device.reserve(15, reservation(1), at: at(0))
            }
        }
        if backupAfter == 4 { backup = device }

        let idle = backup.merging(device)
        #expect(idle.available(to: phone) == 50)
        #expect(idle == device)

        // It did not wait for the merge. Nothing of either writer is hidden.
        var eager = backup
        try eager.reserve(5, reservation(2, of: phone), at: at(0))
        try eager.transfer(5, transfer(2, to: tablet), at: at(0))
        for merged in [eager.merging(device), device.merging(eager)] {
            #expect(merged.available(to: phone) == 40)
            #expect(merged.available(to: tablet) == 25)
            #expect(merged.reserved == 35)
        }
    }

    @Test func aRestoredDeviceThatSpentTwiceHasNothingLeftAndTheOverrunShows() throws {
        let backup = RightsMatrix(granted: 100, minter: phone)
        var device = backup
        try device.reserve(80, reservation(1), at: at(0))
        var restored = backup
        try restored.reserve(70, reservation(2, of: phone), at: at(0))
        let merged = restored.merging(device)
        #expect(merged.available(to: phone) == 0)
        #expect(merged.reserved == 150)
    }

    /// Why a restored device must be another writer: under the same one, outflow disappears.
    @Test func underTheSameWriterAReservationWouldBeHidden() throws {
        let backup = RightsMatrix(granted: 100, minter: phone)
        var device = backup
        try device.reserve(80, reservation(1), at: at(0))
        var restored = backup
        try restored.reserve(70, reservation(1), at: at(0))
        #expect(restored.merging(device).reserved == 80)
    }

    private func at(_ milliseconds: Int64) -> WallTime { WallTime(milliseconds: milliseconds) }

    private func closing(_ number: UInt32) -> RightsMatrix.Closing {
        RightsMatrix.Closing(writer: .numbered(number), device: .numbered(number))
    }

    private func transfer(_ writer: UInt32, to device: DeviceID) -> RightsMatrix.Transfer {
        RightsMatrix.Transfer(writer: .numbered(writer), from: phone, to: device)
    }

    private func reservation(
        _ writer: UInt32, of device: DeviceID? = nil
    ) -> RightsMatrix.Reservation {
        RightsMatrix.Reservation(writer: .numbered(writer), device: device ?? .numbered(writer))
    }
}
