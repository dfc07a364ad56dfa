import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// What only a device may spend: never twice, whatever happens to its disk.
@Suite("The rights of a device")
struct FrozenRightsTests {
    let folder: TemporaryFolder
    let phone: SpendingDevice
    let laptop: ReplicaStore

    init() throws {
        folder = try TemporaryFolder()
        phone = try SpendingDevice(1, in: folder, name: "phone", nonces: Nonces())
        laptop = try .inMemory(2)
    }

    @Test("outlast a reboot")
    func outlastReboots() throws {
        #expect(try phone.spend())
        try phone.reopen()
        #expect(try !phone.isFrozen() && phone.spend())
        #expect(try phone.known() == 2)
    }

    @Test("outlast a reboot also of a device that has never spent")
    func outlastRebootsUnused() throws {
        try phone.store.set(1, ofRow: 1, to: "something else")
        try phone.reopen()
        #expect(try phone.spend())
    }

    @Test("are frozen after a restore, until a peer brings back what was spent")
    func freezeUntilKnown() throws {
        #expect(try phone.spend())
        try phone.backUp(to: "backup")
        #expect(try phone.spend())
        try laptop.pull(from: phone.store)

        try phone.restore(from: "backup")
        #expect(try phone.isFrozen())
        #expect(try !phone.spend())
        #expect(try phone.known() == 1)
        // Everything else goes on.
        try phone.store.set(1, ofRow: 1, to: "still writing")

        try phone.store.pull(from: laptop)
        #expect(try !phone.isFrozen())
        #expect(try phone.spend())
        #expect(try phone.known() == 3)
    }

    @Test("stay frozen if nobody knows what was spent, unless a person answers for it")
    func freezeUntilConfirmed() throws {
        try phone.backUp(to: "backup")
        #expect(try phone.spend())
        try phone.restore(from: "backup")
        try phone.store.pull(from: laptop)
        phone.store.hearPeer()
        #expect(try phone.isFrozen())
        try phone.reopen()
        #expect(try !phone.spend())

        try phone.store.confirmRights()
        #expect(try phone.spend())
        try phone.reopen()
        #expect(try phone.spend())
    }

    @Test("are not frozen by the restore of a backup after which nothing was spent")
    func sparesFreshBackups() throws {
        #expect(try phone.spend())
        try phone.backUp(to: "backup")
        try phone.store.set(1, ofRow: 1, to: "no spending")
        try phone.restore(from: "backup")
        #expect(try phone.spend())
    }

    @Test("are frozen on another machine until a peer has been heard, and after each start again")
    func freezeElsewhere() throws {
        #expect(try phone.spend())
        phone.machine = "two"
        try phone.reopen()
        #expect(try phone.isFrozen())
        #expect(try !phone.spend())
        phone.store.hearPeer()
        #expect(try !phone.isFrozen())
        try phone.reopen()
        #expect(try phone.isFrozen())
        phone.store.hearPeer()
        #expect(try phone.spend())
        try phone.reopen()
        #expect(try phone.spend())
    }

    @Test("are with one of two live copies: the one that spent last")
    func copiesShareNothing() throws {
        #expect(try phone.spend())
        let copy = try phone.clone(as: "copy")
        #expect(try copy.spend())
        #expect(try !phone.spend())
        #expect(try copy.spend())

        try laptop.pull(from: copy.store)
        try phone.store.pull(from: laptop)
        #expect(try phone.spend())
        #expect(try !copy.spend())
        #expect(try phone.known() == 4)
    }

    @Test("go with a replica that is moved")
    func followMoves() throws {
        #expect(try phone.spend())
        try phone.move(to: "moved")
        #expect(try phone.spend())
    }

    @Test("outlast a crash in the middle of spending, but not in a copy")
    func outlastCrashes() throws {
        let copy = try phone.clone(as: "copy")
        #expect(throws: Interruption.self) {
            try phone.store.write(at: WallTime(milliseconds: 0)) { transaction in
                try transaction.useRights(in: .control)
                try transaction.put(
                    CellDraft(key: .entry(1), kind: .counter, value: Cell.encoded(amount: 1)))
                // The mark says that it was begun; then the transaction is undone.
                _ = try transaction.beginSpending()
                throw Interruption()
            }
        }
        #expect(try copy.isFrozen() && !copy.spend())
        #expect(try phone.spend())
        try phone.reopen()
        #expect(try phone.spend())
    }

    @Test("fence an exclusive right that a restored device seems to hold")
    func fenceExclusiveRights() throws {
        func write(_ body: (StoreTransaction) throws -> Void) throws {
            try phone.store.write(at: WallTime(milliseconds: 0), body)
        }
        try write { try $0.override(Primary.right, of: OnlyRow(), to: 1, term: 1) }
        try phone.backUp(to: "backup")
        try write { try $0.offer(Primary.right, of: OnlyRow(), from: 1, to: 2) }
        try phone.restore(from: "backup")
        #expect(
            try phone.store.read { try $0.value(Primary.right, of: OnlyRow()).isActive(1) })
        #expect(try !phone.store.read { try $0.mayUse(Primary.right, of: OnlyRow(), as: 1) })
        #expect(throws: StoreError(.rightsFrozen, "")) {
            try write { try $0.offer(Primary.right, of: OnlyRow(), from: 1, to: 3) }
        }
    }

    private struct Interruption: Error {}

    private enum Primary: RowCollection {
        static let id: CollectionID = 1050
        static let name = "primary_right"
        static let rows = StandingRows<OnlyRow>()
        static let right = Field<Primary, Exclusive<Int>>(1, "holder")
        static let fields: [any FieldOf<Primary>] = [right]
    }
}

/// Random histories of one device's disk.
@Suite("The rights of a device whose disk is restored, copied and moved at random")
struct SpendingWorldTests {
    @Test("are never spent beyond what there is", arguments: Seed.first(40))
    func neverOverdrawn(seed: Seed) throws {
        let folder = try TemporaryFolder()
        var random = seed.generator
        let nonces = Nonces()
        var devices = [try SpendingDevice(1, in: folder, name: "file-0", nonces: nonces)]
        let peers = [try ReplicaStore.inMemory(2), try ReplicaStore.inMemory(3)]
        var backups = 0
        var acknowledged: UInt64 = 0
        let granted: UInt64 = 12
        for step in 0..<60 {
            let device = devices[Int(random.next() % UInt64(devices.count))]
            let peer = peers[Int(random.next() % 2)]
            switch random.next() % 10 {
            case 0..<4:
                if try device.known() < granted, try device.spend() { acknowledged += 1 }
            case 4: try device.store.pull(from: peer)
            case 5: try peer.pull(from: device.store)
            case 6:
                try device.backUp(to: "backup-\(backups)")
                backups += 1
            case 7 where backups > 0:
                try device.restore(from: "backup-\(random.next() % UInt64(backups))")
            case 8 where devices.count < 3: devices.append(try device.clone(as: "copy-\(step)"))
            default: try device.reopen()
            }
            #expect(acknowledged <= granted, "\(seed), step \(step)")
        }
    }
}
