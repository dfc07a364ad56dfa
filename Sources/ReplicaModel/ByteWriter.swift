/// Appends integers and bytes in the encodings that storage, digest and wire share.
package struct ByteWriter {
    /// What has been written.
    package private(set) var bytes: [UInt8]

    package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    /// Makes room for as many bytes as will be needed.
    package init(reserving count: Int) {
        bytes = []
        bytes.reserveCapacity(count)
    }

    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits a byte, the lowest first, the top bit set on all but the last (LEB128).
    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Eight bytes, the highest first.
    package mutating func fixed64(_ value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func raw(_ value: [UInt8]) { bytes.append(contentsOf: value) }

    /// The number of bytes as a varint, then the bytes.
    package mutating func counted(_ value: [UInt8]) {
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }
}

extension Int64 {
    /// Small numbers of either sign as small unsigned ones: 0, −1, 1, −2 become 0, 1, 2, 3.
    package var zigzag: UInt64 { UInt64(bitPattern: (self << 1) ^ (self >> 63)) }
}

extension UInt64 {
    /// The inverse of `Int64.zigzag`.
    package var unzigzag: Int64 { Int64(bitPattern: self >> 1) ^ -Int64(bitPattern: self & 1) }
}
