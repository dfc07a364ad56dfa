import CausalTime
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncWire
import ZstdStream

/// Somebody who connects to a device and is no peer of it.
package enum Stranger: String, Codable, Hashable, Sendable, CaseIterable {
    /// Bytes that are no messages.
    case malformed
    /// Messages that lie.
    case hostile
    /// A version of the protocol that does not exist.
    case otherVersion = "other-version"
    /// A web page instead of a peer.
    case portal

    /// The class of faults that it belongs to.
    var fault: FaultClass {
        switch self {
        case .malformed: .malformedPeer
        case .hostile: .hostilePeer
        case .otherVersion: .mixedVersions
        case .portal: .captivePortal
        }
    }
}

/// A stranger's conversation with a device, of which nothing may have an effect.
struct StrangerVisit {
    private typealias Connection = SyncConnection<ZstdCompressor, ZstdDecompressor>

    /// Who is visited.
    let identity: Preamble
    let nonce: UInt32
    let store: ReplicaStore
    let time: MonotonicTime

    /// What became of it.
    struct Outcome {
        /// Whether the device goes on with somebody whom it should have sent away.
        var goesOn: Bool
        /// Whether the replica is another one now.
        var hasChanged: Bool
    }

    /// Lets a stranger say all that it has to say.
    func talk(_ stranger: Stranger, _ random: inout SeededRandom) -> Outcome {
        let before = store.durableSummary
        var end = Connection(
            role: stranger == .portal ? .initiator : .responder, identity: identity,
            nonce: nonce, compressor: ZstdCompressor(), decompressor: ZstdDecompressor())
        _ = end.connected(at: time, replica: store)
        let words = words(of: stranger, about: before, &random)
        for bytes in words.bytes { _ = end.received(bytes, at: time, replica: store) }
        let hasSaidAll = converse(words.messages, with: &end)
        // Whoever waits for the rest gives up in the end.
        for _ in 0..<4 {
            guard let due = end.deadline else { break }
            _ = end.timeReached(at: max(due, time), replica: store)
        }
        return Outcome(
            goesOn: !end.isClosed && (end.deadline != nil || stranger == .hostile && hasSaidAll),
            hasChanged: store.durableSummary != before)
    }

    /// Says what a peer says that follows the conversation; says whether all could be said.
    private func converse(_ messages: [SyncMessage], with end: inout Connection) -> Bool {
        var encoder = WireEncoder(role: .initiator, compressor: ZstdCompressor())
        var decoder = WireDecoder(role: .initiator, decompressor: ZstdDecompressor())
        for message in messages {
            do {
                let frame = try encoder.frame(for: message)
                decoder.feed(end.received(frame, at: time, replica: store).bytes)
                while try decoder.next(shared: &encoder.shared) != nil { continue }
            } catch {
                // It was refused, or cannot even be said.
                return false
            }
        }
        return true
    }

    /// What a stranger says: bytes first, messages then.
    private func words(
        of stranger: Stranger, about summary: ReplicaSummary, _ random: inout SeededRandom
    ) -> (bytes: [[UInt8]], messages: [SyncMessage]) {
        let name = DeviceID.random(using: &random)
        let preamble = Preamble(fleet: identity.fleet, device: name)
        switch stranger {
        case .portal:
            let page = "HTTP/1.1 302 Found\r\nLocation: http://portal.example/pay\r\n\r\n<html>"
            return ([Array(page.utf8)], [])
        case .otherVersion:
            let version = random.choice(of: [0, 2, 3, 255] as [UInt8])
            let other = Preamble(version: version, fleet: identity.fleet, device: name)
            return ([], [.preamble(other)])
        case .malformed:
            let hello = Hello(summary, reference: .none(clock: summary.clock))
            return (malformed([.preamble(preamble), .hello(hello)], &random), [])
        case .hostile: return ([], lies(of: name, summary, &random))
        }
    }

    /// Frames of which some bytes are others, and bytes that are no frames.
    private func malformed(
        _ messages: [SyncMessage], _ random: inout SeededRandom
    ) -> [[UInt8]] {
        var encoder = WireEncoder(role: .initiator, compressor: ZstdCompressor())
        var words = messages.compactMap { message in
            do { return try encoder.frame(for: message) } catch { return nil }
        }
        let last = words.count - 1
        for _ in 0...random.uniform(in: 0...3) where last >= 0 {
            let index = random.uniform(in: 0...max(0, words[last].count - 1))
            words[last][index] = UInt8(truncatingIfNeeded: random.next())
        }
        let noise = (0..<random.uniform(in: 0...300)).map { _ in
            UInt8(truncatingIfNeeded: random.next())
        }
        return words + [noise]
    }

    /// Messages that are well formed and break a rule.
    private func lies(
        of name: DeviceID, _ summary: ReplicaSummary, _ random: inout SeededRandom
    ) -> [SyncMessage] {
        let greeting: [SyncMessage] = [
            .preamble(Preamble(fleet: identity.fleet, device: name)),
            .hello(Hello(summary, reference: .none(clock: summary.clock))),
        ]
        let writer = WriterID(device: name, nonce: random.next())
        let claim = VersionVector([(writer, 1)])
        let cell = Cell(
            key: CellKey(
                lane: .settings, collection: SwarmTrips.id, row: [1], field: FieldID(rawValue: 1)),
            kind: .register, dot: Dot(writer: writer, sequence: 1 << 62),
            timestamp: HybridTimestamp(epoch: 0, ticks: 1), value: [1])
        let head = SegmentChunk.Head(applied: 0, claim: claim, clock: summary.clock)
        switch random.uniform(in: 0...5) {
        case 0:
            let fleet = FleetID.random(using: &random)
            return [.preamble(Preamble(fleet: fleet, device: name))]
        case 1: return greeting + [.acknowledgement(applied: 1 + random.next() % 1000)]
        case 2: return greeting + [greeting[1]]
        case 3:
            return greeting + [
                .chunk(SegmentChunk(lane: .settings, head: nil, cells: [], isLast: true))
            ]
        case 4:
            let far = SegmentChunk.Head(applied: 3, claim: claim, clock: summary.clock)
            return greeting + [
                .chunk(SegmentChunk(lane: .settings, head: far, cells: [], isLast: true))
            ]
        default:
            return greeting + [
                .chunk(SegmentChunk(lane: .settings, head: head, cells: [cell], isLast: true))
            ]
        }
    }
}
