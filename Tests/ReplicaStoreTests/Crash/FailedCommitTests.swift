import FaultDisk
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// A commit fails, and the disk does not let it be taken back either.
@Suite("A commit that fails on a disk that goes on failing")
struct FailedCommitTests {
    /// Every way in which the disk can fail while one transaction commits.
    private static let faults = ["full", "failing"]

    @Test("is in a copy of the files only if the device has it, too", arguments: faults)
    func copiesAgree(fault: String) throws {
        var (points, doubts) = (0, 0)
        while let attempt = try Attempt(fault, at: points + 1) {
            points += 1
            // Copied before anything else happens, by whoever looks after backups.
            let copied = attempt.disk.copy()
            let copy = try CrashWorkload.open(copied, CrashMark(), nonce: 300)
            attempt.disk.plan(FaultDisk.Plan())
            let here = try attempt.store.text(1, ofRow: 1)
            #expect(try copy.text(1, ofRow: 1) == here, "\(fault) at \(points)")
            if attempt.error.code == .inDoubt {
                doubts += here == "in doubt" ? 1 : 0
            } else {
                #expect(here == "before", "\(fault) at \(points): \(attempt.error)")
            }

            // The device goes on where it is, and what it acknowledges outlasts a power cut.
            try attempt.store.set(2, ofRow: 1, to: "after", at: 2)
            #expect(try attempt.store.read { try $0.violations() } == [])
            try copy.close()
            attempt.disk.recover(losing: .all)
            let later = try CrashWorkload.open(attempt.disk, CrashMark(), nonce: 400)
            #expect(try later.text(1, ofRow: 1) == here, "\(fault) at \(points)")
            #expect(try later.text(2, ofRow: 1) == "after", "\(fault) at \(points)")
            try later.close()
        }
        #expect(points >= 5, "\(points) points")
        #expect(doubts >= 1, "none of \(points) left a commit that could not be taken back")
    }

    @Test("keeps the replica from being read and written until it is durable or gone")
    func nothingIsReadOfIt() throws {
        var doubts = 0
        var point = 1
        while let attempt = try Attempt("full", at: point) {
            point += 1
            guard attempt.error.code == .inDoubt else { continue }
            doubts += 1
            let known = attempt.store.durableSummary
            #expect(throws: StoreError(.inDoubt, "")) { try attempt.store.text(1, ofRow: 1) }
            #expect(throws: StoreError(.inDoubt, "")) {
                try attempt.store.set(2, ofRow: 1, to: "too early", at: 2)
            }
            #expect(attempt.store.durableSummary == known, "peers hear of nothing")
            // Closing it and opening it again, however full the disk, finds what the log holds.
            try attempt.store.close()
            let reopened = try CrashWorkload.open(attempt.disk, CrashMark(), nonce: 400)
            #expect(try reopened.text(1, ofRow: 1) == "in doubt")
            try reopened.close()
        }
        #expect(doubts >= 1)
    }
}

/// A transaction that the disk fails, from some point on.
private struct Attempt {
    let disk: FaultDisk
    let store: ReplicaStore
    let error: StoreError
    private let nonces = Nonces(after: 100)

    /// - Returns: Nothing if the transaction does not come to that point.
    init?(_ fault: String, at point: Int) throws {
        let base = FaultDisk()
        try ReplicaStore.create(
            atAddress: base.address(of: CrashWorkload.file), fleet: testFleet, device: .numbered(1))
        disk = base.copy()
        var options = ReplicaStore.Options()
        options.mark = CrashMark()
        options.drawNonce = { [nonces] in nonces.draw() }
        store = try .open(atAddress: disk.address(of: CrashWorkload.file), options: options)
        // What is in the log already cannot be folded without writing.
        try store.set(1, ofRow: 1, to: "before")
        var plan = FaultDisk.Plan()
        plan.persists = true
        if fault == "full" { plan.fullAt = point } else { plan.failAt = point }
        disk.plan(plan)
        do {
            try store.set(1, ofRow: 1, to: "in doubt", at: 1)
            return nil
        } catch let error as StoreError {
            self.error = error
        }
    }
}
