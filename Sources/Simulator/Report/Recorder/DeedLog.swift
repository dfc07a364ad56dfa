import CausalTime
import ReplicaModel

/// A write by which a person or a meter said something, as a page tells of it.
struct RecordedDeed {
    /// What it is about, such as a profile.
    let row: String
    /// Which part of that; nothing if it is about the whole.
    let field: String?
    let device: Int
    let text: String
    let lane: Lane
    let dot: Dot
    /// What its author had seen.
    let before: LaneVectors

    /// Whether the two say different things of one thing, and neither author knew of the other.
    func conflicts(with other: RecordedDeed) -> Bool {
        guard row == other.row, field == nil || other.field == nil || field == other.field
        else { return false }
        return !before[other.lane].contains(other.dot) && !other.before[lane].contains(dot)
    }
}

/// Finds where writes meet that did not know of each other, without reading any replica: looking at
/// one would change what its disk does next.
struct DeedLog {
    /// Two deeds that no replica has seen both of, as far as is known.
    struct Conflict {
        let one: RecordedDeed
        let other: RecordedDeed
    }

    private var deeds: [String: [RecordedDeed]] = [:]
    private var pending: [Conflict] = []
    private static let deedsMax = 24
    private static let pendingMax = 512

    mutating func append(_ deed: RecordedDeed) {
        var known = deeds[deed.row] ?? []
        for other in known where other.conflicts(with: deed) {
            pending.append(Conflict(one: other, other: deed))
        }
        known.append(deed)
        deeds[deed.row] = known.suffix(Self.deedsMax)
        if pending.count > Self.pendingMax { pending.removeFirst(pending.count - Self.pendingMax) }
    }

    /// The conflicts that a replica now holds both sides of, each reported once.
    mutating func conflicts(in seen: LaneVectors) -> [Conflict] {
        guard !pending.isEmpty else { return [] }
        func holds(_ deed: RecordedDeed) -> Bool { seen[deed.lane].contains(deed.dot) }
        let met = pending.filter { holds($0.one) && holds($0.other) }
        if !met.isEmpty { pending.removeAll { holds($0.one) && holds($0.other) } }
        return met
    }
}
