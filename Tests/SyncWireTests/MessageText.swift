import CausalTime
import ReplicaModel
import SyncEngine

/// A message as it stands in a vector: exactly one of the members is there.
struct MessageText: Codable, Hashable {
    var preamble: PreambleText?
    var hello: HelloText?
    /// A hello that could not be read, because its reference is not known to the receiver.
    var unknownReference: String?
    var chunk: ChunkText?
    var acknowledgement: AcknowledgementText?
    var heartbeat: HeartbeatText?
    var repair: RepairText?
    var refusal: RefusalText?
}

struct PreambleText: Codable, Hashable {
    var version: UInt8
    var capabilities: UInt64
    var fleet: String
    var device: String
    /// Not there if any number of bytes may be sent.
    var allowance: UInt64?
    var nonce: UInt32?
}

struct HelloText: Codable, Hashable {
    var reference: ReferenceText
    /// One list for each lane, of writer and sequence as in `0123…:7`.
    var vectors: [[String]]
    /// The same of the frontier; not there if it is empty in every lane.
    var frontier: [[String]]?
    var digest: String?
    /// Not there if it is 0.
    var applied: UInt64?
    /// Lanes of which a segment follows, ascending; not there if there are none.
    var following: [UInt8]?
    /// In steps of 1,024 ms; not there if it is not said.
    var lateness: UInt64?
    /// Lanes in which the other side is to send first, ascending; not there if there are none.
    var yielded: [UInt8]?
    /// One list for each lane, of writer and first and last sequence of a run as in `0123…:7-9`;
    /// not there if nothing is staged.
    var staged: [[String]]?
    /// Only there if it is so.
    var isReferenceUnknown: Bool?
}

/// What a hello is described against: exactly one of the members is there.
struct ReferenceText: Codable, Hashable {
    struct None: Codable, Hashable {
        var clock: String
    }

    struct Frontier: Codable, Hashable {
        var vectors: [[String]]
        var clock: String
    }

    struct Greeting: Codable, Hashable {}

    var none: None?
    var state: StateText?
    var frontier: Frontier?
    var greeting: Greeting?
}

/// How far a replica is.
struct StateText: Codable, Hashable {
    var vectors: [[String]]
    var frontier: [[String]]?
    var digest: String
    var clock: String
}

struct ChunkText: Codable, Hashable {
    struct Head: Codable, Hashable {
        var applied: UInt64
        var claim: [String]
        /// Of snapshots only.
        var frontier: [String]?
        var clock: String
        /// Writes that the receiver has staged and that are no part of the segment, as in
        /// `0123…:7-9`; not there if there are none.
        var dropped: [String]?
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

struct HeartbeatText: Codable, Hashable {
    var isAnswer: Bool
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
                version: it.version, capabilities: it.capabilities.rawValue,
                fleet: it.fleet.description, device: it.device.description,
                allowance: it.allowance, nonce: it.nonce)
        case .hello(let it):
            hello = HelloText(it)
        case .unknownReference(let name):
            unknownReference = Digest(value: name.rawValue).description
        case .chunk(let it):
            chunk = ChunkText(
                lane: it.lane.rawValue,
                head: it.head.map {
                    ChunkText.Head(
                        applied: $0.applied, claim: $0.claim.texts,
                        frontier: $0.frontier?.texts, clock: $0.clock.text,
                        dropped: $0.dropped.isEmpty ? nil : $0.dropped.texts)
                },
                isLast: it.isLast, cells: it.cells.map(CellText.init))
        case .acknowledgement(let applied):
            acknowledgement = AcknowledgementText(applied: applied)
        case .heartbeat(let isAnswer): heartbeat = HeartbeatText(isAnswer: isAnswer)
        case .repair(let it): repair = RepairText(it)
        case .refusal(let it): refusal = RefusalText(code: it.code.rawValue, text: it.text)
        }
    }
}

extension HelloText {
    init(_ hello: Hello) {
        self.init(
            reference: ReferenceText(hello.reference), vectors: hello.vectors.texts,
            frontier: hello.frontier == LaneVectors() ? nil : hello.frontier.texts,
            digest: hello.digest?.description,
            applied: hello.applied == 0 ? nil : hello.applied,
            following: hello.following.isEmpty
                ? nil : hello.following.map(\.rawValue).sorted(),
            lateness: hello.lateness,
            yielded: hello.yielded.isEmpty ? nil : hello.yielded.map(\.rawValue).sorted(),
            staged: hello.staged.isEmpty
                ? nil : Lane.all.map { (hello.staged[$0] ?? DotSet()).texts },
            isReferenceUnknown: hello.isReferenceUnknown ? true : nil)
    }
}

extension ReferenceText {
    init(_ reference: Hello.Reference) {
        switch reference {
        case .none(let clock): none = None(clock: clock.text)
        case .state(let summary): state = StateText(summary)
        case .frontier(let vectors, let clock):
            frontier = Frontier(vectors: vectors.texts, clock: clock.text)
        case .greeting: greeting = Greeting()
        }
    }
}

extension StateText {
    init(_ summary: ReplicaSummary) {
        self.init(
            vectors: summary.vectors.texts,
            frontier: summary.frontier == LaneVectors() ? nil : summary.frontier.texts,
            digest: summary.digest.description, clock: summary.clock.text)
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

extension LaneVectors {
    /// One list for each lane.
    var texts: [[String]] { Lane.all.map { self[$0].texts } }
}

extension DotSet {
    var texts: [String] {
        entries.flatMap { entry in
            entry.runs.map { "\(entry.writer):\($0.lowerBound)-\($0.upperBound)" }
        }
    }
}
