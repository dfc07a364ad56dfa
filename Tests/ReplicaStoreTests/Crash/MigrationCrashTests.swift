import FaultDisk
import Foundation
import GRDB
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Bringing a replica of an earlier schema up to date on a disk that fails.
@Suite("A migration that is interrupted at any point")
struct MigrationCrashTests {
    @Test("is done over, and nothing is lost", arguments: [1])
    func survivesPowerCuts(schema: Int) throws {
        let base = FaultDisk()
        try Self.restore(schema, to: base)
        let (expected, changes) = try Self.migrated(base.copy())
        var points = 0
        for point in 1...changes {
            for loss in CrashPointTests.losses {
                let name = "schema \(schema), cut at \(point), losing \(loss)"
                let disk = base.copy()
                var plan = FaultDisk.Plan()
                plan.cutAt = point
                disk.plan(plan)
                _ = Crash.recoverAndFold(disk)
                disk.recover(losing: loss)
                // Cut again while it is done over, at the same point of that.
                disk.plan(plan)
                _ = Crash.recoverAndFold(disk)
                disk.recover(losing: loss)
                let store = try CrashWorkload.open(disk, CrashMark())
                #expect(try CrashState(store) == expected, "\(name)")
                #expect(try store.read { try $0.violations() } == [], "\(name)")
                try store.close()
                points += 2
            }
        }
        #expect(points >= 500, "\(points)")
    }

    @Test("fails with an error and leaves the replica as it was", arguments: [1])
    func survivesFailingOperations(schema: Int) throws {
        let base = FaultDisk()
        try Self.restore(schema, to: base)
        let (expected, _) = try Self.migrated(base.copy())
        var refusals = 0
        var point = 1
        while true {
            let disk = base.copy()
            var plan = FaultDisk.Plan()
            plan.failAt = point
            disk.plan(plan)
            do {
                let store = try CrashWorkload.open(disk, CrashMark())
                let isThrough = disk.count.accesses < point
                try store.close()
                if isThrough { break }
            } catch is StoreError {
                refusals += 1
            }
            disk.recover(losing: .all)
            let store = try CrashWorkload.open(disk, CrashMark())
            #expect(try CrashState(store) == expected, "operation \(point) fails")
            try store.close()
            point += 1
        }
        #expect(refusals >= 20, "\(refusals)")
    }

    /// What the replica holds once it is up to date, and how many writes and syncs that takes.
    private static func migrated(_ disk: FaultDisk) throws -> (state: CrashState, changes: Int) {
        disk.plan(FaultDisk.Plan())
        let store = try CrashWorkload.open(disk, CrashMark())
        let state = try CrashState(store)
        try store.checkpoint()
        try store.close()
        return (state, disk.count.changes)
    }

    private static func restore(_ schema: Int, to disk: FaultDisk) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/schema-\(schema).sql")
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.journalMode = .wal
        let queue = try DatabaseQueue(
            path: disk.address(of: CrashWorkload.file), configuration: configuration)
        try queue.write { try $0.execute(sql: String(contentsOf: file, encoding: .utf8)) }
        try queue.close()
    }
}
