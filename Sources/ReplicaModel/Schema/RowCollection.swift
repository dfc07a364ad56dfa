/// A collection of rows, declared once and typed from then on.
///
/// ```swift
/// enum Trips: RowCollection {
///     static let id: CollectionID = 1024
///     static let name = "trips"
///     static let rows = UniqueRows()
///
///     static let title = Field<Trips, LastWriter<String>>(1, "title")
///     static let stamps = Field<Trips, AddWinsSet<String>>(2, "stamps")
///     static let fields: [any FieldOf<Trips>] = [title, stamps]
/// }
/// ```
///
/// Numbers, the lane and the types of fields are what is stored and sent: none ever changes, and no
/// number is used again for something else. Names may change, and fields may be added; a device
/// that does not know a field keeps it and passes it on.
public protocol RowCollection {
    /// How rows come to be and what they are named by.
    associatedtype Rows: RowNaming

    /// The number, from ``CollectionID/firstOfApp`` on.
    static var id: CollectionID { get }

    /// The name in views and reports: letters, digits and underscores, a letter first.
    static var name: String { get }

    /// The lane; ``Lane/settings`` unless said otherwise.
    static var lane: Lane { get }

    /// How rows come to be and what they are named by.
    static var rows: Rows { get }

    /// All fields, for views and reports.
    static var fields: [any FieldOf<Self>] { get }
}

extension RowCollection {
    /// The lane for what people edit.
    public static var lane: Lane { .settings }

    /// What names a row.
    public typealias Key = Rows.Key

    /// The cell that says whether a row exists.
    static func rowKey(of key: Key) -> CellKey {
        CellKey(lane: lane, collection: id, row: rows.bytes(of: key), field: .row)
    }
}

extension CollectionID: ExpressibleByIntegerLiteral {
    /// The lowest number that an app may use; those below are for domains of this package.
    public static let firstOfApp: CollectionID = 1024

    /// Makes an identifier of its number.
    public init(integerLiteral value: UInt32) { self.init(rawValue: value) }
}

/// A field of a collection: a number, a name and a type that says what may be done with it.
public struct Field<C: RowCollection, T: FieldType>: FieldOf {
    /// The number, from 1 on.
    public let number: FieldID
    /// The name in views and reports.
    public let name: String
    /// The type; most have nothing to choose.
    public let type: T

    /// Declares a field.
    public init(_ number: UInt32, _ name: String, _ type: T = T()) {
        self.number = FieldID(rawValue: number)
        self.name = name
        self.type = type
    }

    /// The field as data.
    public var description: FieldDescription {
        FieldDescription(
            number, name, type: T.name, kind: T.kind, item: T.item, content: T.content)
    }
}

/// A field of a collection whose type is not known where it stands.
public protocol FieldOf<C>: Sendable {
    /// The collection.
    associatedtype C: RowCollection

    /// The field as data.
    var description: FieldDescription { get }
}

/// What a field means: how it is written to cells and read from them.
///
/// Writing is different for every type and stands beside it, as methods on ``CellWriting``.
public protocol FieldType: Sendable {
    /// What is read.
    associatedtype Value

    /// The type's name with what it is made of, for people.
    static var name: String { get }
    /// How its cells merge.
    static var kind: MergeKind { get }
    /// What tells several cells apart.
    static var item: FieldDescription.Item { get }
    /// What a cell says.
    static var content: FieldDescription.Content { get }
    /// Whether it matters which device a cell is from.
    static var dependsOnDevices: Bool { get }

    /// Makes the type as it is without anything chosen.
    init()

    /// Reads the value.
    ///
    /// - Parameters:
    ///   - cells: The cells of one field of one life of one row, of ``kind``, ascending by key.
    ///   - devices: Which devices writers belong to, as far as it is known.
    /// - Returns: What they say together; whatever cannot be read counts as absent.
    func value(of cells: [Cell], by devices: Devices) -> Value
}

extension FieldType {
    /// One cell, or one of each writer.
    public static var item: FieldDescription.Item { .none }
    /// It mostly does not.
    public static var dependsOnDevices: Bool { false }
}
