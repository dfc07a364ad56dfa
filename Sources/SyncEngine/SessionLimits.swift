import ReplicaModel

/// Every limit of the protocol and of a session, in one place.
///
/// Sizes are in bytes.
public struct SessionLimits: Hashable, Sendable {
    /// The largest frame before both preambles have been exchanged.
    public var preambleFrameBytesMax = 256
    /// The largest frame afterwards, as it stands on the wire.
    public var frameBytesMax = 1 << 20
    /// The largest body of a frame after it has been inflated.
    public var inflatedBytesMax = 8 << 20
    /// The most that a body may grow by being inflated, as a factor; small bodies may grow to
    /// ``inflatedFloor`` in any case.
    public var inflationRatioMax = 64
    /// What any compressed body may inflate to, whatever its ratio.
    public var inflatedFloor = 16 << 10
    /// How much of a segment goes into one chunk, counted in canonical bytes of its cells.
    ///
    /// One cell may be larger than that and is then a chunk of its own.
    public var chunkBytes = 16 << 10
    /// The most cells in one chunk.
    public var chunkCellsMax = 10_000
    /// The most cells of different shape in one segment: collection, field, kind and form.
    ///
    /// Beyond that a cell has a chunk of its own, which says its shape itself.
    public static let shapesMax = 1024
    /// The most that the segments which are arriving may hold together, counted as above: they are
    /// kept in memory until they are whole.
    public var segmentBytesMax = 64 << 20
    /// The most writers in one vector.
    public var vectorEntriesMax = Segment.writersMax
    /// How far the search for what differs in equal replicas goes.
    public var sketch = SketchLimits()
    /// How long the other side may take until its greeting has arrived.
    public var greetingTimeout: Duration = .seconds(10)
    /// How long the other side may take to acknowledge a segment, or to complete one it began.
    public var progressTimeout: Duration = .seconds(30)
    /// After how long without a word the other side is asked for a sign of life.
    ///
    /// It then has ``progressTimeout`` to answer. Never by default: it costs bytes.
    public var heartbeatInterval: Duration?
    /// How many writes the other side may say that it holds of segments that were cut off.
    public var stagedWritesMax = 1 << 20
    /// For how long parts of a segment that is not whole are gathered before they are kept durably,
    /// each time in a transaction.
    ///
    /// A cut keeps them at once; only the end of the process loses what is gathered.
    public var stagingDelay: Duration = .milliseconds(250)
    /// How long after a push local changes are gathered; the first one after that goes at once.
    public var pushDelay: Duration = .milliseconds(50)
    /// How much longer usage waits that nothing else is news with; not at all by default.
    ///
    /// On a link where every byte is paid for many counts then go for the price of one.
    public var usageDelay: Duration = .zero
    /// How many bytes may pass in a session, both directions together, of which each side may send
    /// half; any number by default.
    ///
    /// The most urgent lane goes first. What does not fit any more ends the session, and the next
    /// one goes on where it ended. At least a few kilobytes, or nothing gets through.
    public var byteBudget: Int?
    /// How many writes each side has to have that the other lacks for a responder to let the
    /// initiator send first, if its edits are later: it takes half a round trip.
    public var yieldedWritesMin: UInt64 = 8
    /// How long an initiator waits before it passes on what it heard elsewhere; a responder waits
    /// twice as long.
    ///
    /// In a mesh most of it reaches the peer directly meanwhile, and each link carries a write in
    /// one direction only.
    public var relayDelay: Duration = .milliseconds(250)

    /// The limits of version 1.
    public init() {}
}
