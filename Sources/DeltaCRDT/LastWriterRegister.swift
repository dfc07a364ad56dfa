public import CausalTime
import PlantedBugs

/// One field that anyone may set; the later write wins.
///
/// Order is by the causal length of the row at the write, then timestamp, then ``Dot``: an edit of
/// an earlier life of a row loses to any edit of a later one, and the rest is decided by the clock,
/// never by a coin toss. The order is total over writes, because no two writes share a dot.
///
/// Source: P. R. Johnson, R. H. Thomas, RFC 677 (1975), for the rule; differences: hybrid
/// timestamps, and the causal length in front.
public struct LastWriterRegister<Value: Hashable & Sendable>: Mergeable, Hashable {
    /// What was written.
    public let value: Value
    /// The order of the write among all writes of this field.
    public let order: WriteOrder

    /// Makes a register that holds one write.
    public init(_ value: Value, order: WriteOrder) {
        self.value = value
        self.order = order
    }

    /// Keeps the later of two writes.
    public mutating func merge(_ other: Self) {
        if other.order > order { self = other }
    }
}

/// The place of a write in the total order of the writes of one field or one row.
public struct WriteOrder: Hashable, Comparable, Sendable {
    /// How often the row had been created or deleted when the write happened.
    public let causalLength: UInt64
    /// When the write happened.
    public let timestamp: HybridTimestamp
    /// The write's name, which breaks ties.
    public let dot: Dot

    /// Makes an order of its parts, the most significant first.
    public init(causalLength: UInt64, timestamp: HybridTimestamp, dot: Dot) {
        self.causalLength = causalLength
        self.timestamp = timestamp
        self.dot = dot
    }

    /// Compares causal length, then timestamp, then dot.
    public static func < (left: WriteOrder, right: WriteOrder) -> Bool {
        if PlantedBug.orderIgnoresLife.isPlanted { return left.timestamp < right.timestamp }
        if PlantedBug.orderIgnoresTime.isPlanted { return left.dot < right.dot }
        return (left.causalLength, left.timestamp, left.dot)
            < (right.causalLength, right.timestamp, right.dot)
    }
}
