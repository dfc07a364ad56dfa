/// Whether a row exists: a count of its creations and deletions, of which an odd one means "live".
///
/// A deletion beats every edit that had not seen it; creating the row again starts a new life, in
/// which nothing of the former one comes back. Deleting a deleted row, or creating a live one, is
/// not an operation and changes nothing.
///
/// Source: W. Yu, S. Rostad, "A Low-Cost Set CRDT Based on Causal Lengths" (PaPoC 2020).
/// Difference: equal lengths are told apart by timestamp and dot, so that a row has one author.
public struct RowExistence: Mergeable, Hashable {
    /// The order of the creation or deletion that counts; its causal length is at least 1.
    public let order: WriteOrder

    /// Makes a row state of its last creation or deletion.
    public init(order: WriteOrder) { self.order = order }

    /// Whether the row is there.
    public var isLive: Bool { !order.causalLength.isMultiple(of: 2) }

    /// The causal length of the next creation (of a dead row) or deletion (of a live one).
    public var nextCausalLength: UInt64 { order.causalLength + 1 }

    /// Keeps the further of two states.
    public mutating func merge(_ other: RowExistence) {
        if other.order > order { self = other }
    }
}
