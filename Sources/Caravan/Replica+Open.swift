public import CausalTime
public import FleetModel
import Foundation
import ReplicaModel
import ReplicaStore

extension Replica {
    /// The database within the folder of a replica.
    package static func databasePath(in folder: String) -> String { folder + "/replica.sqlite" }

    private static func lockPath(in folder: String) -> String { folder + "/lock" }

    /// Makes a replica in a folder, and the folder if need be, and makes its device a member.
    ///
    /// - Parameters:
    ///   - folder: Must not hold a replica yet.
    ///   - fleet: The fleet to join; without one a new fleet is made.
    ///   - name: What people call the device.
    ///   - deviceClass: What kind of device it is.
    ///   - configuration: How the replica behaves.
    /// - Returns: The replica, open.
    /// - Throws: `StoreError`; with the code `alreadyExists` if there is a replica.
    public static func create(
        at folder: String, fleet: FleetID? = nil, name: String, deviceClass: DeviceClass,
        configuration: Configuration = Configuration()
    ) async throws -> Replica {
        try makeFolder(folder)
        // Two processes may be asked to make the same replica: one of them does.
        let lock = try StoreLock(path: lockPath(in: folder), mode: .exclusive)
        if !FileManager.default.fileExists(atPath: databasePath(in: folder)) {
            var random = SystemRandomNumberGenerator()
            try ReplicaStore.create(
                at: databasePath(in: folder), fleet: fleet ?? .random(using: &random),
                device: .random(using: &random))
        }
        // A crash at this point leaves a replica whose device is no member yet: going on from there
        // is what the caller wants.
        let replica = try open(at: folder, holding: lock, configuration)
        let isFinished = try await replica.read { [device = replica.device] in
            try $0.members().contains { $0.device == device }
        }
        guard !isFinished, fleet == nil || fleet == replica.fleet else {
            throw StoreError(
                .alreadyExists, "\(folder): a replica of fleet \(replica.fleet) exists already")
        }
        try await replica.write { try $0.joinFleet(name: name, deviceClass: deviceClass) }
        return replica
    }

    /// Opens the replica in a folder.
    ///
    /// The process holds it until it closes the replica or ends.
    ///
    /// - Throws: `StoreError`: there is no replica, it is in use, damaged or of a newer version.
    public static func open(
        at folder: String, configuration: Configuration = Configuration()
    ) throws -> Replica {
        let database = databasePath(in: folder)
        guard FileManager.default.fileExists(atPath: database) else {
            throw StoreError(.notFound, "\(folder): no replica here; `caravan init` makes one")
        }
        return try open(
            at: folder, holding: StoreLock(path: lockPath(in: folder), mode: .exclusive),
            configuration)
    }

    /// Makes a replica in memory and makes its device a member; it is gone when it is closed.
    ///
    /// For tests and previews: it does everything that one in a folder does but survive.
    ///
    /// - Parameters:
    ///   - fleet: The fleet to join; without one a new fleet is made.
    ///   - name: What people call the device.
    ///   - deviceClass: What kind of device it is.
    ///   - configuration: How the replica behaves.
    /// - Returns: The replica, open.
    /// - Throws: `StoreError`, `FleetError`.
    public static func inMemory(
        fleet: FleetID? = nil, name: String, deviceClass: DeviceClass,
        configuration: Configuration = Configuration()
    ) async throws -> Replica {
        var random = SystemRandomNumberGenerator()
        let store = try ReplicaStore.inMemory(
            fleet: fleet ?? .random(using: &random), device: .random(using: &random),
            options: configuration.options)
        let replica = Replica(
            folder: "", store: store, schema: configuration.schema, lock: nil)
        try await replica.write { try $0.joinFleet(name: name, deviceClass: deviceClass) }
        return replica
    }

    private static func open(
        at folder: String, holding lock: StoreLock, _ configuration: Configuration
    ) throws -> Replica {
        let database = databasePath(in: folder)
        var options = configuration.options
        options.mark = try FileMark(forDatabase: database)
        options.makeDeviceMark = { try FileDeviceMark(of: $0) }
        let store = try ReplicaStore.open(at: database, options: options)
        return Replica(
            folder: folder, store: store, schema: configuration.schema, lock: lock)
    }

    private static func makeFolder(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw StoreError(
                .inputOutput, "\(folder): cannot be made (\(error.localizedDescription))")
        }
    }
}

extension WallTime {
    /// What the system's clock shows.
    static var now: WallTime {
        WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
