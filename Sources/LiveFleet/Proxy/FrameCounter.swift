/// Counts the frames in a stream of bytes: a length as a varint, then as many bytes.
///
/// It looks at lengths only. From the first length that no frame of the protocol has it counts
/// nothing more.
struct FrameCounter: Sendable {
    private enum Place {
        case length(partial: UInt64, shift: UInt64)
        case body(left: UInt64)
        case lost
    }

    /// Longer than any frame may be.
    private static let lengthMax: UInt64 = 1 << 30

    private var place = Place.length(partial: 0, shift: 0)
    /// Frames that came to their end.
    private(set) var frames: UInt64 = 0

    mutating func take(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while let byte = rest.first {
            switch place {
            case .length(let partial, let shift):
                rest = rest.dropFirst()
                take(lengthByte: byte, partial, shift)
            case .body(let left):
                let taken = min(left, UInt64(rest.count))
                rest = rest.dropFirst(Int(taken))
                proceed(left: left - taken)
            case .lost: return
            }
        }
    }

    private mutating func take(lengthByte byte: UInt8, _ partial: UInt64, _ shift: UInt64) {
        let length = partial | UInt64(byte & 0x7f) << shift
        guard length <= Self.lengthMax, shift <= 28 else {
            place = .lost
            return
        }
        if byte < 0x80 {
            proceed(left: length)
        } else {
            place = .length(partial: length, shift: shift + 7)
        }
    }

    private mutating func proceed(left: UInt64) {
        guard left == 0 else {
            place = .body(left: left)
            return
        }
        frames += 1
        place = .length(partial: 0, shift: 0)
    }
}
