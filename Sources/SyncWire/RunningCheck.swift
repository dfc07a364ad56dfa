import CausalTime

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

/// What the two directions of a connection have in common, as one of its sides knows it.
package struct BothDirections: Sendable {
    /// The writers that either direction has named.
    package var writers = WriterTable()
    /// The state of the outgoing check after our hello; 0 before.
    var sentGreeting: UInt64 = 0
    /// The state of the incoming check after the peer's hello; 0 before.
    ///
    /// What answers a hello is no good for another one: it may name writers that the hello
    /// introduced, and which cells a segment has depends on what the hello said was there. So the
    /// checks of what may answer one depend on it. An initiator's hello answers nothing: this is 0
    /// when it is sent.
    var readGreeting: UInt64 = 0

    /// Nothing has passed yet.
    package init() {}
}

extension MessageType {
    /// Whether a message answers the other side's hello, if there was one.
    var answersGreeting: Bool { self == .hello || self == .chunk || self == .acknowledgement }
}
