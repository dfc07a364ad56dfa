import ReplicaModel
import SyncEngine

/// The three bits that the head of a frame has for a chunk.
enum ChunkBits {
    /// The segment begins here.
    static let isFirst: UInt8 = 0b001
    /// The segment is whole now.
    static let isLast: UInt8 = 0b010
    /// The segment is a snapshot.
    static let isSnapshot: UInt8 = 0b100

    static func bits(of chunk: SegmentChunk) -> UInt8 {
        (chunk.head == nil ? 0 : isFirst) | (chunk.isLast ? isLast : 0)
            | (chunk.head?.frontier == nil ? 0 : isSnapshot)
    }
}

/// The byte that a chunk begins with.
struct ChunkFlags {
    static let laneMask: UInt8 = 0b11
    static let claimShift: UInt8 = 2
    static let claimMask: UInt8 = 0b11
    /// One cell, in the form for one.
    static let isSingle: UInt8 = 0b1_0000
    /// The number of applied segments follows; otherwise it is as it was told before.
    static let hasApplied: UInt8 = 0b10_0000
    /// Epoch and counter of the clock follow; otherwise it is plain.
    static let hasWholeClock: UInt8 = 0b100_0000
    /// Writes that the receiver staged and that are no part of the segment follow.
    static let hasDropped: UInt8 = 0b1000_0000
    /// What a chunk without a head may have.
    static let ofContinuation = laneMask | isSingle
}

/// How a claim is told.
enum ClaimForm: UInt8 {
    /// As in the greeting, or in the claim before.
    case asTold = 0
    /// One entry is higher.
    case oneHigher = 1
    /// The entry that the claim before has raised is higher by one.
    case nextOfAuthor = 2
    /// Several entries are higher.
    case severalHigher = 3
}

/// The byte that describes the only cell of a chunk.
enum SingleCell {
    /// Its timestamp is the segment's clock.
    static let isAtClock: UInt8 = 0b1
    static let lifeShift: UInt8 = 1
    static let lifeMask: UInt8 = 0b11
    /// In place of a causal length of 0 or 1: it follows.
    static let lifeFollows: UInt8 = 2
    /// It is the latest write that the first of the claim's writers has.
    static let isLatest: UInt8 = 0b1000
    /// Its row is that of the last cell of the lane.
    static let isSameRow: UInt8 = 0b1_0000
    /// Its shape is that of the last cell of the lane.
    static let isSameShape: UInt8 = 0b10_0000
    /// The value is an integer, and its tag is left out.
    static let isInteger: UInt8 = 0b100_0000
    /// The value is text, and its tag is left out.
    static let isText: UInt8 = 0b1000_0000
}
