import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire

/// Streams that a decoder has to refuse, of which the last frame is made by hand, under a length
/// and a check that are right.
enum RejectedStreams {
    static func all() throws -> [RejectedVector] {
        try checks() + greetings() + staged() + heads() + dropped() + singles() + columns()
            + compressed() + repairs()
    }
}

/// Frames that are fine, then one that is not.
struct RejectedScript {
    /// A writer whom the greeting introduces, with five writes in lane 1.
    static let writer = WriterID(
        high: 0xaaaa_aaaa_aaaa_aaaa, low: 0xaaaa_aaaa_aaaa_aaaa)
    static let preamble = SyncMessage.preamble(
        Preamble(fleet: WorkedExchange.fleet, device: WorkedExchange.phone))
    static let hello = SyncMessage.hello(
        Hello(vectors: vectors(5), frontier: LaneVectors(), reference: .none(clock: .zero)))

    static func vectors(_ sequence: UInt64) -> LaneVectors {
        var vectors = LaneVectors()
        vectors[.settings].raise(writer, to: sequence)
        return vectors
    }

    private(set) var frames: [[UInt8]] = []
    private(set) var sealer = FrameSealer()
    private let known: [Hello.Reference]

    /// Begins with a preamble and other messages.
    init(
        _ messages: [SyncMessage] = [hello], knowing known: [Hello.Reference] = []
    ) throws {
        self.known = known
        var encoder = WireEnd(.initiator).encoder
        let encoded = try ([Self.preamble] + messages).map { try encoder.frame(for: $0) }
        for content in FrameParts.contents(of: encoded) { pass(content) }
    }

    /// One more frame that is fine.
    mutating func pass(_ content: [UInt8]) { frames.append(sealer.frame(content)) }

    /// The frame of a head and a body.
    func sealed(_ content: [UInt8], greeting: UInt64 = 0) -> [UInt8] {
        var sealer = sealer
        return sealer.frame(content, greeting: greeting)
    }

    /// Refused because of what its last frame holds.
    func reject(
        _ name: String, _ requirement: String, _ content: [UInt8], code: Refusal.Code = .malformed,
        _ contains: String, _ description: String
    ) -> RejectedVector {
        reject(name, requirement, bytes: sealed(content), code: code, contains, description)
    }

    /// Refused because of what its last bytes are.
    func reject(
        _ name: String, _ requirement: String, bytes: [UInt8], code: Refusal.Code = .malformed,
        _ contains: String, _ description: String, sent: [SyncMessage] = []
    ) -> RejectedVector {
        RejectedVector(
            name: name, description: description, origin: .generated, requirement: requirement,
            from: .initiator, before: frames.map(\.hex),
            sent: sent.isEmpty ? nil : sent.map(MessageText.init),
            known: known.isEmpty ? nil : known.map(ReferenceText.init), hex: bytes.hex,
            code: "\(code)", contains: contains)
    }
}

/// A range code of any numbers, with the models that a reader uses.
struct HostileCode {
    private var out = RangeEncoder()
    private var numbers: [String: IntegerModel] = [:]
    private var choices: [String: AdaptiveBit] = [:]
    private var latest = ""

    /// Writes a code, and how long it is.
    static func counted(_ body: (inout HostileCode) -> Void) -> [UInt8] {
        var code = HostileCode()
        body(&code)
        var out = ByteWriter()
        out.counted(code.out.finish())
        return out.bytes
    }

    mutating func number(_ model: String, _ value: UInt64) {
        numbers[model, default: IntegerModel()].encode(value, to: &out)
    }

    mutating func choice(_ model: String, _ value: Bool) {
        out.encode(value, &choices[model, default: AdaptiveBit()])
    }

    mutating func even(_ value: UInt64, of count: UInt64) { out.encode(value, of: count) }

    mutating func bits(_ value: UInt64, _ count: Int) { out.encode(value, bits: count) }

    // MARK: Cells

    /// Which shape follows the one at a place.
    mutating func shape(_ index: UInt64, after place: Int? = nil) {
        let model = "after \(place ?? -1)"
        if numbers[model] == nil { numbers[model] = numbers[latest] ?? IntegerModel() }
        latest = model
        number(model, index)
    }

    mutating func firstShape(
        kind: UInt64 = 1, field: UInt64 = 2, collection: UInt64 = 1, form: UInt64 = 0
    ) {
        shape(0)
        choice("other collection", true)
        number("collection", collection)
        number("field", field)
        choice("other kind", true)
        number("kind", kind)
        number("form", form)
    }

    mutating func row(shared: UInt64 = 0, suffix: UInt64 = 1) {
        choice("same row", false)
        choice("next row", false)
        number("shared", shared)
        number("suffix", suffix)
    }

    /// A write, so many before the last of nine.
    mutating func dot(back: UInt64 = 0, of count: UInt64 = 9) { even(back, of: count) }

    mutating func stamp(error: UInt64 = 0, logical: UInt64 = 0) {
        choice("other epoch", false)
        number("error", error)
        number("logical", logical)
    }

    mutating func life(_ life: UInt64 = 1) { number("life", life) }

    mutating func text(_ count: UInt64 = 1) {
        number("value form", 4)
        number("length", count)
    }

    /// A register, but for its value.
    mutating func register(shared: UInt64 = 0, suffix: UInt64 = 1) {
        firstShape()
        row(shared: shared, suffix: suffix)
        dot()
        stamp()
        life()
    }
}

/// The bytes of a varint.
func varint(_ value: UInt64) -> [UInt8] {
    var out = ByteWriter()
    out.varint(value)
    return out.bytes
}
