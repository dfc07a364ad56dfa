import CausalTime
import DeltaCRDT
import SyncTestKit
import Testing

@Suite struct RightsMatrixTests {
    private let phone = DeviceID.numbered(1)
    private let tablet = DeviceID.numbered(2)

    @Test func mergingObeysTheLaws() throws {
        let states = sequences(of: [0, 1, 2] as [UInt64], count: 3).map { amounts in
            var rights = RightsMatrix(granted: 4, minter: phone)
            rights.merge(amounts[0], for: transfer(1, to: tablet))
            rights.merge(amounts[1], for: reservation(1))
            rights.merge(amounts[2], for: reservation(2))
            return rights
        }
        try checkMergeLaws(of: states)
    }

    /// All worlds of four transfers and reservations of a grant of 3, merged as whole states.
    @Test func everyReplicaReadsTheBalanceOfAllThatItHasSeen() throws {
        let worlds = try checkMeaning(of: Rights(), operations: 4)
        #expect(worlds > 11_000)
    }

    /// The same where every entry travels by itself, in any order: causally closed or not.
    @Test func reservationsNeverExceedTheGrant() throws {
        let worlds = try explore(from: EntryWorld(), by: \.key) { world in
            let next = world.successors(operations: 4)
            for world in next { try world.check() }
            return next
        }
        #expect(worlds > 23_000)
    }

    @Test func rightsThatAreNotThereCannotBeTaken() throws {
        var rights = RightsMatrix(granted: 10, minter: phone)
        try rights.transfer(6, transfer(1, to: tablet))
        let before = rights
        let tooMuch = #expect(throws: RightsMatrix.InsufficientRights.self) {
            try rights.transfer(5, transfer(1, to: tablet))
        }
        #expect(tooMuch?.requested == 5 && tooMuch?.available == 4)
        #expect(throws: RightsMatrix.InsufficientRights.self) {
            try rights.reserve(5, reservation(1))
        }
        let nothing = #expect(throws: RightsMatrix.InsufficientRights.self) {
            try rights.reserve(1, reservation(3))
        }
        #expect(nothing?.available == 0)
        #expect(rights == before)
        try rights.reserve(4, reservation(1))
        #expect(rights.available(to: phone) == 0)
        #expect(rights.reserved == 4)
    }

    @Test func aTransferToOneselfAndNothingAtAllChangeNothing() throws {
        var rights = RightsMatrix(granted: 10, minter: phone)
        let before = rights
        try rights.transfer(3, transfer(1, to: phone))
        try rights.transfer(0, transfer(1, to: tablet))
        try rights.reserve(0, reservation(1))
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
                try device.transfer(10, transfer(1, to: tablet))
            } else {
                try device.reserve(15, reservation(1))
            }
        }
        if backupAfter == 4 { backup = device }

        let idle = backup.merging(device)
        #expect(idle.available(to: phone) == 50)
        #expect(idle == device)

        // It did not wait for the merge. Nothing of either writer is hidden.
        var eager = backup
        try eager.reserve(5, reservation(2, of: phone))
        try eager.transfer(5, RightsMatrix.Transfer(writer: .numbered(2), from: phone, to: tablet))
        for merged in [eager.merging(device), device.merging(eager)] {
            #expect(merged.available(to: phone) == 40)
            #expect(merged.available(to: tablet) == 25)
            #expect(merged.reserved == 35)
        }
    }

    @Test func aRestoredDeviceThatSpentTwiceHasNothingLeftAndTheOverrunShows() throws {
        let backup = RightsMatrix(granted: 100, minter: phone)
        var device = backup
        try device.reserve(80, reservation(1))
        var restored = backup
        try restored.reserve(70, reservation(2, of: phone))
        let merged = restored.merging(device)
        #expect(merged.available(to: phone) == 0)
        #expect(merged.reserved == 150)
    }

    /// Why a restored device must be another writer: under the same one, outflow disappears.
    @Test func underTheSameWriterAReservationWouldBeHidden() throws {
        let backup = RightsMatrix(granted: 100, minter: phone)
        var device = backup
        try device.reserve(80, reservation(1))
        var restored = backup
        try restored.reserve(70, reservation(1))
        #expect(restored.merging(device).reserved == 80)
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
