import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire
import Testing
import ZstdStream

@Suite("A connection that cannot go on")
struct ConnectionTests {
    private typealias Connection = SyncConnection<ZstdCompressor, ZstdDecompressor>
    private let now = MonotonicTime(sinceStart: .zero)

    private func connection(_ role: SyncSession.Role) -> Connection {
        Connection(
            role: role,
            identity: Preamble(fleet: WorkedExchange.fleet, device: WorkedExchange.phone),
            nonce: nil, compressor: ZstdCompressor(), decompressor: ZstdDecompressor())
    }

    @Test("Somebody who dialled a web server learns that it was one")
    func webServer() {
        var initiator = connection(.initiator)
        let replica = MemoryReplica()
        _ = initiator.connected(at: now, replica: replica)
        let output = initiator.received(
            Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), at: now, replica: replica)
        #expect(
            output.close
                == .refused(
                    Refusal(.malformed, "not a Caravan peer: it sent \"HTTP/1.1 400 Bad…\"")))
        #expect(initiator.isClosed)
    }

    @Test("A peer of another major version is told which versions are spoken")
    func otherMajor() throws {
        var responder = connection(.responder)
        let replica = MemoryReplica()
        _ = responder.connected(at: now, replica: replica)
        let output = responder.received(
            try bytes("0a01 4352564e 02 ffffffff"), at: now, replica: replica)
        var peer = WireEnd(.initiator)
        let expected = Refusal(
            .unsupportedVersion, "protocol 2 is not spoken here, only 1 to 1")
        #expect(try peer.read(output.bytes) == [.refusal(expected)])
        #expect(output.close == .refused(expected))
    }

    @Test("What passed is counted as framed")
    func traffic() throws {
        var initiator = connection(.initiator)
        let replica = MemoryReplica()
        let sent = initiator.connected(at: now, replica: replica).bytes
        #expect(initiator.traffic.bytesSent == UInt64(sent.count))
        #expect(initiator.traffic.messagesSent == 2)
        let preamble = Preamble(fleet: WorkedExchange.fleet, device: WorkedExchange.laptop)
        var peer = WireEnd(.responder)
        let frame = try peer.encoder.frame(for: .preamble(preamble))
        let output = initiator.received(frame, at: now, replica: replica)
        #expect(output.progress == [.greeted(WorkedExchange.laptop)])
        #expect(initiator.traffic.bytesReceived == UInt64(frame.count))
        #expect(initiator.traffic.messagesReceived == 1)
    }
}
