import Foundation

/// What the first bytes of a database file say of it.
///
/// They can be read without a connection, which would read the schema first. They hold only while
/// there is no log, whose first page may be a newer one.
///
/// Source: SQLite, "Database File Format", section 1.3.
struct DatabaseHeader {
    private static let byteCount = 100
    private static let magic = Array("SQLite format 3\0".utf8)

    /// The number of the application that made the file.
    let applicationID: Int32
    /// The version that the application gave its schema.
    let userVersion: Int32

    /// Reads a file; nothing if it does not begin as one that is written through a log.
    init?(at path: String) throws {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { file.closeFile() }
        let bytes = Array(try file.read(upToCount: Self.byteCount) ?? Data())
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic),
            bytes[18] == 2, bytes[19] == 2
        else { return nil }
        applicationID = Self.integer(bytes[68..<72])
        userVersion = Self.integer(bytes[60..<64])
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int32 {
        Int32(bitPattern: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }
}
