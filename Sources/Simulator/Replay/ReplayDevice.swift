import CausalTime
import ReplicaModel
import ReplicaStore
import SyncEngine

/// One device of a replay: the production store under operations on generic records.
final class ReplayDevice {
    let index: Int
    let identity: Preamble
    let nonces: NonceSource
    let store: ReplicaStore
    /// What the device's clock shows, in milliseconds since 1970.
    var clock: Int64

    /// Makes a device whose replica is new.
    ///
    /// - Parameters:
    ///   - index: Its number.
    ///   - fleet: The fleet.
    ///   - random: Where its identifier and its writer's name come from.
    ///   - clock: What its clock shows.
    ///   - folder: Where its replica is made; in memory without one.
    /// - Throws: `StoreError` if the replica cannot be made.
    init(
        index: Int, fleet: FleetID, random: SeededRandom, clock: Int64, folder: String?
    ) throws {
        var random = random
        self.index = index
        self.clock = clock
        let id = DeviceID.random(using: &random)
        identity = Preamble(capabilities: .own, fleet: fleet, device: id)
        nonces = NonceSource(random)
        let nonce = nonces.writer()
        var options = ReplicaStore.Options()
        // One writer for each device: nothing is restored in a trace.
        options.drawNonce = { nonce }
        options.mark = MemoryMark()
        if let folder {
            let path = Self.path(of: index, in: folder)
            try ReplicaStore.create(at: path, fleet: fleet, device: id)
            store = try ReplicaStore.open(at: path, options: options)
        } else {
            store = try ReplicaStore.inMemory(fleet: fleet, device: id, options: options)
        }
    }

    /// The file of a device's replica.
    static func path(of index: Int, in folder: String) -> String {
        "\(folder)/device-\(index).sqlite"
    }

    var wall: WallTime { WallTime(milliseconds: clock) }
    var vectors: LaneVectors { store.durableSummary.vectors }

    /// Performs an operation that writes; does nothing for any other.
    func perform(_ operation: ReplayTrace.Operation, _ fields: RecordFields) throws {
        switch operation {
        case .load(_, let profiles, let allocations):
            try store.write(at: wall) { transaction in
                for profile in profiles {
                    for field in profile.fields {
                        try transaction.set(
                            fields[field.name], of: profile.id, to: field.value)
                    }
                }
                for allocation in allocations { try transaction.set(allocation) }
            }
        case .set(_, let profile, let field, let value):
            try store.write(at: wall) { try $0.set(fields[field], of: profile, to: value) }
        case .allocation(_, let allocation):
            try store.write(at: wall) { try $0.set(allocation) }
        case .usage(_, let amount):
            try store.write(at: wall) {
                try $0.increment(RecordUsage.amount, of: OnlyRow(), by: amount)
            }
        case .sync, .open, .close, .flush, .stabilize, .measure, .expect: break
        }
    }

    /// Takes in what another device holds of a lane, without a word on the wire.
    func take(_ lane: Lane, from other: ReplayDevice) throws {
        _ = try store.apply(other.store.segment(of: lane, since: vectors[lane]))
    }

    /// What the replica says.
    func records() throws -> Records {
        try store.read { snapshot in
            var values: [Records.Place: [UInt8]] = [:]
            for collection in [RecordProfiles.id, RecordAllocations.id] {
                for cell in try snapshot.cells(of: collection, in: .settings) {
                    let place = Records.Place(
                        collection: collection, row: cell.key.row, field: cell.key.field)
                    values[place] = cell.value
                }
            }
            return Records(
                values: values, usage: try snapshot.value(RecordUsage.amount, of: OnlyRow()),
                vectors: snapshot.vectors, digest: snapshot.summary.digest)
        }
    }
}

extension StoreTransaction {
    fileprivate func set(_ allocation: ReplayTrace.Allocation) throws {
        try set(RecordAllocations.share, of: allocation.device, to: allocation.value)
    }
}

/// What a replica holds of the records of a trace.
struct Records {
    struct Place: Hashable {
        let collection: CollectionID
        let row: [UInt8]
        let field: FieldID
    }

    let values: [Place: [UInt8]]
    let usage: UInt64
    let vectors: LaneVectors
    let digest: Digest

    /// Whether both say the same; replicas that have seen the same also have to be the same.
    func equals(_ other: Records) -> Bool {
        values == other.values && usage == other.usage
            && (vectors != other.vectors || digest == other.digest)
    }
}
