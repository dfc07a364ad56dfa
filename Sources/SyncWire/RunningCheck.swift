import CausalTime
import SyncEngine

/// What the frames of one direction come to, so that each shows whether all before it arrived,
/// once, in their order and unchanged.
struct RunningCheck: Sendable {
    /// How many bytes at the end of a frame are its check.
    static let byteCount = 4

    /// The hash of all frames so far; 0 before the first.
    private(set) var state: UInt64 = 0
    /// Whether nothing has been taken in yet.
    private(set) var isFresh = true

    /// Takes in the next frame.
    ///
    /// - Parameters:
    ///   - frame: Its length, head and body as they are on the wire, without the check.
    ///   - greeting: What it answers, see ``BothDirections/readGreeting``; 0 if nothing.
    mutating func take(_ frame: [UInt8], answering greeting: UInt64) {
        state = StableHash.hash64(frame, key: (state, greeting))
        isFresh = false
    }

    /// What the frame that was taken in last ends with: the lower half of the state, big-endian.
    var bytes: [UInt8] {
        (0..<Self.byteCount).map {
            UInt8(truncatingIfNeeded: state >> UInt64(8 * (Self.byteCount - 1 - $0)))
        }
    }
}

/// The segments that a side sends right after its greeting, before it has read the other's.
struct EarlySegments: Sendable {
    private var left: Int

    /// As many as a greeting announces.
    init(count: Int = 0) { left = count }

    /// Whether all have passed.
    var isOver: Bool { left == 0 }

    /// Takes note of a frame.
    mutating func pass(_ head: FrameHead) {
        if head.type == .chunk, head.bits & ChunkBits.isLast != 0, left > 0 { left -= 1 }
    }
}
