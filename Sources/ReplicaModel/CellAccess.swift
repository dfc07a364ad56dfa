public import CausalTime

/// Reads the cells of one consistent state of a replica.
///
/// What a domain means is written against this protocol and ``CellWriting``, so that it runs on any
/// store and in the simulator.
public protocol CellReading {
    /// The cell at `key`, if it is held.
    func cell(at key: CellKey) throws -> Cell?

    /// All cells of a collection, ascending by key.
    func cells(of collection: CollectionID, in lane: Lane) throws -> [Cell]

    /// All cells of a row, ascending by key; the row's own cell comes first.
    func cells(ofRow row: [UInt8], of collection: CollectionID, in lane: Lane) throws -> [Cell]

    /// What this state has seen.
    var vectors: LaneVectors { get }

    /// What every member is known to have seen; see ``Forgetting``.
    var frontier: LaneVectors { get }

    /// Whether the replica may lack something that its device has spent, because it was restored or
    /// copied: then it spends nothing, and uses no exclusive right that it seems to hold.
    var areRightsFrozen: Bool { get }

    /// The greatest timestamp that the replica has given or seen.
    var latestTimestamp: HybridTimestamp { get }
}

/// Reads and writes cells within one transaction: all of it takes effect durably, or nothing.
public protocol CellWriting: CellReading {
    /// The device whose replica this is.
    var device: DeviceID { get }

    /// The writer under which this transaction writes.
    func writer() throws -> WriterID

    /// The wall time of this transaction.
    var now: WallTime { get }

    /// Says that what this transaction writes to a lane spends what only this device may spend:
    /// rights to a pool, an exclusive right.
    ///
    /// A replica in a file marks such transactions outside of it, so that it knows after a restore
    /// whether anything is missing.
    ///
    /// - Throws: What the store throws for rights that are frozen; see
    ///   ``CellReading/areRightsFrozen``.
    func useRights(in lane: Lane) throws

    /// Writes a cell under a fresh dot and, if its kind has one, a fresh timestamp.
    ///
    /// A register whose row is gone, and anything else that ``MergeDecision`` does not accept, is
    /// the caller's mistake and throws.
    func put(_ draft: CellDraft) throws
}

/// A cell that is about to be written: the store adds dot and timestamp.
public struct CellDraft: Sendable {
    /// Where; the owner, if the kind has one, is added by the store.
    public let key: CellKey
    /// How it merges.
    public let kind: MergeKind
    /// The causal length of the row at this write; 0 where rows are not created or deleted.
    public let causalLength: UInt64
    /// The content of a vector; a sibling's context is added by the store.
    public let context: VersionVector
    /// The author's bytes.
    public let value: [UInt8]

    /// Makes a draft.
    public init(
        key: CellKey, kind: MergeKind, causalLength: UInt64 = 0,
        context: VersionVector = VersionVector(), value: [UInt8] = []
    ) {
        self.key = key
        self.kind = kind
        self.causalLength = causalLength
        self.context = context
        self.value = value
    }
}
