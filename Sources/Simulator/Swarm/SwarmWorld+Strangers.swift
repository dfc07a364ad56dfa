import CausalTime
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncWire
import ZstdStream

extension SwarmWorld {
    private typealias Connection = SwarmSession.Connection

    /// Lets a stranger talk to a seat: nothing of it may have an effect.
    func visit(_ seat: SwarmSeat, by stranger: SwarmEvent.Stranger, seed: UInt64) {
        guard let store = seat.store, seat.troubleUntil <= now, seat.trap == nil else { return }
        var random = SeededRandom(seed: seed)
        let before = store.durableSummary
        let isDialled = stranger == .portal
        var end = Connection(
            role: isDialled ? .initiator : .responder, identity: seat.identity,
            compressor: ZstdCompressor(), decompressor: ZstdDecompressor())
        _ = end.connected(at: time, replica: store)
        let words = words(of: stranger, to: seat, before, &random)
        for bytes in words.bytes { _ = end.received(bytes, at: time, replica: store) }
        let hasSaidAll = converse(words.messages, with: &end, store)
        // Whoever waits for the rest gives up in the end.
        for _ in 0..<4 {
            guard let due = end.deadline else { break }
            _ = end.timeReached(at: max(due, time), replica: store)
        }
        if !end.isClosed, end.deadline != nil || stranger == .hostile && hasSaidAll {
            oracle.report(.live, "seat \(seat.index) goes on with a \(stranger) stranger")
        }
        if store.durableSummary != before {
            oracle.report(.intrusion, "a \(stranger) stranger changed seat \(seat.index)")
        }
        tally.add(stranger.fault)
    }

    /// Says what a peer says that follows the conversation; says whether all could be said.
    private func converse(
        _ messages: [SyncMessage], with end: inout Connection, _ store: ReplicaStore
    ) -> Bool {
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
        of stranger: SwarmEvent.Stranger, to seat: SwarmSeat, _ summary: ReplicaSummary,
        _ random: inout SeededRandom
    ) -> (bytes: [[UInt8]], messages: [SyncMessage]) {
        let name = DeviceID.random(using: &random)
        let preamble = Preamble(fleet: environment.fleet, device: name)
        switch stranger {
        case .portal:
            let page = "HTTP/1.1 302 Found\r\nLocation: http://portal.example/pay\r\n\r\n<html>"
            return ([Array(page.utf8)], [])
        case .otherVersion:
            let version = random.choice(of: [0, 2, 3, 255] as [UInt8])
            let other = Preamble(version: version, fleet: environment.fleet, device: name)
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
            .preamble(Preamble(fleet: environment.fleet, device: name)),
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

    /// The bytes of an earlier session arrive again.
    func replay(from: Int, to: Int) {
        guard let bytes = recordings[from * SwarmScript.seatsMax + to], !bytes.isEmpty,
            let seat = active(to), let store = seat.store, seat.troubleUntil <= now,
            seat.trap == nil
        else { return }
        _ = wall(of: seat)
        var end = Connection(
            role: .responder, identity: seat.identity, compressor: ZstdCompressor(),
            decompressor: ZstdDecompressor())
        let before = store.durableSummary.vectors
        _ = end.connected(at: time, replica: store)
        _ = end.received(bytes, at: time, replica: store)
        tally.add(.replayedSession)
        let after = store.durableSummary.vectors
        guard before != after else { return }
        oracle.wrote(before, after, as: store.durableWriter)
        changed(seat, through: nil)
    }
}

extension SwarmEvent.Stranger {
    var fault: FaultClass {
        switch self {
        case .malformed: .malformedPeer
        case .hostile: .hostilePeer
        case .otherVersion: .mixedVersions
        case .portal: .captivePortal
        }
    }
}
