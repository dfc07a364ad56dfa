public import CausalTime
import Foundation
internal import GRDB
import PlantedBugs
import ReplicaModel

extension ReplicaStore {
    /// Makes a replica in a new database file, which is whole and durable on return.
    ///
    /// A crash before that leaves no file at `path`. The store is left closed.
    ///
    /// - Parameters:
    ///   - path: Where the database file will be; its folder has to be there.
    ///   - fleet: The fleet that the replica belongs to for good.
    ///   - device: The device that it belongs to for good; no other replica may have it.
    /// - Throws: ``StoreError`` with ``StoreError/Code/alreadyExists`` if there is a file already,
    ///   ``StoreError/Code/inputOutput`` or ``StoreError/Code/diskFull`` if none can be made.
    public static func create(
        at path: String, fleet: FleetID, device: DeviceID
    ) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw StoreError(.alreadyExists, "\(path): exists already")
        }
        // Made beside and moved into place, so that a crash leaves no half replica behind.
        let draft = path + ".new"
        for suffix in ["", "-wal", "-shm"]
        where FileManager.default.fileExists(atPath: draft + suffix) {
            try FileManager.default.removeItem(atPath: draft + suffix)
        }
        let queue = try connect(to: draft)
        try translated(at: path) {
            try initialize(queue, path: path, fleet: fleet, device: device)
            try queue.close()
        }
        guard rename(draft, path) == 0 else {
            throw StoreError(.inputOutput, "\(path): \(String(cString: strerror(errno)))")
        }
        try synchronizeFolder(of: path)
    }

    /// Opens the replica in the database file at `path`, bringing its schema up to date.
    ///
    /// A file that its last user did not close is read as a whole first, and refused if it is
    /// damaged; after a clean end opening does not depend on the size of the replica.
    ///
    /// A store takes no lock and keeps no proof of continuity: one process has to have the file
    /// open at a time, and the first write after each opening is by a new writer. `Replica` adds
    /// both.
    ///
    /// - Parameters:
    ///   - path: The database file.
    ///   - options: How the store is opened.
    /// - Returns: The store, open.
    /// - Throws: ``StoreError`` with ``StoreError/Code/notFound``, ``StoreError/Code/notAReplica``,
    ///   ``StoreError/Code/newerSchema`` or ``StoreError/Code/damaged``; the file is as it was.
    public static func open(at path: String, options: Options = Options()) throws -> ReplicaStore {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError(.notFound, "\(path): no replica here")
        }
        try check(path)
        let queue = try connect(to: path)
        try translated(at: path) {
            try queue.writeWithoutTransaction { db in
                try Migrations.run(
                    on: db, at: path, from: Migrations.version(of: db, at: path))
            }
        }
        return try ReplicaStore(queue: queue, path: path, options: options, hasLog: true)
    }

    /// Makes a replica in memory, for tests and the simulator; it is gone when it is closed.
    ///
    /// - Parameters:
    ///   - fleet: The fleet that the replica belongs to.
    ///   - device: The device that it belongs to; no other replica may have it.
    ///   - options: How the store is opened.
    /// - Returns: The store, open.
    /// - Throws: ``StoreError`` if SQLite fails.
    public static func inMemory(
        fleet: FleetID, device: DeviceID, options: Options = Options()
    ) throws -> ReplicaStore {
        let queue = try DatabaseQueue()
        try initialize(queue, path: "memory", fleet: fleet, device: device)
        return try ReplicaStore(queue: queue, path: "memory", options: options)
    }

    /// Makes a replica in a file that is nobody else's, is never synced, and is gone when the store
    /// is closed: for simulations of fleets that are too large for memory.
    package static func temporary(
        fleet: FleetID, device: DeviceID, options: Options = Options()
    ) throws -> ReplicaStore {
        // To SQLite the empty name means a file of its own.
        let queue = try DatabaseQueue(path: "")
        try translated(at: "temporary") {
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA cache_size = -256") }
        }
        try initialize(queue, path: "temporary", fleet: fleet, device: device)
        return try ReplicaStore(queue: queue, path: "temporary", options: options)
    }

    /// Opens the replica at an address that SQLite understands, on a file system of another kind.
    ///
    /// For tests and simulations of failing disks. The replica has to be there; what is around the
    /// database, such as its folder, is not looked at: whether the last user did not close it, so
    /// that all of it is read first, the caller has to say.
    package static func open(
        atAddress address: String, options: Options = Options(), wasClosed: Bool = true
    ) throws -> ReplicaStore {
        let queue = try connect(to: address)
        try translated(at: address) {
            try queue.writeWithoutTransaction { db in
                try Migrations.run(
                    on: db, at: address, from: Migrations.version(of: db, at: address))
            }
        }
        let examined =
            try wasClosed
            ? nil : translated(at: address) { try queue.read { try examine($0, at: address) } }
        return try ReplicaStore(
            queue: queue, path: address, options: options, hasLog: true, examined: examined)
    }

    /// Makes a replica at an address that SQLite understands.
    ///
    /// A crash while it is made may leave half of it.
    package static func create(
        atAddress address: String, fleet: FleetID, device: DeviceID
    ) throws {
        let queue = try connect(to: address)
        try translated(at: address) {
            try initialize(queue, path: address, fleet: fleet, device: device)
            try queue.close()
        }
    }

    /// Folds the log into the database.
    package func checkpoint() throws {
        try Self.translated(at: path) {
            try queue.writeWithoutTransaction { try fold($0) }
        }
    }

    /// A copy of the store in memory, as a backup or another device would hold it.
    package func copied(options: Options = Options()) throws -> ReplicaStore {
        let copy = try DatabaseQueue()
        try Self.translated(at: path) { try queue.backup(to: copy) }
        return try ReplicaStore(queue: copy, path: path, options: options)
    }

    /// The store as a new process would find it: what was durable, and nothing else.
    package func reopened() throws -> ReplicaStore {
        try ReplicaStore(queue: queue, path: path, options: options)
    }

    private static func initialize(
        _ queue: DatabaseQueue, path: String, fleet: FleetID, device: DeviceID
    ) throws {
        try queue.writeWithoutTransaction { db in
            // Only possible before the first table: what is forgotten gives its pages back.
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            if try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") != 2 {
                try db.execute(sql: "VACUUM")
            }
            try Migrations.run(on: db, at: path, from: 0)
            try StateTables(db: db, path: path).create(fleet: fleet, device: device)
        }
    }

    /// Looks at the file before a connection does anything that would change it.
    ///
    /// A log beside the file says that its last user did not close it. Then all of it is read, and
    /// a damaged replica is refused as it is; after a clean end nothing is, because a write cut
    /// short is the most common cause of damage.
    private static func check(_ path: String) throws {
        let wasClosed = !FileManager.default.fileExists(atPath: path + "-wal")
        try translated(at: path) {
            if wasClosed, let header = try DatabaseHeader(at: path) {
                try Migrations.version(
                    Int(header.userVersion), of: header.applicationID, at: path)
                return
            }
            try readOnly(path) { db in
                let version = try Migrations.version(of: db, at: path)
                guard !wasClosed, version == Migrations.latest else { return }
                try examine(db, at: path)
            }
        }
    }

    /// Reads all of a replica, and refuses it if it is damaged.
    ///
    /// - Returns: What its tables say of its state.
    @discardableResult
    private static func examine(_ db: Database, at path: String) throws -> StoreState {
        let state = try StateTables(db: db, path: path).load()
        let snapshot = StoreSnapshot(db: db, path: path, state: state)
        let violations = try snapshot.violations()
        _ = try (snapshot.lostValues(), snapshot.alarms())
        guard let first = violations.first else { return state }
        throw StoreError(
            .damaged,
            "\(path): damaged (\(first)); left as it is. `sync-inspect summary` shows what can be "
                + "read; move it away and join the fleet as a new device")
    }

    private static func connect(to path: String) throws -> DatabaseQueue {
        try translated(at: path) {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            // GRDB could turn the log on. But then it would write to every file that it opens, and
            // set synchronous=NORMAL, in which a power cut undoes commits that peers have seen.
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
                guard mode == "wal" else {
                    throw StoreError(.sqlite, "\(path): SQLite cannot write through a log here")
                }
                let sync = PlantedBug.syncsNever.isPlanted ? "OFF" : "FULL"
                try db.execute(sql: "PRAGMA synchronous = \(sync)")
                // Folding the log takes as long as several writes; 8 MB of it is not much.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(LogRoom.pagesMax)")
                let level = try Int.fetchOne(db, sql: "PRAGMA synchronous")
                guard level == 2 || PlantedBug.syncsNever.isPlanted else {
                    throw StoreError(
                        .sqlite, "\(path): SQLite does not offer synchronous=FULL here")
                }
            }
            return queue
        }
    }

    /// Makes the name of a new file durable.
    private static func synchronizeFolder(of path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        let descriptor = Foundation.open(folder.isEmpty ? "." : folder, O_RDONLY)
        guard descriptor >= 0 else {
            throw StoreError(.inputOutput, "\(folder): \(String(cString: strerror(errno)))")
        }
        defer { Foundation.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw StoreError(.inputOutput, "\(folder): \(String(cString: strerror(errno)))")
        }
    }
}
