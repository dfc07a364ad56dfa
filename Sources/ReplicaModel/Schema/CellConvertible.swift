public import CausalTime

/// How a value is stored: what a column of a view or a line of a report makes of it.
public enum ValueType: String, Hashable, Sendable {
    /// Yes or no.
    case bool
    /// A whole number of 64 bits.
    case integer
    /// Text.
    case text
    /// Bytes.
    case bytes
    /// The 16 bytes of an identifier.
    case identifier
}

/// A value that a cell can hold.
///
/// `Bool`, `Int`, `Int64`, `String`, `[UInt8]`, identifiers, `WallTime` and ``RowID`` are ones, and
/// every enumeration over them is one as soon as it says so:
///
/// ```swift
/// enum Mood: String, CellConvertible { case calm, tired }
/// ```
///
/// What a cell holds may be of a newer schema, or come from a hostile peer. Then it is no value of
/// the type, reads as absent, and stays in its cell as it is.
public protocol CellConvertible: RowKey {
    /// How values of the type are stored.
    static var valueType: ValueType { get }

    /// What a cell holds for this value; two values that differ hold something different.
    var cellValue: CellValue { get }

    /// The value that a cell holds; nothing if it is none of this type.
    init?(cellValue: CellValue)
}

extension CellConvertible {
    /// One column.
    public static var columnTypes: [ValueType] { [valueType] }

    /// The value as the only column.
    public var columns: [CellValue] { [cellValue] }

    /// Reads the only column.
    public init?(columns: [CellValue]) {
        guard columns.count == 1 else { return nil }
        self.init(cellValue: columns[0])
    }

    /// Reads the bytes of a value.
    init?(encoded bytes: [UInt8]) {
        guard let value = CellValue(encoded: bytes) else { return nil }
        self.init(cellValue: value)
    }
}

extension CellConvertible where Self: RawRepresentable, RawValue: CellConvertible {
    /// As the raw value.
    public static var valueType: ValueType { RawValue.valueType }

    /// As the raw value.
    public var cellValue: CellValue { rawValue.cellValue }

    /// Reads a raw value; nothing if there is no such case here.
    public init?(cellValue: CellValue) {
        guard let rawValue = RawValue(cellValue: cellValue) else { return nil }
        self.init(rawValue: rawValue)
    }
}

extension Bool: CellConvertible {
    /// As itself.
    public static var valueType: ValueType { .bool }

    /// As itself.
    public var cellValue: CellValue { .bool(self) }

    /// Reads a Boolean value.
    public init?(cellValue: CellValue) {
        guard case .bool(let value) = cellValue else { return nil }
        self = value
    }
}

extension Int64: CellConvertible {
    /// As itself.
    public static var valueType: ValueType { .integer }

    /// As itself.
    public var cellValue: CellValue { .integer(self) }

    /// Reads a number.
    public init?(cellValue: CellValue) {
        guard case .integer(let value) = cellValue else { return nil }
        self = value
    }
}

extension Int: CellConvertible {
    /// As 64 bits.
    public static var valueType: ValueType { .integer }

    /// As 64 bits.
    public var cellValue: CellValue { .integer(Int64(self)) }

    /// Reads a number; nothing if it does not fit.
    public init?(cellValue: CellValue) {
        guard case .integer(let value) = cellValue else { return nil }
        self.init(exactly: value)
    }
}

extension String: CellConvertible {
    /// As its UTF-8.
    public static var valueType: ValueType { .text }

    /// As its UTF-8: texts that only look alike stay apart.
    public var cellValue: CellValue { .text(self) }

    /// Reads a text.
    public init?(cellValue: CellValue) {
        guard case .text(let value) = cellValue else { return nil }
        self = value
    }
}

extension Array: RowKey where Element == UInt8 {}

extension Array: CellConvertible where Element == UInt8 {
    /// As they are.
    public static var valueType: ValueType { .bytes }

    /// As they are.
    public var cellValue: CellValue { .bytes(self) }

    /// Reads bytes.
    public init?(cellValue: CellValue) {
        guard case .bytes(let value) = cellValue else { return nil }
        self = value
    }
}

extension Identifier: RowKey {}

extension Identifier: CellConvertible {
    /// As 16 bytes.
    public static var valueType: ValueType { .identifier }

    /// As 16 bytes.
    public var cellValue: CellValue { .bytes(bytes) }

    /// Reads an identifier; nothing unless there are 16 bytes.
    public init?(cellValue: CellValue) {
        guard case .bytes(let bytes) = cellValue else { return nil }
        self.init(bytes: bytes)
    }
}

extension RowID: CellConvertible {
    /// As the bytes of the key.
    public static var valueType: ValueType { .bytes }

    /// As the bytes of the key.
    public var cellValue: CellValue { .bytes(bytes) }

    /// Reads the name of a row; nothing if the bytes are none.
    public init?(cellValue: CellValue) {
        guard case .bytes(let bytes) = cellValue else { return nil }
        self.init(bytes: bytes)
    }
}

extension WallTime: CellConvertible {
    /// As milliseconds since 1970.
    public static var valueType: ValueType { .integer }

    /// As milliseconds since 1970.
    public var cellValue: CellValue { .integer(milliseconds) }

    /// Reads milliseconds.
    public init?(cellValue: CellValue) {
        guard case .integer(let milliseconds) = cellValue else { return nil }
        self.init(milliseconds: milliseconds)
    }
}
