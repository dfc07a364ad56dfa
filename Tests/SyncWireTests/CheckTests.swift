import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire
import Testing

/// Each frame shows whether it and all before it arrived as they were sent.
@Suite("Check of a frame")
struct CheckTests {
    @Test("The checks of every vector follow from the rule of the specification")
    func rule() throws {
        for vector in try VectorFiles.load(Vector.self, from: VectorFiles.folder) {
            var sealer = ExchangeSealer()
            for frame in vector.frames {
                let whole = try bytes(frame.hex)
                let sealed = try sealer.frame(whole, from: frame.from)
                #expect(sealed.hex == whole.hex, "\(vector.name)")
            }
        }
        for vector in try VectorFiles.load(RejectedVector.self, from: VectorFiles.rejectedFolder) {
            guard vector.requirement != "R76" else { continue }
            var sealer = ExchangeSealer()
            for frame in vector.before {
                let whole = try bytes(frame)
                let sealed = try sealer.frame(whole, from: vector.from)
                #expect(sealed.hex == whole.hex, "\(vector.name)")
            }
        }
    }

    @Test("A second preamble has a check: only the first of a direction has none")
    func secondPreamble() throws {
        let message = SyncMessage.preamble(
            Preamble(fleet: WorkedExchange.fleet, device: WorkedExchange.phone))
        var ends = WirePair()
        let first = try ends.pass(message, from: .initiator)
        let second = try ends.pass(message, from: .initiator)
        #expect(second.messages == [message])
        #expect(second.frame.count == first.frame.count + 4)
        #expect(throws: WireError(.damaged, "")) { try ends.responder.read(first.frame) }
    }

    @Test("What is damaged is refused as that, with a check of its own, and not sent on")
    func refused() throws {
        typealias Connection = WorkedExchange.Connection
        let exchange = try WorkedExchange()
        let stream = try exchange.frames.filter { $0.from == .initiator }.map { try bytes($0.hex) }
        var laptop = WorkedExchange.connection(.responder, WorkedExchange.laptop)
        let replica = MemoryReplica()
        let now = MonotonicTime(sinceStart: .zero)
        _ = laptop.connected(at: now, replica: replica)
        var toPhone = laptop.received(stream[0] + stream[1], at: now, replica: replica).bytes
        let output = laptop.received(stream[3], at: now, replica: replica)
        toPhone += output.bytes
        let refusal = Refusal(
            .damaged,
            "bytes were lost or changed on the way; another session sends again what is missing")
        #expect(output.close == .refused(refusal))
        #expect(replica.cells.isEmpty && replica.vectors == LaneVectors())
        var phone = WireEnd(.initiator)
        for frame in exchange.frames.filter({ $0.from == .initiator }).prefix(2) {
            _ = try phone.encoder.frame(for: try frame.message.parsed())
        }
        #expect(try phone.read(toPhone).last == .refusal(refusal))
        #expect(laptop.received(stream[2], at: now, replica: replica).bytes.isEmpty)
        #expect(replica.cells.isEmpty && laptop.isClosed)
    }
}
