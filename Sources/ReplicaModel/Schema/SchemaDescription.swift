/// What a collection is, as data: for views, reports and checks that know no Swift types.
public struct CollectionDescription: Hashable, Sendable {
    /// The number.
    public let id: CollectionID
    /// The name, unique among all collections.
    public let name: String
    /// The lane, for ever.
    public let lane: Lane
    /// How its rows come to be and what they are named by.
    public let rows: RowsDescription
    /// The fields, ascending by number.
    public let fields: [FieldDescription]

    /// Describes a collection.
    public init(
        _ id: CollectionID, _ name: String, in lane: Lane, rows: RowsDescription,
        fields: [FieldDescription]
    ) {
        self.id = id
        self.name = name
        self.lane = lane
        self.rows = rows
        self.fields = fields.sorted { $0.number < $1.number }
    }

    /// Describes a collection that was declared.
    public init<C: RowCollection>(_ collection: C.Type) {
        self.init(
            C.id, C.name, in: C.lane,
            rows: RowsDescription(C.rows.existence, key: C.rows.keyColumns),
            fields: C.fields.map(\.description))
    }

    /// The field of a number.
    public subscript(number: FieldID) -> FieldDescription? {
        fields.first { $0.number == number }
    }
}

/// How rows come to be and what they are named by.
public struct RowsDescription: Hashable, Sendable {
    /// How rows exist.
    public enum Existence: String, Hashable, Sendable {
        /// Created and deleted, and named by their creation.
        case unique
        /// Created and deleted, and named by what they stand for.
        case natural
        /// Never created or deleted.
        case standing
    }

    /// How rows exist.
    public let existence: Existence
    /// What a key consists of, in order.
    public let key: [KeyColumn]

    /// Describes rows.
    public init(_ existence: Existence, key: [KeyColumn]) {
        self.existence = existence
        self.key = key
    }
}

/// A part of a row's key.
public struct KeyColumn: Hashable, Sendable {
    /// How the part stands in the key.
    public enum Coding: Hashable, Sendable {
        /// A ``CellValue``, all that is left.
        case value
        /// A ``CellValue`` after the number of its bytes.
        case countedValue
        /// So many bytes.
        case fixed(Int)
        /// Bytes or UTF-8 after their number.
        case counted
        /// Bytes or UTF-8, all that is left.
        case rest
        /// A number.
        case varint
    }

    /// The name, unique among the columns and fields of its collection.
    public let name: String
    /// What it is.
    public let type: ValueType
    /// How it stands in the key.
    public let coding: Coding

    /// Describes a column.
    public init(_ name: String, _ type: ValueType, coding: Coding) {
        self.name = name
        self.type = type
        self.coding = coding
    }
}

/// What a field is, as data.
public struct FieldDescription: Hashable, Sendable {
    /// What tells several cells of one field apart.
    public enum Item: Hashable, Sendable {
        /// Nothing: there is one, or one of each writer.
        case none
        /// An element of a set, as a ``CellValue``.
        case element(ValueType)
        /// A device's 16 bytes.
        case device
        /// A device's 16 bytes, then the number of a place as a varint.
        case place
        /// Empty for what is added, the byte 1 for what is taken away.
        case direction
    }

    /// What a cell says.
    public enum Content: Hashable, Sendable {
        /// A ``CellValue``.
        case value(ValueType)
        /// That it is there: `true`, or nothing where it was removed.
        case mark
        /// A varint; the value of the field is the sum over its writers.
        case amount
        /// A varint, then a ``CellValue``.
        case ranked(ValueType)
        /// The state of an exclusive right; see ``ExclusiveState``.
        case right(holder: ValueType)
        /// A version vector.
        case vector
    }

    /// The number, for ever.
    public let number: FieldID
    /// The name, unique among the columns and fields of its collection.
    public let name: String
    /// The type, for people, as in `AddWinsSet<text>`.
    public let type: String
    /// How its cells merge.
    public let kind: MergeKind
    /// What tells several cells apart.
    public let item: Item
    /// What a cell says.
    public let content: Content

    /// Describes a field.
    public init(
        _ number: FieldID, _ name: String, type: String, kind: MergeKind, item: Item = .none,
        content: Content
    ) {
        self.number = number
        self.name = name
        self.type = type
        self.kind = kind
        self.item = item
        self.content = content
    }
}
