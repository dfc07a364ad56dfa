import CausalTime
import FaultDisk
import ReplicaModel
import ReplicaStore

/// Where a simulated device keeps its replica, and what its process and its power do to it.
final class SimulatedDisk {
    private static let database = "replica.sqlite"

    /// Nothing where only the process can end: then the replica lies in a database of SQLite's own.
    private let disk: FaultDisk?
    private let mark = MemoryMark()
    private var options: ReplicaStore.Options
    private(set) var store: ReplicaStore
    /// Whether it refuses to work now.
    private(set) var isInTrouble = false

    /// Makes a replica.
    ///
    /// - Parameters:
    ///   - fleet: The fleet that it is of.
    ///   - device: The device that it is of.
    ///   - kind: What it lies on.
    ///   - options: How it is opened; its mark is added.
    /// - Throws: What making and opening a store throws.
    init(
        fleet: FleetID, device: DeviceID, kind: Kind, options: ReplicaStore.Options
    ) throws {
        var options = options
        options.mark = mark
        self.options = options
        switch kind {
        case .memory:
            disk = nil
            store = try ReplicaStore.inMemory(fleet: fleet, device: device, options: options)
        case .temporary:
            disk = nil
            store = try ReplicaStore.temporary(fleet: fleet, device: device, options: options)
        case .faulty:
            let draft = FaultDisk()
            try ReplicaStore.create(
                atAddress: draft.address(of: Self.database), fleet: fleet, device: device)
            // The device has been made and put to use long ago: all of it is durable.
            let disk = draft.copy()
            self.disk = disk
            store = try ReplicaStore.open(
                atAddress: disk.address(of: Self.database), options: options)
        }
    }

    /// What a replica lies on.
    enum Kind {
        case memory
        /// A file that is nobody else's and is never synced: for fleets too large for memory.
        case temporary
        /// A disk that can fail.
        case faulty
    }

    /// Ends the process at once.
    ///
    /// - Parameter tearing: With the power too: the seed of what becomes of writes that were not
    ///   synced.
    func end(tearing: UInt64?) {
        isInTrouble = false
        guard let tearing else {
            disk?.recover(losing: .none)
            return
        }
        disk?.recover(losing: .some(seed: tearing))
        mark.forget()
    }

    /// Begins a process on what the last one left.
    func restart() throws {
        guard let disk else {
            store = try store.reopened()
            return
        }
        store = try ReplicaStore.open(
            atAddress: disk.address(of: Self.database), options: options, wasClosed: false)
    }

    /// Lets the disk fail, or work again.
    func set(_ state: Scenario.DiskState) {
        var plan = FaultDisk.Plan()
        plan.persists = true
        switch state {
        case .full: plan.fullAt = 1
        case .failing: plan.failAt = 1
        case .healthy: plan = FaultDisk.Plan()
        }
        isInTrouble = state != .healthy
        disk?.plan(plan)
    }
}

extension Scenario {
    /// The devices whose disks can fail.
    var devicesWithFaultyDisks: Set<Int> {
        Set(
            timeline.compactMap { step in
                switch step.action {
                case .befall(let device, .disk), .befall(let device, .powerCut): device
                default: nil
                }
            })
    }
}
