import Foundation
internal import GRDB
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

    let form: Form
    let value: DatabaseValue

    /// The stored form of a cell's bytes.
    init(_ cell: Cell) {
        guard !cell.value.isEmpty else {
            (form, value) = (.none, .null)
            return
        }
        switch cell.kind {
        case .counter:
            var reader = ByteReader(cell.value)
            if let amount = reader.onlyVarint() {
                (form, value) = (.amount, Int64(bitPattern: amount).databaseValue)
                return
            }
        case .maximum, .unknown: break
        case .register, .row, .fact, .sibling, .vector, .uniqueRow:
            switch CellValue(encoded: cell.value) {
            case .bool(let bool):
                (form, value) = (.bool, (bool ? 1 : 0).databaseValue)
                return
            case .integer(let integer):
                (form, value) = (.integer, integer.databaseValue)
                return
            case .text(let text) where !text.utf8.contains(0):
                (form, value) = (.text, text.databaseValue)
                return
            case .bytes(let bytes):
                (form, value) = (.bytes, Data(bytes).databaseValue)
                return
            case .text, nil: break
            }
        }
        (form, value) = (.raw, Data(cell.value).databaseValue)
    }

    /// The bytes that stand in a row; nothing if no version writes such a row.
    static func bytes(of row: Row, form formIndex: Int, value valueIndex: Int) throws -> [UInt8]? {
        guard let form = Form(rawValue: try row.decode(Int64.self, atIndex: formIndex)) else {
            return nil
        }
        switch form {
        case .none: return []
        case .bool:
            return CellValue.bool(try row.decode(Int64.self, atIndex: valueIndex) != 0).encoded
        case .integer:
            return CellValue.integer(try row.decode(Int64.self, atIndex: valueIndex)).encoded
        case .text: return CellValue.text(try row.decode(String.self, atIndex: valueIndex)).encoded
        case .bytes:
            return CellValue.bytes(Array(try row.decode(Data.self, atIndex: valueIndex))).encoded
        case .amount:
            var writer = ByteWriter()
            writer.varint(
                UInt64(bitPattern: try row.decode(Int64.self, atIndex: valueIndex)))
            return writer.bytes
        case .raw: return Array(try row.decode(Data.self, atIndex: valueIndex))
        }
    }
}
