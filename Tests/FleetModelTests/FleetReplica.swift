import CausalTime
import FleetModel
import ReplicaModel
import SyncTestKit

/// One device of a fleet in memory: the travel domain over the simplest replica.
final class FleetReplica {
    let cells: ModelReplica

    var device: DeviceID { cells.device }
    var changes: FleetChanges<ModelReplica> { FleetChanges(cells) }
    var view: FleetView<ModelReplica> { FleetView(cells) }

    /// What the device's clock shows.
    var now: Int64 {
        get { cells.now.milliseconds }
        set { cells.now = WallTime(milliseconds: newValue) }
    }

    /// A device that has introduced its writer.
    init(_ number: UInt32, writer: WriterID? = nil) throws {
        cells = ModelReplica(device: .numbered(number), writer: writer ?? .numbered(number))
        try introduce()
    }

    private init(_ cells: ModelReplica) { self.cells = cells }

    /// The device after a restore of its present state: the same, but under another writer.
    func restored(as number: UInt32) throws -> FleetReplica {
        try FleetReplica(restored: cells, as: number)
    }

    /// The device after a restore of `backup`.
    convenience init(restored backup: ModelReplica, as number: UInt32) throws {
        self.init(backup.copy(as: .numbered(number)))
        try introduce()
    }

    private func introduce() throws {
        try cells.state(.bytes(device.bytes), at: .introduction(of: cells.currentWriter))
    }

    /// Takes in everything that `other` has.
    func pull(from other: FleetReplica) throws {
        for lane in Lane.all {
            try cells.apply(other.cells.segment(of: lane, since: cells.vectors[lane]))
        }
    }

    /// Takes in cells as a faulty peer might send them: under its writer, whatever they say.
    func receive(_ hostile: [Cell]) throws {
        for lane in Lane.all {
            let cells = hostile.filter { $0.key.lane == lane }
            let claim = VersionVector(cells.map { ($0.dot.writer, $0.dot.sequence) })
            let seen = self.cells.vectors[lane]
            try self.cells.apply(
                Segment(
                    lane: lane, base: seen, claim: seen.merging(claim), clock: .at(1),
                    cells: cells.sorted { $0.key < $1.key }))
        }
    }
}

/// Everyone takes from everyone until all have seen the same.
func meet(_ replicas: FleetReplica...) throws {
    for _ in 0..<2 {
        for replica in replicas {
            for other in replicas where other !== replica { try replica.pull(from: other) }
        }
    }
}

/// A number of megabytes.
func mb(_ count: UInt32) -> ByteCount { .megabytes(count) }

extension FleetReplica {
    /// Grants bytes for the time from 0 to `end`.
    @discardableResult
    func grant(_ bytes: ByteCount, until end: Int64 = 1_000_000) throws -> Grant {
        try changes.grant(
            bytes, from: WallTime(milliseconds: 0), until: WallTime(milliseconds: end))
    }

    /// Hands rights out by shares in percent.
    @discardableResult
    func allocate(_ shares: [(FleetReplica, Int)]) throws -> [DeviceID: ByteCount] {
        try changes.allocate(
            shares.compactMap { replica, percent in
                Share(basisPoints: percent * 100).map { (replica.device, $0) }
            })
    }

    /// The device's own line in the pool as this replica sees it.
    func allowance(of other: FleetReplica? = nil) throws -> DeviceAllowance? {
        try view.pool(at: cells.now).devices.first { $0.device == (other ?? self).device }
    }
}
