public import CausalTime
public import FleetModel
import Foundation
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
    /// - Returns: The replica, open.
    /// - Throws: `StoreError`; with the code `alreadyExists` if there is a replica.
    public static func create(
        at folder: String, fleet: FleetID? = nil, name: String, deviceClass: DeviceClass
    ) async throws -> Replica {
        var random = SystemRandomNumberGenerator()
        try makeFolder(folder)
        // A crash after this step leaves a replica whose device is no member yet: going on from
        // there is what the caller wants.
        if try await !isUnfinished(folder) {
            // Two processes may be asked to make the same replica: one of them does.
            try withExtendedLifetime(StoreLock(path: lockPath(in: folder), mode: .exclusive)) {
                try ReplicaStore.create(
                    at: databasePath(in: folder), fleet: fleet ?? .random(using: &random),
                    device: .random(using: &random))
            }
        }
        let replica = try open(at: folder)
        if let fleet, fleet != replica.fleet {
            throw StoreError(
                .alreadyExists,
                "\(folder): a replica of fleet \(replica.fleet) was begun here; remove the folder "
                    + "to join another")
        }
        try await replica.write { try $0.joinFleet(name: name, deviceClass: deviceClass) }
        return replica
    }

    /// Opens the replica in a folder.
    ///
    /// The process holds it until it closes the replica or ends.
    ///
    /// - Throws: `StoreError`: there is no replica, it is in use, damaged or of a newer version.
    public static func open(at folder: String) throws -> Replica {
        let database = databasePath(in: folder)
        guard FileManager.default.fileExists(atPath: database) else {
            throw StoreError(.notFound, "\(folder): no replica here; `caravan init` makes one")
        }
        let lock = try StoreLock(path: lockPath(in: folder), mode: .exclusive)
        var options = ReplicaStore.Options()
        options.mark = try FileMark(forDatabase: database)
        let store = try ReplicaStore.open(at: database, options: options)
        return Replica(folder: folder, store: store, lock: lock)
    }

    private static func isUnfinished(_ folder: String) async throws -> Bool {
        guard FileManager.default.fileExists(atPath: databasePath(in: folder)) else { return false }
        let replica = try open(at: folder)
        let members = try await replica.read { try $0.members() }
        try await replica.close()
        return !members.contains { $0.device == replica.device }
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
