import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import SyncWire
import Testing

/// What is read is a list of messages or an error, never a trap and never more than is allowed.
@Suite("Hostile bytes")
struct HostileBytesTests {
    @Test("A stream that breaks off anywhere gives whole messages only", arguments: 1...3)
    func truncations(seed: UInt64) throws {
        let frames = try recorded(seed: seed, turns: 10)
        let stream = Array(frames.joined())
        let ends = frames.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        for length in 0..<stream.count {
            var end = WireEnd(reading: seed)
            let messages = try end.read(Array(stream[..<length]))
            #expect(messages.count == ends.dropFirst().count { $0 <= length })
        }
    }

    @Test(
        "A body that breaks off anywhere, under a length and a check that are right, is refused",
        arguments: 1...3)
    func shortBodies(seed: UInt64) throws {
        let frames = try recorded(seed: seed, turns: 14)
        var before = FrameSealer()
        for (number, content) in FrameParts.contents(of: frames).enumerated() {
            defer { _ = before.frame(content) }
            guard number > 0, content.count < 128 else { continue }
            let intact = Array(frames[..<number].joined())
            for kept in 1..<content.count {
                var (end, honest) = (WireEnd(reading: seed), WireEnd(reading: seed))
                var sealer = before
                let short = sealer.frame(Array(content.prefix(kept)))
                do {
                    let read = try end.read(intact + short).last
                    let whole = try honest.read(intact + frames[number]).last
                    // The only value of a chunk goes up to its end, wherever that is.
                    #expect(read?.isShort(of: whole) == true, "\(kept) bytes of \(content.hex)")
                } catch {
                    #expect(error.refusal.code != .damaged)
                }
            }
        }
    }

    @Test("A flipped bit under a check that is right gives messages or an error", arguments: 1...4)
    func bitFlips(seed: UInt64) throws {
        let contents = FrameParts.contents(of: try recorded(seed: seed, turns: 8))
        var outcomes = (messages: 0, errors: 0)
        var before = FrameSealer()
        for (number, content) in contents.enumerated() {
            let intact = try recorded(seed: seed, turns: number)
            for position in content.indices {
                for bit in 0..<8 {
                    var flipped = content
                    flipped[position] ^= 1 << UInt8(bit)
                    var sealer = before
                    let rest = [flipped] + contents[(number + 1)...]
                    let stream = intact + rest.map { sealer.frame($0) }
                    var end = WireEnd(reading: seed)
                    do {
                        let messages = try end.read(Array(stream.joined()))
                        #expect(messages.allSatisfy { $0.isWithinLimits })
                        outcomes.messages += 1
                    } catch {
                        #expect(error.refusal.code != .failed, "\(error)")
                        #expect(error.refusal.code != .damaged, "\(error)")
                        outcomes.errors += 1
                    }
                }
            }
            _ = before.frame(content)
        }
        #expect(outcomes.errors > 0 && outcomes.messages > 0)
    }

    @Test("A bit that flips on the way is noticed before its frame is read", arguments: 1...4)
    func bitFlipsOnTheWay(seed: UInt64) throws {
        let frames = try recorded(seed: seed, turns: 8)
        let stream = Array(frames.joined())
        let ends = frames.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        var honest = WireEnd(reading: seed)
        let sent = try honest.read(stream)
        for position in stream.indices {
            for bit in 0..<8 {
                var flipped = stream
                flipped[position] ^= 1 << UInt8(bit)
                var end = WireEnd(reading: seed)
                let read = end.messages(of: flipped)
                let intact = ends.dropFirst().count { $0 <= position }
                // A preamble has no check of its own: it is read, and nothing after it.
                #expect(intact == 0 ? read.count <= 1 : read == Array(sent[..<intact]))
            }
        }
    }

    @Test("Random bytes after a preamble give messages or an error", arguments: 1...4)
    func noise(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let preamble = try recorded(seed: seed, turns: 1)[0]
        var opened = FrameSealer()
        _ = opened.frame(Array(preamble.dropFirst()))
        for _ in 0..<1_000 {
            let type = UInt8(2 + random.below(2) | random.below(8) << 3)
            var sealer = opened
            let frame = sealer.frame([type] + random.bytes(upTo: 60))
            var end = WireEnd(reading: seed)
            do {
                let messages = try end.read(preamble + frame)
                #expect(messages.allSatisfy { $0.isWithinLimits })
            } catch {
                #expect(error.refusal.code != .failed, "\(error)")
                #expect(error.refusal.code != .damaged, "\(error)")
            }
        }
    }

    @Test("A stated count of cells or writers allocates nothing without bytes to back it")
    func statedCounts() throws {
        let preamble = try recorded(seed: 1, turns: 1)[0]
        // A claim of one writer, then 10,000 cells in no bytes, each of which is as the one before.
        let chunk: [UInt8] =
            [0x1b, 0x01 | 1 << 2, 1] + [UInt8](repeating: 5, count: 16) + [9, 0, 0x90, 0x4e, 0]
        var sealer = FrameSealer()
        _ = sealer.frame(Array(preamble.dropFirst()))
        var end = WireEnd(.responder)
        #expect(throws: WireError(.malformed, "")) {
            try end.read(preamble + sealer.frame(chunk))
        }
    }
}

extension SyncMessage {
    /// Whether this is a chunk of one cell, of whose value the end is missing.
    fileprivate func isShort(of whole: SyncMessage?) -> Bool {
        guard case .chunk(let chunk) = self, case .chunk(let all)? = whole,
            chunk.cells.count == 1, all.cells.count == 1
        else { return false }
        let (cell, other) = (chunk.cells[0], all.cells[0])
        return cell.key == other.key && cell.dot == other.dot && cell.kind == other.kind
            && cell.value.count < other.value.count && other.value.starts(with: cell.value)
    }

    /// Whether what was read keeps to the limits, whatever the bytes were.
    var isWithinLimits: Bool {
        let limits = SessionLimits()
        switch self {
        case .preamble, .acknowledgement, .heartbeat, .repair, .unknownReference: return true
        case .refusal(let refusal): return refusal.text.utf8.count <= Refusal.textBytesMax
        case .hello(let hello):
            return Lane.all.allSatisfy {
                hello.vectors[$0].isWellFormed && hello.frontier[$0].isWellFormed
                    && hello.vectors[$0].entries.count <= limits.vectorEntriesMax
                    && (hello.staged[$0] ?? DotSet()).count <= limits.stagedWritesMax
            }
        case .chunk(let chunk):
            return chunk.cells.count <= limits.chunkCellsMax
                && zip(chunk.cells, chunk.cells.dropFirst()).allSatisfy { $0.key < $1.key }
                && chunk.cells.allSatisfy { $0.isWithinLimits && $0.isWellFormed }
                && (chunk.head?.claim.isWellFormed ?? true)
                && (chunk.head?.dropped.count ?? 0) <= limits.stagedWritesMax
        }
    }
}
