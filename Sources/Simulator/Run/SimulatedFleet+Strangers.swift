import CausalTime
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncWire
import ZstdStream

extension SimulatedFleet {
    /// Lets a stranger talk to a device: nothing of it may have an effect.
    func visit(_ device: SimulatedDevice, by stranger: Scenario.Stranger) throws {
        let store = device.store
        let before = store.durableSummary
        var end = SimulatedSession.Connection(
            role: stranger == .portal ? .initiator : .responder, identity: device.identity,
            compressor: ZstdCompressor(), decompressor: ZstdDecompressor())
        _ = end.connected(at: time, replica: store)
        let words = try words(of: stranger, to: device, before)
        for bytes in words.bytes { _ = end.received(bytes, at: time, replica: store) }
        try converse(words.messages, with: &end, store)
        // Whoever waits for the rest gives up in the end.
        for _ in 0..<4 {
            guard let due = end.deadline else { break }
            _ = end.timeReached(at: max(due, time), replica: store)
        }
        if !end.isClosed {
            oracle.report(
                Violation(.live, at: now, "\(device.name) goes on with a stranger"))
        }
        if store.durableSummary != before {
            oracle.report(
                Violation(.intrusion, at: now, "\(device.name) was changed by a stranger"))
        }
        trace.note("\(device.name) visited: \(stranger.rawValue)", at: now)
    }

    /// Says what a peer says that follows the conversation, until it is sent away.
    private func converse(
        _ messages: [SyncMessage], with end: inout SimulatedSession.Connection,
        _ store: ReplicaStore
    ) throws {
        var encoder = WireEncoder(role: .initiator, compressor: ZstdCompressor())
        var decoder = WireDecoder(role: .initiator, decompressor: ZstdDecompressor())
        for message in messages where !end.isClosed {
            let frame = try encoder.frame(for: message)
            decoder.feed(end.received(frame, at: time, replica: store).bytes)
            while try decoder.next(shared: &encoder.shared) != nil { continue }
        }
    }

    /// What a stranger says: bytes, or messages.
    private func words(
        of stranger: Scenario.Stranger, to device: SimulatedDevice, _ summary: ReplicaSummary
    ) throws -> (bytes: [[UInt8]], messages: [SyncMessage]) {
        let name = DeviceID.random(using: &strangers)
        let preamble = Preamble(fleet: device.identity.fleet, device: name)
        switch stranger {
        case .portal:
            let page = "HTTP/1.1 302 Found\r\nLocation: http://portal.example/pay\r\n\r\n<html>"
            return ([Array(page.utf8)], [])
        case .otherVersion:
            let other = Preamble(
                version: 255, fleet: device.identity.fleet, device: name)
            return ([], [.preamble(other)])
        case .malformed:
            var encoder = WireEncoder(role: .initiator, compressor: ZstdCompressor())
            let frame = try encoder.frame(for: .preamble(preamble))
            let noise = (0..<300).map { _ in UInt8(truncatingIfNeeded: strangers.next()) }
            return ([frame, noise], [])
        case .hostile:
            // It greets as a peer would, and has heard what nobody said.
            return (
                [],
                [
                    .preamble(preamble),
                    .hello(Hello(summary, reference: .none(clock: summary.clock))),
                    .acknowledgement(applied: 1000),
                ]
            )
        }
    }
}
