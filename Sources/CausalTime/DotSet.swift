/// A set of writes, kept as runs of sequences.
///
/// Made for what a replica holds beside its vector, such as the part of a segment that arrived
/// before a cut: writes of few writers, most of them one after another.
public struct DotSet: Hashable, Sendable {
    /// The runs of one writer.
    public struct Entry: Hashable, Sendable {
        /// The writer.
        public let writer: WriterID
        /// Ascending, not empty, and with a gap between any two.
        public fileprivate(set) var runs: [ClosedRange<UInt64>]
    }

    /// The writers that have writes in the set, ascending.
    public private(set) var entries: [Entry] = []

    /// The empty set.
    public init() {}

    /// Makes a set of dots in any order, which may repeat.
    ///
    /// Costs sorting them.
    public init(_ dots: some Sequence<Dot>) {
        for dot in dots.sorted() { append(dot) }
    }

    /// Adds runs that follow all that is there.
    ///
    /// - Returns: Whether they do: writer after writer, each run at least two above the one before.
    public mutating func append(
        _ runs: [ClosedRange<UInt64>], of writer: WriterID
    ) -> Bool {
        guard let first = runs.first, first.lowerBound > 0,
            entries.last.map({ $0.writer < writer }) ?? true,
            zip(runs, runs.dropFirst()).allSatisfy({ $0.upperBound < $1.lowerBound - 1 })
        else { return false }
        entries.append(Entry(writer: writer, runs: runs))
        return true
    }

    private mutating func append(_ dot: Dot) {
        guard entries.last?.writer == dot.writer, let last = entries[entries.count - 1].runs.last
        else {
            entries.append(Entry(writer: dot.writer, runs: [dot.sequence...dot.sequence]))
            return
        }
        let place = (entries.count - 1, entries[entries.count - 1].runs.count - 1)
        if last.upperBound == dot.sequence { return }
        if last.upperBound + 1 == dot.sequence {
            entries[place.0].runs[place.1] = last.lowerBound...dot.sequence
        } else {
            entries[place.0].runs.append(dot.sequence...dot.sequence)
        }
    }

    /// Whether nothing is in the set.
    public var isEmpty: Bool { entries.isEmpty }

    /// How many writes are in the set.
    public var count: Int {
        entries.reduce(0) { sum, entry in
            sum
                + entry.runs.reduce(0) {
                    $0 + Int(clamping: $1.upperBound - $1.lowerBound) + 1
                }
        }
    }

    /// Whether a write is in the set; costs the logarithm of the number of writers and of runs.
    public func contains(_ dot: Dot) -> Bool {
        let place = entries.partitioningIndex { $0.writer >= dot.writer }
        guard place < entries.count, entries[place].writer == dot.writer else { return false }
        let runs = entries[place].runs
        let run = runs.partitioningIndex { $0.upperBound >= dot.sequence }
        return run < runs.count && runs[run].contains(dot.sequence)
    }

    /// Every write, ascending by writer and sequence.
    ///
    /// A set that came from elsewhere can name far more writes than anybody holds: to be used only
    /// on one whose ``count`` has been looked at.
    public var dots: [Dot] {
        entries.flatMap { entry in
            entry.runs.flatMap { run in
                run.map { Dot(writer: entry.writer, sequence: $0) }
            }
        }
    }
}

extension Array {
    /// The first place whose element fulfils what all after it fulfil, too.
    fileprivate func partitioningIndex(where isRight: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isRight(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
