import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire
import ZstdStream

typealias Connection = SyncConnection<ZstdCompressor, ZstdDecompressor>
typealias Decoder = WireDecoder<ZstdDecompressor>

/// One of two devices, and what it writes.
struct Author {
    static let fleet = FleetID(high: 0xcafe, low: 1)

    let device: DeviceID
    let writer: WriterID
    private var sequences: [Lane: UInt64] = [:]
    private var count: UInt64 = 0

    /// The device that plays a role.
    init(_ role: SyncSession.Role) {
        device = DeviceID(high: 0x70, low: role == .initiator ? 1 : 2)
        writer = WriterID(device: device, nonce: 1)
    }

    /// A connection in a role.
    static func connection(_ role: SyncSession.Role) -> Connection {
        var limits = SessionLimits()
        // Segments of several chunks, though there are few cells.
        limits.chunkBytes = 120
        // What is kept is what came at a time, and so can be looked at.
        limits.stagingDelay = .zero
        return Connection(
            role: role,
            identity: Preamble(capabilities: .own, fleet: fleet, device: Author(role).device),
            nonce: nil, limits: limits, compressor: ZstdCompressor(),
            decompressor: ZstdDecompressor())
    }

    /// The next write: of each kind in turn, to a few rows, so that both sides meet in them.
    mutating func next() -> Cell {
        count += 1
        let row = "8980\(count % 5)"
        switch count % 3 {
        case 0:
            return Cell(
                key: key(.usage, row).owned(by: writer), kind: .counter, dot: dot(.usage),
                value: Self.varint(count * 1_000))
        case 1:
            return Cell(
                key: key(.settings, row), kind: .register, dot: dot(.settings),
                timestamp: HybridTimestamp(
                    epoch: 0, ticks: (1_764_000_000_000 + count * 1_000) << 16),
                value: CellValue.text(String(repeating: "Nippon ", count: Int(count % 30))).encoded)
        default:
            return Cell(
                key: key(.control, "\(writer)\(count)"), kind: .fact, dot: dot(.control),
                value: CellValue.bool(true).encoded)
        }
    }

    private static func varint(_ number: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.varint(number)
        return writer.bytes
    }

    private func key(_ lane: Lane, _ row: String) -> CellKey {
        CellKey(
            lane: lane, collection: CollectionID(rawValue: 20), row: Array(row.utf8),
            field: FieldID(rawValue: 1))
    }

    private mutating func dot(_ lane: Lane) -> Dot {
        sequences[lane, default: 0] += 1
        return Dot(writer: writer, sequence: sequences[lane, default: 0])
    }
}
