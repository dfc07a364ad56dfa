import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire

/// Vectors that the encoder wrote.
enum GeneratedVectors {
    static func all() throws -> [Vector] {
        [
            Vector(
                name: "exchange",
                description: "The worked exchange of the specification, from the first byte on.",
                origin: .generated, replay: .both, frames: try WorkedExchange().frames),
            Vector(
                name: "chunk-compressed",
                description: "Three segments in one zstd stream, which is restarted before the "
                    + "third. Bytes differ between versions of libzstd, so an encoder need not "
                    + "give these; every decoder has to read them.",
                origin: .generated, replay: .decoding, frames: try compressed()),
        ]
    }

    private static func compressed() throws -> [Vector.Frame] {
        var messages = [
            SyncMessage.preamble(
                Preamble(fleet: WorkedExchange.fleet, device: WorkedExchange.phone))
        ]
        messages += (0..<3).map { SyncMessage.chunk(chunk($0)) }
        var encoder = WireEnd(.initiator).encoder
        return try messages.enumerated().map { index, message in
            if index == 3 { encoder.restartCompression() }
            return Vector.Frame(
                from: .initiator, hex: try encoder.frame(for: message).hex,
                message: MessageText(message))
        }
    }

    /// A segment of profiles with two fields each.
    private static func chunk(_ number: UInt64) -> SegmentChunk {
        let writer = WorkedExchange.phoneWriter
        let cells = (0..<6).flatMap { profile in
            ["JP", "Japan roaming 5 GB, thirty days"].enumerated().map { field, text in
                Cell(
                    key: CellKey(
                        lane: .settings, collection: CollectionID(rawValue: 2),
                        row: Array("898130001234567890\(profile)".utf8),
                        field: FieldID(rawValue: UInt32(field) + 1)),
                    kind: .register,
                    dot: Dot(
                        writer: writer,
                        sequence: 12 * number + UInt64(2 * profile + field) + 1),
                    timestamp: HybridTimestamp(
                        epoch: 0, ticks: (1_764_000_000_000 + 1_000 * number) << 16),
                    causalLength: 1, value: CellValue.text(text).encoded)
            }
        }
        return SegmentChunk(
            lane: .settings,
            head: .init(
                applied: 0, claim: VersionVector([(writer, 12 * number + 12)]),
                clock: HybridTimestamp(
                    epoch: 0, ticks: (1_764_000_000_000 + 1_000 * number) << 16)),
            cells: cells, isLast: true)
    }
}
