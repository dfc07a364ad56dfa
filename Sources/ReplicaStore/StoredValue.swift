import ReplicaModel

/// How a cell's bytes stand in the table: as what they mean, so that any SQLite tool can read them,
/// and such that exactly the same bytes come back.
struct StoredValue {
    /// The column `type`.
    enum Form: Int64 {
        /// No bytes: a row, a vector, a removed sibling.
        case none = 0
        /// A `CellValue`: 0 or 1.
        case bool = 1
        /// A `CellValue`: a number.
        case integer = 2
        /// A `CellValue`: text without NUL.
        case text = 3
        /// A `CellValue`: bytes.
        case bytes = 4
        /// A counter's amount; above 2^63 - 1 it is negative here.
        case amount = 5
        /// Anything else, as it came.
        case raw = 6
    }

    private enum Content {
        case null
        case integer(Int64)
        case text(ArraySlice<UInt8>)
        case blob(ArraySlice<UInt8>)
    }

    private let form: Form
    private let content: Content

    /// The stored form of a cell's bytes.
    init(_ cell: Cell) {
        (form, content) = Self.stored(cell) ?? (.raw, .blob(cell.value[...]))
    }

    /// What the bytes mean; nothing if they stand as they are.
    private static func stored(_ cell: Cell) -> (Form, Content)? {
        guard !cell.value.isEmpty else { return (.none, .null) }
        switch cell.kind {
        case .counter:
            var reader = ByteReader(cell.value)
            return reader.onlyVarint().map { (.amount, .integer(Int64(bitPattern: $0))) }
        case .maximum, .unknown: return nil
        case .register, .row, .fact, .sibling, .vector, .uniqueRow:
            switch CellValue(encoded: cell.value) {
            case .bool(let bool): return (.bool, .integer(bool ? 1 : 0))
            case .integer(let integer): return (.integer, .integer(integer))
            case .text(let text):
                return text.utf8.contains(0) ? nil : (.text, .text(cell.value.dropFirst()))
            case .bytes: return (.bytes, .blob(cell.value.dropFirst()))
            case nil: return nil
            }
        }
    }

    /// Binds the columns `type` and `value`.
    func bind(to statement: PreparedStatement, form formIndex: Int32, value valueIndex: Int32) {
        statement.bind(form.rawValue, at: formIndex)
        switch content {
        case .null: statement.bindNull(at: valueIndex)
        case .integer(let integer): statement.bind(integer, at: valueIndex)
        case .text(let text): statement.bind(text: text, at: valueIndex)
        case .blob(let bytes): statement.bind(bytes, at: valueIndex)
        }
    }

    /// The bytes that stand in a row; nothing if no version writes such a row.
    static func bytes(
        of statement: PreparedStatement, form formIndex: Int32, value valueIndex: Int32
    ) throws -> [UInt8]? {
        guard let form = Form(rawValue: try statement.integer(at: formIndex)) else { return nil }
        switch form {
        case .none: return []
        case .bool: return CellValue.bool(try statement.integer(at: valueIndex) != 0).encoded
        case .integer: return CellValue.integer(try statement.integer(at: valueIndex)).encoded
        case .text: return try statement.text(at: valueIndex, after: CellValue.textTag)
        case .bytes: return try statement.blob(at: valueIndex, after: CellValue.bytesTag)
        case .amount:
            var writer = ByteWriter()
            writer.varint(UInt64(bitPattern: try statement.integer(at: valueIndex)))
            return writer.bytes
        case .raw: return try statement.blob(at: valueIndex)
        }
    }
}
