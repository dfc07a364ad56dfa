import PlantedBugs

/// What a replica has seen of one lane: per writer, the highest sequence such that it and all
/// before it are in effect.
///
/// A vector never has gaps, so it must only advance by whole segments: after a prefix of a delta
/// the cells that superseded a covered write may still be missing.
///
/// Entries are kept sorted by writer; a look-up costs the logarithm of the number of writers,
/// whatever compares or joins two vectors the sum of both numbers. A writer without an entry counts
/// as 0.
///
/// Source: D. S. Parker et al., "Detection of Mutual Inconsistency in Distributed Systems"
/// (IEEE TSE 1983). Difference: entries belong to writers, of which a device has several over time.
public struct VersionVector: Hashable, Sendable {
    /// One writer and its sequence, which is never 0.
    public struct Entry: Hashable, Sendable {
        /// The writer.
        public let writer: WriterID
        /// The highest sequence in effect, at least 1.
        public fileprivate(set) var sequence: UInt64
    }

    /// The entries, ascending by writer.
    public private(set) var entries: [Entry] = []

    /// A vector that has seen nothing.
    public init() {}

    /// Makes a vector of pairs in any order; of a writer named twice the higher sequence counts.
    public init(_ pairs: some Sequence<(WriterID, UInt64)>) { self.init(Array(pairs)) }

    /// Makes a vector of pairs in any order; of a writer named twice the higher sequence counts.
    public init(_ pairs: [(WriterID, UInt64)]) {
        var sorted: [Entry] = []
        sorted.reserveCapacity(pairs.count)
        for (writer, sequence) in pairs where sequence > 0 {
            sorted.append(Entry(writer: writer, sequence: sequence))
        }
        sorted.sort { ($0.writer, $0.sequence) < ($1.writer, $1.sequence) }
        for entry in sorted {
            if entries.last?.writer == entry.writer { entries.removeLast() }
            entries.append(entry)
        }
    }

    /// Whether nothing has been seen.
    public var isEmpty: Bool { entries.isEmpty }

    /// The highest sequence of `writer` in effect, or 0.
    public subscript(writer: WriterID) -> UInt64 {
        let index = position(of: writer)
        guard index < entries.count, entries[index].writer == writer else { return 0 }
        return entries[index].sequence
    }

    /// Whether the write named by `dot` is in effect.
    public func contains(_ dot: Dot) -> Bool { dot.sequence <= self[dot.writer] }

    /// Whether everything that `other` has seen has been seen here too.
    public func dominates(_ other: VersionVector) -> Bool {
        guard other.entries.count <= entries.count else { return false }
        var mine = entries.startIndex
        for entry in other.entries {
            while mine < entries.endIndex, entries[mine].writer < entry.writer { mine += 1 }
            guard mine < entries.endIndex, entries[mine].writer == entry.writer,
                entries[mine].sequence >= entry.sequence
            else { return false }
        }
        return true
    }

    /// The entries that are higher here than in `other`, ascending by writer.
    public func entries(above other: VersionVector) -> [Entry] {
        var theirs = other.entries.startIndex
        return entries.filter { entry in
            while theirs < other.entries.endIndex, other.entries[theirs].writer < entry.writer {
                theirs += 1
            }
            guard theirs < other.entries.endIndex, other.entries[theirs].writer == entry.writer
            else { return true }
            return entry.sequence > other.entries[theirs].sequence
        }
    }

    /// Raises the entry of `writer` to `sequence` unless it is as high already.
    public mutating func raise(_ writer: WriterID, to sequence: UInt64) {
        guard sequence > 0 else { return }
        let index = position(of: writer)
        if index < entries.count, entries[index].writer == writer {
            let least = PlantedBug.vectorGoesBack.isPlanted ? 0 : entries[index].sequence
            entries[index].sequence = max(least, sequence)
        } else {
            entries.insert(Entry(writer: writer, sequence: sequence), at: index)
        }
    }

    /// Takes the higher of both sequences for every writer.
    public mutating func merge(_ other: VersionVector) {
        // Most merges change little or nothing; only many entries are worth going through all.
        guard other.entries.count > 4 else {
            for entry in other.entries { raise(entry.writer, to: entry.sequence) }
            return
        }
        guard !dominates(other) else { return }
        var merged: [Entry] = []
        merged.reserveCapacity(max(entries.count, other.entries.count))
        var (mine, theirs) = (entries[...], other.entries[...])
        while let left = mine.first, let right = theirs.first {
            merged.append(
                left.writer == right.writer
                    ? (left.sequence < right.sequence ? right : left)
                    : (left.writer < right.writer ? left : right))
            if left.writer <= right.writer { mine = mine.dropFirst() }
            if right.writer <= left.writer { theirs = theirs.dropFirst() }
        }
        entries = merged + mine + theirs
    }

    /// The result of ``merge(_:)`` as a new vector.
    public func merging(_ other: VersionVector) -> VersionVector {
        var result = self
        result.merge(other)
        return result
    }

    /// The lower of both sequences for every writer: what both have seen.
    public func meet(_ other: VersionVector) -> VersionVector {
        var result = VersionVector()
        var theirs = other.entries.startIndex
        for entry in entries {
            while theirs < other.entries.endIndex, other.entries[theirs].writer < entry.writer {
                theirs += 1
            }
            guard theirs < other.entries.endIndex else { break }
            guard other.entries[theirs].writer == entry.writer else { continue }
            let sequence = min(entry.sequence, other.entries[theirs].sequence)
            result.entries.append(Entry(writer: entry.writer, sequence: sequence))
        }
        return result
    }

    /// How many writes have been seen, by all writers together.
    package var total: UInt64 { entries.reduce(0) { $0 &+ $1.sequence } }

    private func position(of writer: WriterID) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].writer < writer { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension VersionVector: CustomStringConvertible {
    /// The entries as in `{3fa9c011:42 80be11d2:7}`.
    public var description: String {
        "{" + entries.map { "\($0.writer.abbreviated):\($0.sequence)" }.joined(separator: " ") + "}"
    }
}

extension VersionVector {
    /// Whether the entries are sorted, unique and positive.
    ///
    /// For tests and checks at borders.
    package var isWellFormed: Bool {
        zip(entries, entries.dropFirst()).allSatisfy { $0.writer < $1.writer }
            && entries.allSatisfy { $0.sequence > 0 }
    }
}
