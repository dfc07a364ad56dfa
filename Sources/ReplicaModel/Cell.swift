public import CausalTime
package import DeltaCRDT

/// How two contents of one cell are brought together.
///
/// Every cell carries its kind.
public enum MergeKind: UInt8, Hashable, Sendable, CaseIterable {
    /// A field that anyone may set; see `LastWriterRegister`.
    case register = 1
    /// The existence of a row; see `RowExistence`.
    case row = 2
    /// A number that one writer raises; see `UsageCounter` and `RightsMatrix`.
    case counter = 3
    /// Something written once. Should two writes name one fact, the lesser dot counts.
    case fact = 4

    /// Whether a cell of this kind carries a timestamp and a causal length.
    public var isStamped: Bool { self == .register || self == .row }
}

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
    /// The causal length of the row at the write; 0 for kinds that are not stamped and for
    /// registers of collections whose rows are not created or deleted.
    public let causalLength: UInt64
    /// The author's bytes: of a counter a varint, of a row nothing, otherwise a ``CellValue``.
    public let value: [UInt8]

    /// The longest value, in bytes.
    public static let valueBytesMax = 64 * 1024
    /// The greatest causal length that is accepted from elsewhere.
    public static let causalLengthMax: UInt64 = 1 << 32

    /// Makes a cell of its parts.
    public init(
        key: CellKey, kind: MergeKind, dot: Dot, timestamp: HybridTimestamp = .zero,
        causalLength: UInt64 = 0, value: [UInt8] = []
    ) {
        self.key = key
        self.kind = kind
        self.dot = dot
        self.timestamp = timestamp
        self.causalLength = causalLength
        self.value = value
    }

    /// The write's place among the writes of this cell.
    package var order: WriteOrder {
        WriteOrder(causalLength: causalLength, timestamp: timestamp, dot: dot)
    }

    /// The amount of a counter; 0 if the bytes are no varint.
    public var amount: UInt64 {
        var reader = ByteReader(value)
        do { return try reader.varint() } catch { return 0 }
    }

    /// Whether key and kind go together: field 0 is the row and nothing else is, and a counter is
    /// owned by its writer while nothing else is owned.
    public var isWellFormed: Bool {
        (kind == .row) == (key.field == .row)
            && key.owner == (kind == .counter ? dot.writer : nil)
    }

    /// Whether this state is to be kept rather than `other`, a state of the same cell.
    ///
    /// The order is total over different writes, so every replica keeps the same one.
    public func supersedes(_ other: Cell) -> Bool {
        guard kind == other.kind else { return kind.rawValue > other.kind.rawValue }
        switch kind {
        case .register, .row: return order > other.order
        case .counter: return (amount, dot) > (other.amount, other.dot)
        case .fact: return dot < other.dot
        }
    }
}
