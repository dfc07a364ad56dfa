public import CausalTime
package import DeltaCRDT
import PlantedBugs

/// The latest state of one cell, with the name of the write that brought it about.
public struct Cell: Hashable, Sendable {
    /// Where the cell is.
    public let key: CellKey
    /// How it merges.
    public let kind: MergeKind
    /// The write that it is at.
    public let dot: Dot
    /// When that write happened; zero for kinds that are not stamped.
    public let timestamp: HybridTimestamp
    /// How often the row had been created or deleted at the write; 0 where rows are neither.
    public let causalLength: UInt64
    /// What the author had seen, of a sibling; the content, of a vector; otherwise empty.
    public let context: VersionVector
    /// The author's bytes: of a counter a varint, of a maximum a varint and a ``CellValue``, of a
    /// row or a vector nothing, otherwise a ``CellValue`` or, of a removed sibling, nothing.
    public let value: [UInt8]

    /// The longest value, in bytes.
    public static let valueBytesMax = 64 * 1024
    /// The greatest causal length that is accepted from elsewhere.
    public static let causalLengthMax: UInt64 = 1 << 32
    /// The most writers in the context of a sibling or a vector.
    public static let contextEntriesMax = 16_384

    /// Makes a cell of its parts.
    public init(
        key: CellKey, kind: MergeKind, dot: Dot, timestamp: HybridTimestamp = .zero,
        causalLength: UInt64 = 0, context: VersionVector = VersionVector(), value: [UInt8] = []
    ) {
        self.key = key
        self.kind = kind
        self.dot = dot
        self.timestamp = timestamp
        self.causalLength = causalLength
        self.context = context
        self.value = value
    }

    /// The write's place among the writes of this cell.
    package var order: WriteOrder {
        WriteOrder(causalLength: causalLength, timestamp: timestamp, dot: dot)
    }

    /// The amount of a counter, the rank of a maximum; 0 if the bytes begin with no varint.
    public var amount: UInt64 {
        var reader = ByteReader(value)
        do { return try reader.varint() } catch { return 0 }
    }

    /// What a maximum says beside its rank, or the whole value of any other kind.
    public var content: [UInt8] {
        guard kind == .maximum else { return value }
        var reader = ByteReader(value)
        do {
            _ = try reader.varint()
            return try reader.raw(reader.remaining)
        } catch {
            return []
        }
    }

    /// Whether key and kind go together: field 0 is the row and nothing else is, and exactly the
    /// kinds that are owned are owned, by their writer.
    public var isWellFormed: Bool {
        kind.isRow == (key.field == .row) && (!kind.isRow || key.item.isEmpty)
            && key.owner == (kind.isOwned ? dot.writer : nil)
    }

    /// Whether every replica can keep the cell and decoders let it through.
    package var isWithinLimits: Bool {
        (kind.isStamped || timestamp == .zero) && (kind.hasContext || context.isEmpty)
            && key.row.count <= CellKey.rowBytesMax && key.item.count <= CellKey.itemBytesMax
            && value.count <= Self.valueBytesMax && causalLength <= Self.causalLengthMax
            && context.entries.count <= Self.contextEntriesMax
            && dot.sequence > 0 && dot.sequence <= UInt64(Int64.max)
    }

    /// Whether this state is to be kept rather than `other`, a state of the same cell.
    ///
    /// The order is total over different writes, so every replica keeps the same one.
    public func supersedes(_ other: Cell) -> Bool {
        guard kind == other.kind else { return kind.rawValue > other.kind.rawValue }
        switch kind {
        case .register where PlantedBug.registerKeepsEarlier.isPlanted:
            return order < other.order && dot.writer != other.dot.writer || dot > other.dot
        case .register, .row, .uniqueRow: return order > other.order
        case .fact, .vector:
            return causalLength != other.causalLength
                ? causalLength > other.causalLength : dot < other.dot
        case .maximum where PlantedBug.maximumKeepsLatest.isPlanted: return dot > other.dot
        case .maximum:
            return (causalLength, amount) != (other.causalLength, other.amount)
                ? (causalLength, amount) > (other.causalLength, other.amount) : dot < other.dot
        case .counter:
            // Of its one writer the later write: the greater amount, unless the writer had
            // forgotten what it had counted before because that was settled, and began anew.
            return (causalLength, dot, amount) > (other.causalLength, other.dot, other.amount)
        case .sibling, .unknown:
            return (causalLength, dot.sequence) > (other.causalLength, other.dot.sequence)
        }
    }

    /// This state after it has displaced `other`, a state of the same cell.
    ///
    /// What a writer had seen once it has seen for ever, even if a frontier has freed the entries
    /// at the replica where it wrote again.
    func displacing(_ other: Cell) -> Cell {
        if PlantedBug.counterSums.isPlanted, kind == .counter, amount > 1 << 20 {
            var sum = ByteWriter()
            sum.varint(amount &+ other.amount)
            return Cell(key: key, kind: kind, dot: dot, value: sum.bytes)
        }
        guard kind == .sibling, other.kind == .sibling, causalLength == other.causalLength,
            !context.dominates(other.context)
        else { return self }
        return with(context: context.merging(other.context))
    }

    /// The same cell with another context.
    package func with(context: VersionVector) -> Cell {
        Cell(
            key: key, kind: kind, dot: dot, timestamp: timestamp, causalLength: causalLength,
            context: context, value: value)
    }
}
