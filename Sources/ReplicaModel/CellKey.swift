public import CausalTime

/// A collection's number.
///
/// It belongs to one lane for ever and is never used again for another.
public struct CollectionID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number, as it is stored and sent.
    public let rawValue: UInt32

    /// Makes an identifier of its number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Whether the left number is smaller.
    public static func < (left: CollectionID, right: CollectionID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A field's number within its collection; 0 is the row itself.
public struct FieldID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number, as it is stored and sent.
    public let rawValue: UInt32

    /// Makes an identifier of its number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The existence of the row.
    public static let row = FieldID(rawValue: 0)

    /// Whether the left number is smaller.
    public static func < (left: FieldID, right: FieldID) -> Bool { left.rawValue < right.rawValue }
}

/// Names one cell, the unit of storage, merging and exchange.
public struct CellKey: Hashable, Sendable {
    /// The lane that the collection belongs to.
    public let lane: Lane
    /// The collection.
    public let collection: CollectionID
    /// The row's key, at most ``rowBytesMax`` bytes.
    public let row: [UInt8]
    /// The field.
    public let field: FieldID
    /// Which of several in the field: an element of a set, a place in a ring; otherwise empty.
    public let item: [UInt8]
    /// The only writer, where the kind gives every writer a cell of its own; otherwise nothing.
    public let owner: WriterID?

    /// The longest key of a row, in bytes.
    public static let rowBytesMax = 512
    /// The longest name of an item, in bytes.
    public static let itemBytesMax = 512

    /// Names a cell.
    public init(
        lane: Lane, collection: CollectionID, row: [UInt8], field: FieldID, item: [UInt8] = [],
        owner: WriterID? = nil
    ) {
        self.lane = lane
        self.collection = collection
        self.row = row
        self.field = field
        self.item = item
        self.owner = owner
    }

    /// The same place as `owner`'s own, or as nobody's.
    package func owned(by owner: WriterID?) -> CellKey {
        CellKey(
            lane: lane, collection: collection, row: row, field: field, item: item, owner: owner)
    }

    /// The key of the cell that says whether this cell's row exists.
    public var rowKey: CellKey {
        CellKey(lane: lane, collection: collection, row: row, field: .row)
    }
}

extension CellKey {
    /// Whether both name the same cell; what differs most often is compared first.
    public static func == (left: CellKey, right: CellKey) -> Bool {
        left.field == right.field && left.collection == right.collection
            && left.owner == right.owner && left.row == right.row && left.item == right.item
            && left.lane == right.lane
    }
}

extension CellKey: Comparable {
    /// Orders by lane, collection, row, field, item and owner.
    public static func < (left: CellKey, right: CellKey) -> Bool {
        if left.lane != right.lane { return left.lane < right.lane }
        if left.collection != right.collection { return left.collection < right.collection }
        if left.row != right.row { return left.row.lexicographicallyPrecedes(right.row) }
        if left.field != right.field { return left.field < right.field }
        if left.item != right.item { return left.item.lexicographicallyPrecedes(right.item) }
        guard let rightOwner = right.owner else { return false }
        guard let leftOwner = left.owner else { return true }
        return leftOwner < rightOwner
    }
}
