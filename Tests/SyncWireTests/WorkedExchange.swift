import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire
import ZstdStream

/// The exchange that the specification prints.
///
/// A phone and a laptop meet, each with news for the
/// other; a minute later the phone counts some more use, and the laptop hears of it at once. Then
/// the connection is gone; the phone renames its profile, and they meet again.
struct WorkedExchange {
    typealias Connection = SyncConnection<ZstdCompressor, ZstdDecompressor>

    static let fleet = FleetID(high: 0xcafe_0000_0000_0000, low: 1)
    static let phone = DeviceID(high: 0x70_0000_0000_0000, low: 0x70)
    static let laptop = DeviceID(high: 0x1a_0000_0000_0000, low: 0x1a)
    static let phoneWriter = WriterID(device: phone, nonce: 1)
    static let laptopWriter = WriterID(device: laptop, nonce: 1)
    private static let start: UInt64 = 1_764_000_000_000
    private static let row = Array("8981".utf8)

    let phoneReplica = MemoryReplica()
    let laptopReplica = MemoryReplica()
    /// Everything that was sent, in an order in which it could have been.
    private(set) var frames: [Vector.Frame] = []
    /// The same of the second connection.
    private(set) var framesLater: [Vector.Frame] = []
    private(set) var progress: [SyncSession.Progress] = []

    init() throws {
        prepare()
        frames = try run(countingUseIn: 1)
        rename()
        framesLater = try run(countingUseIn: nil)
    }

    private static func at(_ milliseconds: UInt64) -> HybridTimestamp {
        HybridTimestamp(epoch: 0, ticks: (start + milliseconds) << 16)
    }

    private func prepare() {
        let label = CellKey(
            lane: .settings, collection: CollectionID(rawValue: 2), row: Self.row,
            field: FieldID(rawValue: 1))
        phoneReplica.write(
            Cell(
                key: label.rowKey, kind: .row, dot: Dot(writer: Self.phoneWriter, sequence: 1),
                timestamp: Self.at(0), causalLength: 1))
        phoneReplica.write(
            Cell(
                key: label, kind: .register, dot: Dot(writer: Self.phoneWriter, sequence: 2),
                timestamp: Self.at(1), causalLength: 1, value: CellValue.text("Japan").encoded))
        laptopReplica.write(
            Cell(
                key: CellKey(
                    lane: .control, collection: CollectionID(rawValue: 1),
                    row: Array("laptop".utf8), field: FieldID(rawValue: 1)),
                kind: .fact, dot: Dot(writer: Self.laptopWriter, sequence: 1),
                value: CellValue.bool(true).encoded))
        laptopReplica.observe(Self.at(2_000))
    }

    private func countUse() {
        var amount = ByteWriter()
        amount.varint(1_500_000)
        phoneReplica.write(
            Cell(
                key: CellKey(
                    lane: .usage, collection: CollectionID(rawValue: 3), row: Self.row,
                    field: FieldID(rawValue: 1), owner: Self.phoneWriter),
                kind: .counter, dot: Dot(writer: Self.phoneWriter, sequence: 1),
                value: amount.bytes))
        phoneReplica.observe(Self.at(60_000))
    }

    private func rename() {
        phoneReplica.write(
            Cell(
                key: CellKey(
                    lane: .settings, collection: CollectionID(rawValue: 2), row: Self.row,
                    field: FieldID(rawValue: 1)),
                kind: .register, dot: Dot(writer: Self.phoneWriter, sequence: 3),
                timestamp: Self.at(3_600_000), causalLength: 1,
                value: CellValue.text("Japan 5 GB").encoded))
    }

    /// Lets both meet.
    ///
    /// - Parameter turnOfUse: After which turn the phone counts some use.
    /// - Returns: What was sent.
    /// - Throws: If one of them closes the connection.
    private mutating func run(countingUseIn turnOfUse: Int?) throws -> [Vector.Frame] {
        var phone = Self.connection(.initiator, Self.phone, expecting: Self.laptop)
        var laptop = Self.connection(.responder, Self.laptop)
        // What is read here serves the record alone.
        var reader = Recorder(states: laptopReplica.remembered[Self.phone] ?? [])
        let now = MonotonicTime(sinceStart: .zero)
        var toLaptop = phone.connected(at: now, replica: phoneReplica)
        try note(laptop.connected(at: now, replica: laptopReplica), .responder, &reader)
        try note(toLaptop, .initiator, &reader)
        for turn in 0..<4 {
            let toPhone = laptop.received(toLaptop.bytes, at: now, replica: laptopReplica)
            try note(toPhone, .responder, &reader)
            toLaptop = phone.received(toPhone.bytes, at: now, replica: phoneReplica)
            try note(toLaptop, .initiator, &reader)
            if turn == turnOfUse {
                countUse()
                _ = phone.changed(
                    to: phoneReplica.vectors, relayed: false, at: now, replica: phoneReplica)
                let due = phone.deadline ?? now
                toLaptop = phone.timeReached(at: due, replica: phoneReplica)
                try note(toLaptop, .initiator, &reader)
            }
        }
        return reader.frames
    }

    /// A connection of one of the two devices.
    static func connection(
        _ role: SyncSession.Role, _ device: DeviceID, expecting expected: DeviceID? = nil,
        nonce: UInt32? = nil, limits: SessionLimits = SessionLimits()
    ) -> Connection {
        Connection(
            role: role, identity: Preamble(fleet: fleet, device: device), nonce: nonce,
            expecting: expected, limits: limits,
            compressor: ZstdCompressor(), decompressor: ZstdDecompressor())
    }

    private mutating func note(
        _ output: Connection.Output, _ side: Vector.Side, _ reader: inout Recorder
    ) throws {
        progress += output.progress
        if let reason = output.close { throw VectorError("closed: \(reason)") }
        try reader.record(output.bytes, side)
    }
}

/// Splits what was sent into frames.
///
/// The reader that stands for the receiver has to know what the receiver said itself, so what it
/// reads it also says.
private struct Recorder {
    private var reader = WirePair()
    private(set) var frames: [Vector.Frame] = []

    init(states: [ReplicaSummary]) { reader.responder.encoder.shared.candidates = states }

    mutating func record(_ output: [UInt8], _ side: Vector.Side) throws {
        var bytes = output[...]
        while !bytes.isEmpty {
            var frame: [UInt8] = []
            var messages: [SyncMessage] = []
            while messages.isEmpty, let byte = bytes.popFirst() {
                frame.append(byte)
                switch side {
                case .initiator: messages = try reader.responder.read([byte])
                case .responder: messages = try reader.initiator.read([byte])
                }
            }
            guard let message = messages.first else { throw VectorError("half a frame") }
            _ = try reader.encode(message, as: side.role)
            frames.append(
                Vector.Frame(from: side, hex: frame.hex, message: MessageText(message)))
        }
    }
}
