public import CausalTime

/// How much has been used: per period and writer a number that only grows, and its sum.
///
/// Every entry is written by one writer alone, so the larger of two values is the later one and no
/// increment is ever lost or counted twice, however often and in whichever order states meet. An
/// entry is never reset: a new period is a new key. A measurement is a fact; nothing here refuses.
///
/// Source: C. Baquero, P. S. Almeida et al., "Making Operation-based CRDTs Operation-based" calls
/// it G-Counter. Difference: the period is part of the key.
public struct UsageCounter<Period: Hashable & Sendable>: Mergeable {
    /// Names one entry.
    public struct Key: Hashable, Sendable {
        /// The billing period, agreed by the fleet in advance.
        public let period: Period
        /// The only writer of the entry.
        public let writer: WriterID

        /// Names an entry.
        public init(period: Period, writer: WriterID) {
            self.period = period
            self.writer = writer
        }
    }

    /// The entries; a missing one counts as 0.
    public private(set) var entries: [Key: UInt64] = [:]

    /// A counter at 0.
    public init() {}

    /// Adds what `writer` measured.
    ///
    /// Stops at `UInt64.max` rather than wrap.
    public mutating func record(_ amount: UInt64, in period: Period, by writer: WriterID) {
        guard amount > 0 else { return }
        let key = Key(period: period, writer: writer)
        entries[key] = (entries[key] ?? 0).addingClamped(amount)
    }

    /// Takes in one entry as another replica holds it.
    public mutating func merge(_ amount: UInt64, for key: Key) {
        guard amount > 0 else { return }
        entries[key] = max(entries[key] ?? 0, amount)
    }

    /// Takes the larger value of every entry.
    public mutating func merge(_ other: Self) {
        for (key, amount) in other.entries { merge(amount, for: key) }
    }

    /// The sum over all writers in one period.
    ///
    /// Linear in the number of entries.
    public func total(in period: Period) -> UInt64 {
        entries.reduce(0) { $1.key.period == period ? $0.addingClamped($1.value) : $0 }
    }
}

extension UInt64 {
    /// The sum, or the largest value where it would not fit: hostile bytes must not trap.
    package func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
