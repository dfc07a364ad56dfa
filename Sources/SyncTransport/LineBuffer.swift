import NIOCore

/// Cuts bytes into lines.
struct LineBuffer {
    /// The longest line, in bytes; the newline not counted.
    static let lineBytesMax = 1 << 20

    private var bytes: [UInt8] = []
    /// Up to where there is known to be no newline.
    private var searched = 0

    mutating func feed(_ buffer: ByteBuffer) { bytes += buffer.readableBytesView }

    /// The next line; nothing if there is no whole one yet.
    mutating func next() throws(SyncError) -> String? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            guard bytes.count <= Self.lineBytesMax else { throw Self.tooLong }
            return nil
        }
        guard end <= Self.lineBytesMax else { throw Self.tooLong }
        guard let line = String(validating: bytes[..<end], as: UTF8.self) else {
            throw SyncError(.refused, "a line that is not UTF-8")
        }
        bytes.removeSubrange(...end)
        searched = 0
        return line
    }

    private static var tooLong: SyncError {
        SyncError(.refused, "a line of more than \(lineBytesMax) bytes")
    }
}
