import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire
import Testing

/// Limits that only streams of many bytes exceed.
@Suite("Limits of a decoder")
struct LimitTests {
    private func writers(_ count: UInt64, _ high: UInt64) -> VersionVector {
        VersionVector((0..<count).map { (WriterID(high: high, low: $0), 1) })
    }

    /// What a decoder says to a last frame that no encoder of ours makes.
    private func read(
        _ script: RejectedScript, knowing known: [Hello.Reference] = [], _ content: [UInt8]
    ) throws -> [SyncMessage] {
        var end = WireEnd(.responder)
        for reference in known { end.recall(reference) }
        return try end.read(Array(script.frames.joined()) + script.sealed(content))
    }

    @Test("The only value of a chunk has at most 65,536 bytes")
    func value() throws {
        let script = try RejectedScript()
        for (count, isFine) in [(65_535, true), (65_536, false)] {
            let content =
                [0x1b, 0x15, 3, 4, 0, 0x8b, 1, 0x21, 1, 0x61] + [UInt8](repeating: 0, count: count)
            if isFine {
                #expect(try read(script, content).count == 3)
            } else {
                #expect(throws: WireError(.tooLarge, "")) { try read(script, content) }
            }
        }
    }

    @Test("What a greeting says and what its state says make up at most 16,384 writers")
    func vector() throws {
        var vectors = LaneVectors()
        vectors[.settings] = writers(16_384, 1)
        let state = ReplicaSummary(vectors: vectors, digest: Digest(value: 1), clock: .zero)
        let name = (0..<8).map { UInt8(truncatingIfNeeded: state.name.rawValue >> (56 - 8 * $0)) }
        let code = HostileCode.counted {
            $0.number("lanes", 2)
            $0.number("lanes", 0)
            $0.number("count", 1)
            $0.number("count", 1)
            $0.number("gap", 16_384)
            $0.number("difference", 2)
        }
        let content = [2, 5] + name + code + [UInt8](repeating: 0xaa, count: 16)
        let script = try RejectedScript([])
        #expect(throws: WireError(.tooLarge, "")) {
            try read(script, knowing: [.state(state)], content)
        }
    }

    @Test("A claim has at most 16,384 writers, and a side introduces at most 32,768")
    func introductions() throws {
        var vectors = LaneVectors()
        vectors[.settings] = writers(16_384, 1)
        let hello = SyncMessage.hello(
            Hello(vectors: vectors, frontier: LaneVectors(), reference: .none(clock: .zero)))
        let claim = SyncMessage.chunk(
            SegmentChunk(
                lane: .usage, head: .init(applied: 0, claim: writers(16_384, 2), clock: .zero),
                cells: [], isLast: true))
        let name = [UInt8](repeating: 0xaa, count: 16)
        #expect(throws: WireError(.tooLarge, "")) {
            try read(try RejectedScript([hello]), [0x1b, 0x05, 0] + name + [0, 0])
        }
        let full = try RejectedScript([hello, claim])
        #expect(try read(full, [0x1b, 0x04, 2, 0, 0]).count == 4)
        #expect(throws: WireError(.tooLarge, "")) {
            try read(full, [0x1b, 0x04, 0] + name + [0, 0])
        }
    }
}
