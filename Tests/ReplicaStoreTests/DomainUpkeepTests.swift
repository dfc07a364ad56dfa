import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Synchronization
import Testing

@Suite("What a domain does by itself")
struct DomainUpkeepTests {
    /// How often it was called.
    private final class Calls: Sendable {
        let count = Mutex(0)
    }

    private let calls = Calls()

    private func store(
        _ number: UInt32, _ upkeep: @escaping @Sendable (StoreTransaction) throws -> Void = { _ in }
    ) throws -> ReplicaStore {
        var options = ReplicaStore.Options()
        options.drawNonce = { UInt64(number) }
        options.domainUpkeep = { [calls] transaction in
            calls.count.withLock { $0 += 1 }
            try upkeep(transaction)
        }
        return try ReplicaStore.inMemory(
            fleet: testFleet, device: .numbered(number), options: options)
    }

    @Test("is done when the control lane has changed, and once an hour")
    func timesAreRight() throws {
        let store = try store(1)
        try store.change(at: 0) { try $0.setPeriod("1") }
        #expect(calls.count.withLock { $0 } == 1)
        try store.change(at: 1000) { try $0.recordUsage(UsageAmount(received: .megabytes(1))) }
        #expect(calls.count.withLock { $0 } == 1, "usage concerns nobody's rights")
        try store.change(at: 2000) { try $0.setPeriod("2") }
        #expect(calls.count.withLock { $0 } == 2)
        try store.change(at: 3_600_000) { try $0.recordUsage(UsageAmount(sent: .megabytes(1))) }
        #expect(calls.count.withLock { $0 } == 3)
    }

    @Test("is a part of the transaction: of one that takes in a segment, and of none that fails")
    func isAtomic() throws {
        struct Stop: Error {}
        let answering = try store(1) { transaction in
            let fleet = FleetChanges(transaction)
            if try fleet.view.period() == "stop" { throw Stop() }
            if try fleet.view.period() == "ask" { try fleet.setPeriod("answer") }
        }
        let asking = try store(2)
        try asking.change { try $0.setPeriod("ask") }
        try answering.pull(from: asking)
        #expect(try answering.view { try $0.period() } == "answer")
        let before = try answering.summary()
        #expect(throws: Stop.self) { try answering.change { try $0.setPeriod("stop") } }
        #expect(try answering.summary() == before)
    }
}
