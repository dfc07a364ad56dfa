import CausalTime
import PlantedBugs

/// A 64-bit sum of the hashes of all cells that count: equal states have equal digests, and a
/// change of one cell costs the hash of that cell.
///
/// What does not count is what only keeps order and will be forgotten: deleted rows, siblings that
/// another has taken the place of, vectors that a frontier is made of. So replicas that have seen
/// the same have the same digest whether they have forgotten yet or not; only what a whole
/// collection forgets (see ``Forgetting``) shows, and that is the same at the same frontier.
///
/// Equal digests mean equal states but for a chance of 2⁻⁶⁴; they say nothing of the vectors. Not a
/// defence against someone who constructs a collision.
public struct Digest: Hashable, Sendable {
    /// The sum, modulo 2⁶⁴.
    public private(set) var value: UInt64

    /// Continues from a sum; 0 is the digest of nothing.
    public init(value: UInt64 = 0) { self.value = value }

    /// Takes a cell in.
    public mutating func insert(_ cell: Cell) { value &+= cell.digestShare }

    /// Takes a cell out that had been taken in.
    public mutating func remove(_ cell: Cell) {
        guard !PlantedBug.digestIgnoresRemoval.isPlanted else { return }
        value &-= cell.digestShare
    }

    /// The digest of two states that have no cell in common.
    public static func + (left: Digest, right: Digest) -> Digest {
        Digest(value: left.value &+ right.value)
    }
}

extension Digest: CustomStringConvertible {
    /// The 16 lowercase hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Cell {
    /// What the cell adds to the digest, if it counts.
    package var digestShare: UInt64 { StableHash.hash64(canonicalBytes) }

    /// The bytes that the digest hashes; Protocol/caravan-sync-v1.md says them byte by byte.
    ///
    /// A cell's owner is its writer and is not written twice; a context only keeps order.
    package var canonicalBytes: [UInt8] {
        var out = ByteWriter(reserving: 64 + key.row.count + key.item.count + value.count)
        out.byte(key.lane.rawValue)
        out.varint(UInt64(key.collection.rawValue))
        out.varint(UInt64(key.field.rawValue))
        out.byte(kind.rawValue)
        out.counted(key.row)
        out.counted(key.item)
        out.fixed64(dot.writer.high)
        out.fixed64(dot.writer.low)
        out.varint(dot.sequence)
        out.varint(UInt64(timestamp.epoch))
        out.varint(timestamp.ticks)
        out.varint(causalLength)
        out.counted(value)
        return out.bytes
    }
}

extension Cell {
    /// Whether the cell counts for the digest, given the other siblings of its place.
    package func counts(among siblings: Siblings?) -> Bool {
        switch kind {
        case .row, .uniqueRow: !causalLength.isMultiple(of: 2)
        case .sibling: siblings?.isVisible(self) ?? !value.isEmpty
        case .vector: false
        case .register, .counter, .fact, .maximum, .unknown: true
        }
    }
}
