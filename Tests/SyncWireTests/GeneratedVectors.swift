import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import SyncWire

/// Vectors that the encoder wrote.
enum GeneratedVectors {
    static func all() throws -> [Vector] {
        let exchange = try WorkedExchange()
        return [
            Vector(
                name: "exchange",
                description: "The worked exchange of the specification, from the first byte on.",
                origin: .generated, replay: .both, frames: exchange.frames),
            Vector(
                name: "exchange-again",
                description: "The second connection of the worked exchange: a greeting against the "
                    + "state that both remember, and a segment that does not wait for the answer.",
                origin: .generated, replay: .both, frames: exchange.framesLater),
            try repair(),
        ] + (try greetings()) + (try chunks())
    }
}

/// Lets both sides say things, and keeps the frames.
struct VectorScript {
    static let phone = WorkedExchange.phoneWriter
    static let laptop = WorkedExchange.laptopWriter
    static let start: UInt64 = 1_764_000_000_000

    private var ends = WirePair()
    private var frames: [Vector.Frame] = []

    /// Begins with the preamble of the initiator and, if it will speak, of the responder.
    ///
    /// - Parameters:
    ///   - bothSpeak: Whether the responder will speak.
    ///   - allowance: How many bytes the initiator lets it send.
    ///   - nonce: What the initiator has drawn.
    ///   - capabilities: What the initiator announces.
    /// - Throws: What either side says if a preamble does not arrive.
    init(
        bothSpeak: Bool = false, allowance: UInt64? = nil, nonce: UInt32? = nil,
        capabilities: Capabilities = []
    ) throws {
        let (fleet, phone, laptop) = (
            WorkedExchange.fleet, WorkedExchange.phone, WorkedExchange.laptop
        )
        try say(
            .preamble(
                Preamble(
                    capabilities: capabilities, fleet: fleet, device: phone, allowance: allowance,
                    nonce: nonce)))
        guard bothSpeak else { return }
        try say(.preamble(Preamble(fleet: fleet, device: laptop)), .responder)
    }

    /// One side says something.
    ///
    /// - Parameters:
    ///   - message: What.
    ///   - side: Who.
    ///   - isUnderstood: Whether the other side knows what a greeting is described against.
    /// - Throws: What either side says if the message does not arrive.
    mutating func say(
        _ message: SyncMessage, _ side: Vector.Side = .initiator, isUnderstood: Bool = true
    ) throws {
        if case .hello(let hello) = message, isUnderstood {
            ends.recall(hello.reference, greetedBy: side.role)
        }
        let passed = try ends.pass(message, from: side.role)
        guard passed.messages.count == 1 else {
            throw VectorError("\(passed.messages.count) messages of one frame")
        }
        let read = MessageText(passed.messages[0])
        let sent = MessageText(message)
        frames.append(
            Vector.Frame(
                from: side, hex: passed.frame.hex, message: read, sent: read == sent ? nil : sent))
    }

    /// A chunk that is not understood because the greeting before it was not.
    mutating func sayInVain(_ chunk: SegmentChunk) throws {
        let passed = try ends.pass(.chunk(chunk), from: .initiator)
        guard passed.messages.isEmpty else { throw VectorError("it was understood") }
        frames.append(
            Vector.Frame(
                from: .initiator, hex: passed.frame.hex, message: MessageText(),
                sent: MessageText(.chunk(chunk))))
    }

    mutating func restartCompression() { ends.initiator.encoder.restartCompression() }

    func vector(
        _ name: String, _ description: String, replay: Vector.Replay = .both
    ) -> Vector {
        Vector(
            name: name, description: description, origin: .generated, replay: replay,
            frames: frames)
    }

    // MARK: What is said

    static func at(_ milliseconds: UInt64, _ counter: UInt64 = 0) -> HybridTimestamp {
        .at(start + milliseconds, counter)
    }

    static func vectors(
        control: VersionVector = .init(), settings: VersionVector = .init(),
        usage: VersionVector = .init()
    ) -> LaneVectors {
        var vectors = LaneVectors()
        vectors[.control] = control
        vectors[.settings] = settings
        vectors[.usage] = usage
        return vectors
    }

    /// A state of the phone's and the laptop's writes.
    static let state = ReplicaSummary(
        vectors: vectors(
            control: VersionVector([(laptop, 1)]),
            settings: VersionVector([(phone, 40), (laptop, 7)]),
            usage: VersionVector([(phone, 300)])),
        frontier: vectors(settings: VersionVector([(phone, 30), (laptop, 7)])),
        digest: Digest(value: 0x0123_4567_89ab_cdef), clock: at(0))

    /// A greeting of a state without anything to say beyond it.
    static func hello(
        _ vectors: LaneVectors = LaneVectors(), frontier: LaneVectors = LaneVectors(),
        reference: Hello.Reference = .none(clock: at(0)), digest: UInt64? = nil,
        applied: UInt64 = 0, following: Set<Lane> = [], lateness: UInt64? = nil,
        yielded: Set<Lane> = [], staged: [Lane: DotSet] = [:], isReferenceUnknown: Bool = false
    ) -> SyncMessage {
        .hello(
            Hello(
                vectors: vectors, frontier: frontier, reference: reference,
                digest: digest.map { Digest(value: $0) }, applied: applied, following: following,
                lateness: lateness, yielded: yielded, staged: staged,
                isReferenceUnknown: isReferenceUnknown))
    }

    static func chunk(
        _ lane: Lane = .settings, claim: VersionVector?, frontier: VersionVector? = nil,
        clock: HybridTimestamp = at(5_000), applied: UInt64 = 0, dropped: DotSet = DotSet(),
        isLast: Bool = true, _ cells: [Cell] = []
    ) -> SyncMessage {
        .chunk(
            SegmentChunk(
                lane: lane,
                head: claim.map {
                    .init(
                        applied: applied, claim: $0, frontier: frontier, clock: clock,
                        dropped: dropped)
                },
                cells: cells.sorted { $0.key < $1.key }, isLast: isLast))
    }

    static func cell(
        _ kind: MergeKind = .register, row: String = "8981", field: UInt32 = 1,
        lane: Lane = .settings, item: String = "", by writer: WriterID = phone,
        seq sequence: UInt64, at timestamp: HybridTimestamp = at(4_000), life: UInt64 = 1,
        context: VersionVector = .init(), value: [UInt8] = []
    ) -> Cell {
        Cell(
            key: CellKey(
                lane: lane, collection: CollectionID(rawValue: 20), row: Array(row.utf8),
                field: kind.isRow ? .row : FieldID(rawValue: field), item: Array(item.utf8),
                owner: kind.isOwned ? writer : nil),
            kind: kind, dot: Dot(writer: writer, sequence: sequence),
            timestamp: kind.isStamped ? timestamp : .zero, causalLength: life, context: context,
            value: value)
    }

    static func text(_ text: String) -> [UInt8] { CellValue.text(text).encoded }
}
