/// What names a row: one value, or a few that stand for columns.
///
/// Every ``CellConvertible`` value is a key of one column. A key of several is a structure:
///
/// ```swift
/// struct Seat: RowKey {
///     var trip: RowID
///     var number: Int
///     static let columnTypes = [RowID.valueType, Int.valueType]
///     var columns: [CellValue] { [trip.cellValue, number.cellValue] }
///     init?(columns: [CellValue]) { … }
/// }
/// ```
///
/// Rows are the same if the bytes of their keys are.
public protocol RowKey: Hashable, Sendable {
    /// How the columns are stored.
    static var columnTypes: [ValueType] { get }

    /// The columns, as many as ``columnTypes``.
    var columns: [CellValue] { get }

    /// Reads the columns; nothing if they are no key of this type.
    init?(columns: [CellValue])
}

/// The key of a collection that has one row.
public struct OnlyRow: RowKey {
    /// No columns.
    public static let columnTypes: [ValueType] = []

    /// No columns.
    public var columns: [CellValue] { [] }

    /// The key.
    public init() {}

    /// Reads no columns.
    public init?(columns: [CellValue]) {
        guard columns.isEmpty else { return nil }
    }
}

/// How the rows of a collection come to be, and what they are named by.
///
/// ``UniqueRows``, ``NaturalRows`` and ``StandingRows`` are the ones there are.
public protocol RowNaming: Sendable {
    /// What names a row.
    associatedtype Key: Hashable & Sendable

    /// How rows exist.
    var existence: RowsDescription.Existence { get }

    /// What a key consists of.
    var keyColumns: [KeyColumn] { get }

    /// The key as it is stored.
    func bytes(of key: Key) -> [UInt8]

    /// Reads a stored key; nothing if it is none.
    func key(of bytes: [UInt8]) -> Key?
}

/// Rows that are created and deleted.
public protocol MortalRows: RowNaming {}

/// Rows that are named by their creation: no two devices ever create the same one.
///
/// A deleted row is forgotten once every member knows of it.
public struct UniqueRows: MortalRows {
    /// Makes the naming.
    public init() {}

    /// Created and deleted, under the name of the creation.
    public var existence: RowsDescription.Existence { .unique }

    /// The row's name.
    public var keyColumns: [KeyColumn] { [KeyColumn("id", .bytes, coding: .rest)] }

    /// The bytes of the name.
    public func bytes(of key: RowID) -> [UInt8] { key.bytes }

    /// Reads a name.
    public func key(of bytes: [UInt8]) -> RowID? { RowID(bytes: bytes) }
}

/// Rows that are named by what they stand for, such as an ICCID: two devices that create the row of
/// one key create the same row.
///
/// What is left of a deleted row, about 40 bytes, is kept for ever.
public struct NaturalRows<Key: RowKey>: MortalRows {
    private let names: [String]

    /// Makes the naming of the names of the key's columns.
    public init(_ names: String...) { self.names = names }

    /// Created and deleted, under the name of what they stand for.
    public var existence: RowsDescription.Existence { .natural }

    /// The columns of the key.
    public var keyColumns: [KeyColumn] { KeyColumn.columns(of: Key.self, names) }

    /// The columns one after the other.
    public func bytes(of key: Key) -> [UInt8] { KeyColumn.encode(key) }

    /// Reads the columns.
    public func key(of bytes: [UInt8]) -> Key? { KeyColumn.decode(bytes) }
}

/// Rows that are never created or deleted: one is there as soon as something is written in it, and
/// for ever.
public struct StandingRows<Key: RowKey>: RowNaming {
    private let names: [String]

    /// Makes the naming of the names of the key's columns.
    public init(_ names: String...) { self.names = names }

    /// Always there.
    public var existence: RowsDescription.Existence { .standing }

    /// The columns of the key.
    public var keyColumns: [KeyColumn] { KeyColumn.columns(of: Key.self, names) }

    /// The columns one after the other.
    public func bytes(of key: Key) -> [UInt8] { KeyColumn.encode(key) }

    /// Reads the columns.
    public func key(of bytes: [UInt8]) -> Key? { KeyColumn.decode(bytes) }
}

extension KeyColumn {
    fileprivate static func columns(of key: (some RowKey).Type, _ names: [String]) -> [KeyColumn] {
        // A missing name shows as an empty one, which a schema refuses.
        let types = key.columnTypes
        let all = names + Array(repeating: "", count: max(0, types.count - names.count))
        return zip(all, types).map {
            KeyColumn($0, $1, coding: types.count == 1 ? .value : .countedValue)
        } + names.dropFirst(types.count).map { KeyColumn($0, .bytes, coding: .rest) }
    }

    /// A single column as it is; several each after the number of its bytes.
    fileprivate static func encode(_ key: some RowKey) -> [UInt8] {
        let columns = key.columns
        if columns.count == 1 { return columns[0].encoded }
        var out = ByteWriter()
        for column in columns { out.counted(column.encoded) }
        return out.bytes
    }

    fileprivate static func decode<Key: RowKey>(_ bytes: [UInt8]) -> Key? {
        guard Key.columnTypes.count != 1 else {
            return CellValue(encoded: bytes).flatMap { Key(columns: [$0]) }
        }
        var reader = ByteReader(bytes)
        var columns: [CellValue] = []
        do {
            for _ in Key.columnTypes {
                let column = try reader.counted(atMost: CellKey.rowBytesMax, of: "bytes of a key")
                guard let value = CellValue(encoded: column) else { return nil }
                columns.append(value)
            }
            try reader.end()
        } catch {
            return nil
        }
        return Key(columns: columns)
    }
}
