import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import SyncWire
import Testing
import ZstdStream

@Suite("A session that has only so many bytes")
struct BudgetTests {
    private typealias Connection = SyncConnection<ZstdCompressor, ZstdDecompressor>
    private let now = MonotonicTime(sinceStart: .zero)

    /// What passed, and how it ended.
    private struct Outcome {
        var bytes: UInt64 = 0
        var isSpent = false
        var isLevel = false
    }

    private func replica(_ cells: Int, writer: UInt64, lanes: [Lane]) -> MemoryReplica {
        let replica = MemoryReplica()
        var random = SplitMix64(seed: writer)
        for number in 1...cells {
            for lane in lanes {
                replica.write(
                    Cell(
                        key: CellKey(
                            lane: lane, collection: CollectionID(rawValue: 1024),
                            row: [UInt8(number & 0xff), UInt8(number >> 8)],
                            field: FieldID(rawValue: 1)),
                        kind: .register,
                        dot: Dot(writer: WriterID(high: writer, low: 1), sequence: UInt64(number)),
                        timestamp: .at(UInt64(number)),
                        value: CellValue.integer(Int64(bitPattern: random.next())).encoded))
            }
        }
        return replica
    }

    private func exchange(
        _ one: MemoryReplica, _ other: MemoryReplica, budget: Int?
    ) -> Outcome {
        let limits = SessionLimits()
        var ends = [SyncSession.Role.initiator, .responder].map { role in
            var own = limits
            if role == .initiator { own.byteBudget = budget }
            return Connection(
                role: role,
                identity: Preamble(
                    fleet: WorkedExchange.fleet,
                    device: role == .initiator ? WorkedExchange.phone : WorkedExchange.laptop),
                nonce: nil, limits: own, compressor: ZstdCompressor(),
                decompressor: ZstdDecompressor())
        }
        let replicas = [one, other]
        var outcome = Outcome()
        var waiting: [[UInt8]] = [[], []]
        func take(_ output: Connection.Output, from side: Int) {
            waiting[1 - side] += output.bytes
            if output.progress.contains(.synchronized) { outcome.isLevel = true }
            if case .refused(let refusal)? = output.close {
                outcome.isSpent = refusal.code == .budgetSpent
            }
        }
        for side in [0, 1] {
            take(ends[side].connected(at: now, replica: replicas[side]), from: side)
        }
        while let side = [0, 1].first(where: { !waiting[$0].isEmpty }) {
            let bytes = waiting[side]
            waiting[side] = []
            take(ends[side].received(bytes, at: now, replica: replicas[side]), from: side)
        }
        outcome.bytes = ends[0].traffic.bytesSent + ends[1].traffic.bytesSent
        return outcome
    }

    @Test("keeps to it, moves on each time, and has all in the end", arguments: [6_000, 20_000])
    func progress(budget: Int) {
        let phone = replica(40, writer: 1, lanes: [.settings])
        let laptop = replica(2_000, writer: 2, lanes: [.control, .usage])
        let whole = exchange(phone.copy(), laptop.copy(), budget: nil)
        #expect(whole.isLevel && !whole.isSpent && whole.bytes > 24_000)

        var passed: UInt64 = 0
        var rounds = 0
        while phone.summary().digest != laptop.summary().digest, rounds < 100 {
            let outcome = exchange(phone, laptop, budget: budget)
            #expect(outcome.bytes <= UInt64(budget), "round \(rounds)")
            passed += outcome.bytes
            rounds += 1
        }
        #expect(phone.summary().digest == laptop.summary().digest)
        #expect(rounds > 1 && rounds <= 4 * Int(whole.bytes) / budget + 2)
        #expect(passed < 2 * whole.bytes)
    }

    @Test("spends it on what is most urgent first")
    func urgency() {
        let phone = MemoryReplica()
        let laptop = replica(300, writer: 2, lanes: [.control, .usage])
        var rounds = 0
        while phone.vectors[.control].isEmpty, rounds < 100 {
            _ = exchange(phone, laptop, budget: 4_000)
            #expect(phone.staged(.usage).isEmpty || !phone.vectors[.control].isEmpty)
            rounds += 1
        }
        #expect(rounds < 100)
    }
}
