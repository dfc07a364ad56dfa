import CausalTime
import ReplicaModel
import SyncEngine

/// A message as it stands in a vector: exactly one of the members is there.
struct MessageText: Codable, Hashable {
    var preamble: PreambleText?
    var hello: HelloText?
    var chunk: ChunkText?
    var acknowledgement: AcknowledgementText?
    var refusal: RefusalText?
}

struct PreambleText: Codable, Hashable {
    var version: UInt8
    var capabilities: UInt64
    var fleet: String
    var device: String
}

struct HelloText: Codable, Hashable {
    var digest: String
    var clock: String
    /// One list for each lane, of writer and sequence as in `0123…:7`.
    var lanes: [[String]]
    /// The same of the frontier; not there if it is empty in every lane.
    var frontier: [[String]]?
}

struct ChunkText: Codable, Hashable {
    struct Head: Codable, Hashable {
        var applied: UInt64
        var claim: [String]
        /// Of snapshots only.
        var frontier: [String]?
        var clock: String
    }

    var lane: UInt8
    var head: Head?
    var isLast: Bool
    var cells: [CellText]
}

struct CellText: Codable, Hashable {
    var collection: UInt32
    var row: String
    var field: UInt32
    /// Where there is one.
    var item: String?
    var kind: String
    var dot: String
    /// Of stamped kinds only.
    var timestamp: String?
    /// Of stamped kinds, and of others where it is not 0.
    var causalLength: UInt64?
    /// Of counters only.
    var amount: UInt64?
    /// Of kinds whose value is bytes.
    var value: String?
    /// Of kinds with one.
    var context: [String]?
}

struct AcknowledgementText: Codable, Hashable {
    var applied: UInt64
}

struct RefusalText: Codable, Hashable {
    var code: UInt8
    var text: String
}

// MARK: From a message

extension MessageText {
    init(_ message: SyncMessage) {
        switch message {
        case .preamble(let it):
            preamble = PreambleText(
                version: it.version, capabilities: it.capabilities,
                fleet: it.fleet.description, device: it.device.description)
        case .hello(let it):
            hello = HelloText(
                digest: it.digest.description, clock: it.clock.text,
                lanes: Lane.all.map { it.vectors[$0].texts },
                frontier: it.frontier == LaneVectors()
                    ? nil : Lane.all.map { it.frontier[$0].texts })
        case .chunk(let it):
            chunk = ChunkText(
                lane: it.lane.rawValue,
                head: it.head.map {
                    ChunkText.Head(
                        applied: $0.applied, claim: $0.claim.texts,
                        frontier: $0.frontier?.texts, clock: $0.clock.text)
                },
                isLast: it.isLast, cells: it.cells.map(CellText.init))
        case .acknowledgement(let applied):
            acknowledgement = AcknowledgementText(applied: applied)
        case .refusal(let it): refusal = RefusalText(code: it.code.rawValue, text: it.text)
        }
    }
}

extension CellText {
    init(_ cell: Cell) {
        let isStamped = cell.kind.isStamped
        self.init(
            collection: cell.key.collection.rawValue, row: cell.key.row.hex,
            field: cell.key.field.rawValue,
            item: cell.key.item.isEmpty ? nil : cell.key.item.hex, kind: "\(cell.kind)",
            dot: "\(cell.dot.writer):\(cell.dot.sequence)",
            timestamp: isStamped ? cell.timestamp.text : nil,
            causalLength: isStamped || cell.causalLength > 0 ? cell.causalLength : nil,
            amount: cell.kind == .counter ? cell.amount : nil,
            value: cell.kind == .counter || cell.kind == .vector || cell.kind.isRow
                ? nil : cell.value.hex,
            context: cell.kind.hasContext ? cell.context.texts : nil)
    }
}

extension HybridTimestamp {
    /// Milliseconds, counter and epoch, as in `1764000000000+2@0`.
    var text: String { "\(ticks >> 16)+\(ticks & 0xffff)@\(epoch)" }
}

extension VersionVector {
    var texts: [String] { entries.map { "\($0.writer):\($0.sequence)" } }
}
