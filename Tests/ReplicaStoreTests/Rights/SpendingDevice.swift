import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit

/// A device whose replica is a file, which spends by raising a counter, and whose disk is restored,
/// copied and moved by hand.
final class SpendingDevice {
    let folder: TemporaryFolder
    let number: UInt32
    private let nonces: Nonces
    private(set) var store: ReplicaStore
    /// Where the file is now.
    private(set) var name: String
    /// Which machine it is on.
    var machine = "one"

    /// A device with a new replica.
    init(_ number: UInt32, in folder: TemporaryFolder, name: String, nonces: Nonces) throws {
        (self.folder, self.number, self.name, self.nonces) = (folder, number, name, nonces)
        try ReplicaStore.create(
            at: folder.file(name), fleet: testFleet, device: .numbered(number))
        store = try Self.open(folder, name, machine, nonces)
    }

    private init(
        _ number: UInt32, _ folder: TemporaryFolder, _ name: String, _ machine: String,
        _ nonces: Nonces
    ) throws {
        (self.folder, self.number, self.name, self.nonces) = (folder, number, name, nonces)
        self.machine = machine
        store = try Self.open(folder, name, machine, nonces)
    }

    /// Opens a file after a reboot: no continuity mark is left, only the device's.
    private static func open(
        _ folder: TemporaryFolder, _ name: String, _ machine: String, _ nonces: Nonces
    ) throws -> ReplicaStore {
        var options = ReplicaStore.Options()
        options.drawNonce = { nonces.draw() }
        let state = folder.file("state")
        options.makeDeviceMark = {
            try FileDeviceMark(
                of: $0, environment: ["CARAVAN_STATE_DIR": state], machine: machine)
        }
        return try .open(at: folder.file(name), options: options)
    }

    /// Closes the replica and opens it again, on the machine that it is on now.
    func reopen() throws {
        try store.close()
        store = try Self.open(folder, name, machine, nonces)
    }

    /// Closes the replica while `body` does something to its file.
    func whileClosed(_ body: () throws -> Void) throws {
        try store.close()
        try body()
        store = try Self.open(folder, name, machine, nonces)
    }

    func backUp(to name: String) throws { try whileClosed { try folder.copy(self.name, to: name) } }

    func restore(from name: String) throws {
        try whileClosed { try folder.copy(name, to: self.name) }
    }

    func move(to name: String) throws {
        try whileClosed {
            try folder.copy(self.name, to: name)
            try folder.remove(self.name)
            self.name = name
        }
    }

    /// Another process that uses a copy of the replica.
    func clone(as name: String) throws -> SpendingDevice {
        try backUp(to: name)
        return try SpendingDevice(number, folder, name, machine, nonces)
    }

    /// Spends one, durably; nothing if rights are frozen.
    ///
    /// - Returns: Whether it was acknowledged.
    func spend() throws -> Bool {
        do {
            try store.write(at: WallTime(milliseconds: 0)) { transaction in
                try transaction.useRights(in: .control)
                let key = Self.spent.owned(by: try transaction.writer())
                let before = try transaction.cell(at: key)?.amount ?? 0
                try transaction.put(
                    CellDraft(
                        key: Self.spent, kind: .counter, value: Cell.encoded(amount: before + 1)))
            }
            return true
        } catch let error as StoreError where error.code == .rightsFrozen {
            return false
        }
    }

    /// How much has been spent by all that the device has been, as far as the replica knows.
    func known() throws -> UInt64 {
        try store.read { snapshot in
            try snapshot.cells(of: Self.spent.collection, in: .control).reduce(0) { $0 + $1.amount }
        }
    }

    /// Whether it may spend.
    func isFrozen() throws -> Bool { try store.read { $0.areRightsFrozen } }

    private static let spent = CellKey(
        lane: .control, collection: CollectionID(rawValue: 900), row: [1],
        field: FieldID(rawValue: 1))
}
