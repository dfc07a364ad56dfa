import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// The travel domain on the store that keeps it.
@Suite("A fleet on real stores")
struct FleetOnStoreTests {
    let phone: ReplicaStore
    let laptop: ReplicaStore
    let travel: ICCID

    init() throws {
        phone = try .inMemory(1)
        laptop = try .inMemory(2)
        travel = try ICCID("89490200001234567890")
    }

    @Test("keeps the later edit everywhere and the earlier one among the lost values")
    func losersAreKept() throws {
        try phone.change { try $0.addProfile(travel, [.nickname: "before"]) }
        try laptop.pull(from: phone)
        try phone.change(at: 1000) { try $0.setProfile(travel, .nickname, to: "earlier") }
        try laptop.change(at: 2000) { try $0.setProfile(travel, .nickname, to: "later") }
        try phone.meet(laptop)
        for store in [phone, laptop] {
            let fields = try store.view { try $0.profiles().first?.fields }
            #expect(fields == [.nickname: "later"])
            let lost = try #require(try store.image().lost.first)
            #expect(CellValue(encoded: lost.value) == .text("earlier"))
            #expect(FleetKeyDescription(lost.key).phrase == "profile \(travel.digits) nickname")
        }
    }

    @Test("keeps edits of a profile that was removed meanwhile")
    func editsOfRemovedProfiles() throws {
        try phone.change { try $0.addProfile(travel) }
        try laptop.pull(from: phone)
        try phone.change { try $0.removeProfile(travel) }
        try laptop.change { try $0.setProfile(travel, .apn, to: "not.knowing") }
        try phone.meet(laptop)
        for store in [phone, laptop] {
            #expect(try store.view { try $0.profiles() }.isEmpty)
            let lost = try #require(try store.image().lost.first)
            #expect(lost.reason == .rowDeleted)
            #expect(CellValue(encoded: lost.value) == .text("not.knowing"))
        }
    }

    @Test("undoes all of a transaction in which something is refused")
    func refusalsUndo() throws {
        try phone.change {
            _ = try $0.grant(
                .megabytes(10), from: WallTime(milliseconds: 0),
                until: WallTime(milliseconds: 1000))
        }
        let before = try phone.image()
        let expected = FleetError.insufficientRights(
            requested: .megabytes(11), available: .megabytes(10))
        #expect(throws: expected) {
            try phone.change { fleet in
                try fleet.addProfile(travel)
                try fleet.recordUsage(UsageAmount(received: .megabytes(1)))
                _ = try fleet.reserve(.megabytes(11))
            }
        }
        #expect(try phone.image() == before)
    }

    @Test("sees its own writes within a transaction")
    func transactionsSeeThemselves() throws {
        let available = try phone.change { fleet -> ByteCount? in
            let grant = try fleet.grant(
                .megabytes(10), from: WallTime(milliseconds: 0),
                until: WallTime(milliseconds: 1000))
            try fleet.transfer(.megabytes(4), of: grant, to: laptop.device)
            try fleet.transfer(.megabytes(4), of: grant, to: laptop.device)
            #expect(throws: FleetError.self) {
                try fleet.transfer(.megabytes(4), of: grant, to: laptop.device)
            }
            return try fleet.view.pool(at: WallTime(milliseconds: 0)).devices
                .first { $0.device == phone.device }?.available
        }
        #expect(available == .megabytes(2))
    }

    @Test("counts usage and rights on after it was reopened as another writer")
    func reopenedStoresAddUp() throws {
        try phone.change {
            _ = try $0.grant(
                .megabytes(10), from: WallTime(milliseconds: 0),
                until: WallTime(milliseconds: 1000))
            _ = try $0.reserve(.megabytes(4))
            try $0.recordUsage(UsageAmount(received: .megabytes(3)))
        }
        let folder = try TemporaryFolder()
        // The same state without a mark: whoever opens it is a new writer.
        let path = folder.file("replica.sqlite")
        let store = try ReplicaStore.make(1, at: path)
        try store.pull(from: phone)
        let first = try store.image().writer
        try store.change { fleet in
            try fleet.recordUsage(UsageAmount(received: .megabytes(2)))
            #expect(throws: FleetError.self) { try fleet.reserve(.megabytes(7)) }
            _ = try fleet.reserve(.megabytes(5))
        }
        #expect(first == nil)
        let pool = try store.view { try $0.pool(at: WallTime(milliseconds: 0)) }
        #expect(pool.used == .megabytes(5))
        #expect(pool.reserved <= .megabytes(10) && pool.reserved >= .megabytes(9))
        try phone.meet(store)
        #expect(try phone.view { try $0.pool(at: WallTime(milliseconds: 0)) } == pool)
        try store.close()
    }
}

extension ReplicaStore {
    /// Changes the fleet in one transaction.
    func change<Result>(
        at milliseconds: Int64 = 0, _ body: (FleetChanges<StoreTransaction>) throws -> Result
    ) throws -> Result {
        try write(at: WallTime(milliseconds: milliseconds)) { try body(FleetChanges($0)) }
    }

    /// Reads the fleet.
    func view<Result>(
        _ body: (FleetView<StoreSnapshot>) throws -> Result
    ) throws -> Result {
        try read { try body(FleetView($0)) }
    }
}
